"""What can go wrong with layouts beyond a broken one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streamsync_django.core.errors import LayoutError, StreamsyncError


@dataclass(frozen=True, slots=True)
class Conflict:
    """One part of a component that somebody else changed since the version an edit builds on."""

    component_id: str
    #: ``place``, ``visible``, ``binding``, ``content.<field>``, ``handlers.<event>``, ``added``, ``deleted``, ``type``.
    part: str
    who: str
    when: datetime
    version: int

    def __str__(self) -> str:
        what = {"place": "was moved", "added": "was added", "deleted": "was deleted"}
        done = what.get(self.part, f"`{self.part}` was changed")
        return (
            f"component {self.component_id!r} {done} by {self.who} "
            f"at {self.when:%Y-%m-%d %H:%M:%S} (version {self.version})"
        )


class EditConflict(LayoutError):
    """Raised when an edit would overwrite what somebody else has changed meanwhile; nothing was applied."""

    def __init__(self, conflicts: Sequence[Conflict], version: int) -> None:
        super().__init__([str(conflict) for conflict in conflicts])
        self.conflicts = tuple(conflicts)
        #: The draft's version now: load it and try again.
        self.version = version


class OutdatedEdit(LayoutError):
    """Raised when an edit builds on a version whose successors are no longer known: load the draft again."""

    def __init__(self, base: int, version: int) -> None:
        super().__init__(
            [f"the edit builds on version {base} and the draft is at {version}: load the draft again"]
        )
        self.version = version


class OperationError(LayoutError):
    """Raised when an operation does not fit the layout it is applied to."""


class MissingComponent(OperationError):
    """Raised when an operation names a component that is not there."""

    def __init__(self, component_id: str) -> None:
        super().__init__([f"there is no component {component_id!r}"])
        self.component_id = component_id


class UnmanagedLayout(StreamsyncError):
    """Raised when a draft, revision or application is asked for that the database does not have."""


class LayoutsUnavailable(StreamsyncError):
    """Raised when the database did not answer; nothing was changed."""
