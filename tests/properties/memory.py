"""Does it leave anything behind? Asked of memory itself, not of the places where one would look."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable


def blocks() -> int:
    """Return how many blocks of memory Python's objects hold now, garbage collected."""
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()


def growth(act: Callable[[bytes], object], early: Iterable[bytes], late: Iterable[bytes]) -> int:
    """Return how many blocks more there are after the late cases than after the early ones.

    The early ones fill what is filled once: caches, interned texts, the log of the newest entries.
    """
    for code in early:
        act(code)
    before = blocks()
    for code in late:
        act(code)
    return blocks() - before
