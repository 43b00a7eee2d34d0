"""The one port to durable state: what every session store promises.

All methods are synchronous and may be called from any thread. Nothing but `commit` writes the state of a live
session, and only its owner commits: one writer, told apart from its predecessors by the epoch.
A store that did not answer raises `StoreUnavailable`; every method may then simply be called again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from streamsync_django.core.errors import SessionError, StoreError
from streamsync_django.stores.records import (
    Blob,
    Commit,
    Committed,
    Diagnosis,
    ElementPath,
    ElementWrite,
    NewSession,
    RefusalReason,
    Refused,
    SessionSummary,
    SharedState,
    StoredElement,
    StoredMail,
    StoredSession,
)

__all__ = [
    "BLOB_GRACE_SECONDS",
    "MAX_PUSHES",
    "PUSH_LIFE_SECONDS",
    "SHARED_LIFE_SECONDS",
    "Blob",
    "Commit",
    "Committed",
    "Diagnosis",
    "ElementPath",
    "ElementWrite",
    "NewSession",
    "RefusalReason",
    "Refused",
    "SessionHeld",
    "SessionStore",
    "SessionSummary",
    "SharedState",
    "StoreFull",
    "StoredElement",
    "StoredMail",
    "StoredSession",
]

#: How long a blob is kept after its last holder let go: a browser may be about to fetch it.
BLOB_GRACE_SECONDS = 60.0

#: How many pushes of an application are kept, and for how long after the last of them.
MAX_PUSHES = 1000
PUSH_LIFE_SECONDS = 7 * 24 * 3600.0

#: How long what sessions share is kept after it was last read or written.
SHARED_LIFE_SECONDS = 30 * 24 * 3600.0


class StoreFull(StoreError):
    """Raised when the store takes no more bytes: give it more memory, or shorten SESSION_TTL."""


class SessionHeld(SessionError):
    """Raised when a claim was to spare running handlers, and `owner` has some; `epoch` is the owner's."""

    def __init__(self, session_id: str, owner: str, epoch: int) -> None:
        super().__init__(f"session {session_id}: handlers are running at its owner {owner}")
        self.owner = owner
        self.epoch = epoch


class SessionStore(Protocol):
    """Keeps sessions, their bases and their blobs, each until its time to live is over."""

    is_shared: bool
    """Several processes see the same sessions; without it a session cannot leave its process."""

    stores_elements: bool
    """Elements outlive their process; without it live sessions are kept as they are and need not be encoded."""

    # One session's life

    def create(self, new: NewSession) -> int:
        """Store a new session at version 0 and return its epoch, which is 1.

        Asking again with the same id and owner is harmless until the first commit; an id in use otherwise
        raises `StoreError`, a store without room `StoreFull`.
        """

    def claim(self, session_id: str, owner: str, *, spare_running: bool = False) -> StoredSession | None:
        """Make `owner` the session's owner: raise the epoch and return everything, in one atomic step.

        None when there is no such session. With `spare_running`, a session whose other owner has running
        handlers stays there and `SessionHeld` is raised. Works in a store that is full.
        """

    def read(self, session_id: str) -> StoredSession | None:
        """Return everything of a session and leave it to its owner; None when there is no such session."""

    def commit(self, commits: Sequence[Commit]) -> list[Committed | Refused]:
        """Write each commit in one atomic step, all commits in one round trip, and answer in their order.

        A commit is refused, and nothing of it written, unless its epoch and expected version are current.
        One refusal never touches the others. When `StoreUnavailable` is raised, some may be stored: send
        the same commits again, those already stored succeed without being written twice.
        """

    def restore(self, session: StoredSession, owner: str, ttl_seconds: float) -> bool:
        """Write a whole session from its owner's memory, after the store was lost or went back in time.

        False, and nothing written, when the store has this session newer (by epoch, then version) or at the
        same point from another owner.
        """

    def touch(self, session_ids: Iterable[str], ttl_seconds: float) -> set[str]:
        """Start the time to live of these sessions afresh, and return those that exist."""

    def end(self, session_id: str) -> bool:
        """Forget a session at once; its owner's next commit is refused as gone. False if there was none."""

    # Looking at sessions

    def peek(self, session_id: str) -> SessionSummary | None:
        """Return a session's summary without disturbing it or keeping it alive."""

    def sessions(self, application: str | None = None, limit: int = 100) -> Sequence[SessionSummary]:
        """Return live sessions, of one application or of all, roughly the latest active first."""

    # Bases and blobs, kept once however many sessions hold them

    def put_base(
        self,
        digest: str,
        data: bytes,
        ttl_seconds: float,
        blobs: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> None:
        """Store an initial state and the blobs it refers to; sessions that began with it keep both alive."""

    def get_base(self, digest: str) -> bytes | None:
        """Return an initial state, or None when nobody has used it for its time to live."""

    def put_blobs(self, session_id: str, blobs: Mapping[str, tuple[str, bytes]], ttl_seconds: float) -> None:
        """Store bytes by digest (mime, data) and have the session hold them: they live as long as it does.

        Call it before committing an element that refers to them. Bytes already stored are not sent again.
        """

    def release_blobs(self, session_id: str, digests: Iterable[str]) -> None:
        """Let go of blobs the session's state no longer refers to; the last to let go starts a minute's grace."""

    def get_blob(self, digest: str) -> Blob | None:
        """Return the bytes with this digest, whoever holds them."""

    # Owners talking past each other

    def beat(self, owner: str, ttl_seconds: float) -> None:
        """Say that `owner` lives; it is taken for dead `ttl_seconds` after its last beat."""

    def living(self, owners: Iterable[str]) -> set[str]:
        """Return those of the owners whose beat is not over."""

    def post(self, session_id: str, messages: Sequence[bytes]) -> str | None:
        """Put messages into the session's inbox for whoever owns it; return the owner, None if it is gone."""

    def drain(self, session_id: str) -> list[bytes]:
        """Take everything out of the session's inbox, oldest first."""

    # What all sessions of an application have in common

    def add_push(self, application: str, data: bytes) -> int:
        """Keep a push for every instance and return its number, one more than the last push's.

        Numbers never come down, also when the store is lost. The last `MAX_PUSHES` are kept.
        """

    def last_push(self, application: str) -> int:
        """Return the number of the newest push; 0 before the first."""

    def pushes_since(self, application: str, number: int) -> list[tuple[int, bytes]]:
        """Return the kept pushes beyond `number` with their numbers, oldest first."""

    def write_shared(
        self,
        application: str,
        writes: Mapping[ElementPath, bytes | None],
        expected: tuple[str, int] | None = None,
    ) -> tuple[str, int] | None:
        """Write shared elements (None deletes one) as a new version; return life and version.

        With `expected` (a life and version), nothing is written and None returned unless they are current;
        before the first write they are ``("", 0)``.
        """

    def read_shared(self, application: str, life: str = "", since: int = 0) -> SharedState:
        """Return the shared elements changed after version `since`; all of them when the life is another."""

    # The store itself

    def use_once(self, name: str, ttl_seconds: float) -> bool:
        """Tell whether this is the first use of `name` within its time to live, on any instance."""

    def generation(self) -> str:
        """Return a random name the store keeps for as long as it keeps anything.

        A session that is gone from a store of the same generation has ended; in another one it was lost,
        and its owner may `restore` it.
        """

    def diagnose(self) -> list[Diagnosis]:
        """Look for what would lose or slow sessions; never raises, an unreachable store is a finding too."""

    def close(self) -> None:
        """Let go of connections and threads; the store is not used afterwards."""
