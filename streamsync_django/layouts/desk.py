"""The editor's desk: what a window in which somebody edits asks of a draft, and what it hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from streamsync_django.layouts.operations import AnyOperation


class NotAllowed(Exception):
    """Raised when whoever sits at the desk may not, or no longer, edit this layout."""


@dataclass(frozen=True, slots=True)
class WholeDraft:
    """A draft for a window that has nothing of it yet."""

    version: int
    #: Components in stored form, with the names of their handlers: for editors, not for visitors.
    records: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SharedEdit:
    """An accepted edit as every window hears of it: doing its operations again gives the same draft."""

    version: int
    who: str
    when: datetime
    operations: Sequence[AnyOperation]
    #: The window's own name for it, and empty in every other window.
    key: str = ""


class Desk(Protocol):
    """One window's way to one application's draft.

    The methods block while the database answers; each first asks whether the editor may edit *now*, and
    raises NotAllowed, LayoutsUnavailable, UnmanagedLayout or another LayoutError.
    """

    def whole(self) -> WholeDraft:
        """Return the draft; of an application that has none yet, its ui.json becomes it."""

    def since(self, version: int) -> list[SharedEdit]:
        """Return the edits after `version`, oldest first; OutdatedEdit when they are too many or not all known."""

    def edit(self, operations: bytes, *, base: int, key: str) -> SharedEdit:
        """Apply operations (JSON) that build on version `base`, all or none; the same key is applied once."""

    def follow(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called, in any thread, when the draft may have changed; returns what ends it. Never blocks."""
