"""What goes into a store and what comes out of it: frozen records, passed between threads as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec

#: The keys that lead to an element, outermost first.
ElementPath = tuple[str, ...]


class ElementWrite(msgspec.Struct, frozen=True):
    """One changed element; `stored` None leaves a tombstone, so that browsers far behind learn of the deletion."""

    path: ElementPath
    stored: bytes | None
    append: bool = False
    """The bytes are added to the end of those stored; after a tombstone or nothing they are a new value."""


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one commit of a session changes: all of it is written, or nothing."""

    session_id: str
    epoch: int
    expected_version: int
    """The session's version before this commit; afterwards it is one more."""
    commit_id: bytes
    """16 random bytes: the same commit sent twice succeeds once."""
    elements: Sequence[ElementWrite] = ()
    acknowledged_low: int = 0
    """Every event number up to this one is done."""
    acknowledged_above: tuple[int, ...] = ()
    """Event numbers beyond `acknowledged_low` that are done already."""
    mail: Sequence[bytes] = ()
    """New mail; it gets the version of this commit."""
    mail_read: int = 0
    """Mail of this version and below has been read, and is dropped."""
    running: Mapping[int, bytes] | None = None
    """The marks of running handlers by event number, replacing those stored; None leaves them alone."""
    forget: Sequence[ElementPath] = ()
    """Tombstones nobody needs any more."""
    forgotten_version: int | None = None
    """The highest version among all tombstones ever forgotten; None leaves the stored number alone."""
    pushed: int | None = None
    """Up to which number the session has had its application's pushes; None leaves the stored number alone."""
    ttl_seconds: float


class Committed(msgspec.Struct, frozen=True):
    """The commit is stored, and the session is at `version` now."""

    version: int


RefusalReason = Literal["epoch", "version", "gone", "full", "failed"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of the commit is stored, and sending it again would not help.

    `epoch`: another owner has the session. `version`: the stored state is not the one the commit builds on.
    `gone`: the session has ended or expired, or the store was lost (compare `generation`). `full`: the store
    takes no more bytes. `failed`: the store could not make sense of this commit; its log says why.
    """

    reason: RefusalReason
    epoch: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What a session is born with; its state is the base's."""

    session_id: str
    application: str
    visitor: str
    base_digest: str
    layout_revision: str
    owner: str
    """The instance that may commit."""
    info: bytes = b""
    """The caller's own notes, handed back as they are."""
    pushed: int = 0
    """The number of the application's newest push before the session began."""
    ttl_seconds: float


@dataclass(frozen=True, slots=True)
class StoredElement:
    """An element with the version of its last change; `stored` None is a tombstone."""

    path: ElementPath
    version: int
    stored: bytes | None


class StoredMail(NamedTuple):
    """One unread mail and the version it came with."""

    version: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A whole session, as a new owner takes it over; elements in no particular order, mail oldest first."""

    session_id: str
    epoch: int
    version: int
    application: str
    visitor: str
    base_digest: str
    layout_revision: str
    elements: list[StoredElement] = field(default_factory=list)
    acknowledged_low: int = 0
    acknowledged_above: tuple[int, ...] = ()
    mail: list[StoredMail] = field(default_factory=list)
    running: dict[int, bytes] = field(default_factory=dict)
    forgotten_version: int = 0
    """Tombstones up to this version may be missing: a browser at or below it needs a snapshot."""
    created_at: float
    """Seconds since 1970, by the clock of the instance that made it."""
    info: bytes = b""
    pushed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """What a list of live sessions shows of one."""

    session_id: str
    application: str
    visitor: str
    owner: str
    epoch: int
    version: int
    base_digest: str
    layout_revision: str
    running: dict[int, bytes]
    created_at: float
    idle_seconds: float
    """How long ago it was last committed, touched or claimed."""
    info: bytes


class SharedState(NamedTuple):
    """What all sessions of an application share, from some version on."""

    life: str
    """A random name; another one than before means that the store had lost what it had."""
    version: int
    elements: list[StoredElement]


class Blob(NamedTuple):
    """Bytes too large for an element or a frame, addressed by their digest."""

    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing an operator should know about the store, and what to do about it."""

    level: Literal["error", "warning", "info"]
    message: str
    hint: str = ""
