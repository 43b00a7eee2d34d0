"""Who a session deals with: its visitor, and its visitor's browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from streamsync_django.core.changes import Patch
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import Outcome
from streamsync_django.core.files import Binary
from streamsync_django.runtime.drafts import EncodedMail
from streamsync_django.stores.records import Commit


class Connection(Protocol):
    """The browser's end of a session, as far as the session cares; called on the event loop."""

    def wake(self) -> None:
        """There is something new to send."""

    def end(self, code: int) -> None:
        """Close the socket: the session is no longer here."""

    def draw(self, tree: ComponentTree) -> None:
        """The application has another layout."""

    def refuse(self, numbers: Sequence[int], code: str, message: str) -> None:
        """Events were not done, and will not be: tell the visitor why."""


class CommitQueue(Protocol):
    """Takes a session's commits; answers come through `LiveSession.settle`."""

    def submit(self, commit: Commit) -> None:
        """Send a commit; from any thread."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a session belongs to: a Django user, or an anonymous cookie."""

    id: str
    user: Any = None


class Update(msgspec.Struct, frozen=True):
    """Everything a browser at one version needs to be at another."""

    patch: Patch | None
    snapshot: tuple[bytes, dict[str, Binary]] | None
    to_version: int
    #: Each with a number that no other message of the session has.
    mail: list[tuple[int, EncodedMail]]
    results: list[tuple[int, Outcome]]
    acknowledged: int
