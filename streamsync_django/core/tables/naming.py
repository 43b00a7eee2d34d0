"""What pages are called, and the column in them that counts rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ARROW_MIME: Final = "application/vnd.apache.arrow.stream"


def number_column(names: Iterable[str]) -> str:
    """Return a name for the column of row numbers that no column of the table has."""
    taken, name = set(names), "row number"
    while name in taken:
        name += "_"
    return name
