"""Tell the assignment that ``state["rows"] += more`` ends with from one that somebody writes later.

Both hand a list to the state that it already has. The first adds nothing to what the list has told of itself; the
second says that the list was changed in a way that nobody could see.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any, Final

#: A piece of code, and which of its instructions was at work.
Place = tuple[CodeType, int]
#: How many calls of ours may lie between an author's line and the state that is assigned to.
_CALLS_BETWEEN: Final = 5


def place_of(frame: FrameType) -> Place:
    """Return where a frame is."""
    return frame.f_code, frame.f_lasti


def ends(place: Place | None) -> bool:
    """Tell whether the assignment under way is the end of the ``+=`` that was at `place`."""
    if place is None:
        return False
    code, instruction = place
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_CALLS_BETWEEN):
        if frame is None:
            return False
        if frame.f_code is code:
            return frame.f_lasti - instruction in _GAPS
        frame = frame.f_back
    return False


class _Probe:
    """Learns from this interpreter how far a ``+=`` is from the assignment it ends with."""

    added: int
    gap: int

    def __iadd__(self, other: object) -> _Probe:
        object.__setattr__(self, "added", sys._getframe(1).f_lasti)
        return self

    def __getitem__(self, key: str) -> _Probe:
        return self

    def __setitem__(self, key: str, value: Any) -> None:
        object.__setattr__(self, "gap", sys._getframe(1).f_lasti - self.added)

    def __getattr__(self, name: str) -> Any:
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, "gap", sys._getframe(1).f_lasti - self.added)


def _measured() -> frozenset[int]:
    probe = _Probe()
    probe["key"] += 1
    item = probe.gap
    probe.name += 1
    return frozenset((item, probe.gap))


_GAPS: Final = _measured()
