"""The embedded default: everything in this process, nothing to install, gone with the process."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from streamsync_django.core.errors import StoreError
from streamsync_django.stores.base import (
    Blob,
    Commit,
    Committed,
    Diagnosis,
    ElementPath,
    NewSession,
    Refused,
    SessionHeld,
    SessionSummary,
    SharedState,
    StoredElement,
    StoredMail,
    StoredSession,
    StoreFull,
)
from streamsync_django.stores.memory_commons import MemoryCommons
from streamsync_django.stores.memory_shelf import MemoryShelf

#: The shortest time between two walks over everything in search of what has expired.
PRUNE_INTERVAL_SECONDS = 5.0


@dataclass(slots=True)
class _Session:
    """A session as it is kept; only touched under the store's lock."""

    new: NewSession
    owner: str
    epoch: int
    created_at: float
    ttl_seconds: float
    expires_at: float
    version: int = 0
    last_commit_id: bytes = b""
    elements: dict[ElementPath, StoredElement] = field(default_factory=dict)
    acknowledged_low: int = 0
    acknowledged_above: tuple[int, ...] = ()
    mail: list[StoredMail] = field(default_factory=list)
    running: dict[int, bytes] = field(default_factory=dict)
    forgotten_version: int = 0
    pushed: int = 0
    inbox: list[bytes] = field(default_factory=list)
    #: Replaced, not changed: most sessions share the one empty set.
    blobs: frozenset[str] = frozenset()


class MemoryStore:
    """A `SessionStore` of dictionaries under one lock."""

    is_shared = False
    stores_elements = False

    def __init__(
        self, *, max_sessions: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep at most `max_sessions` (None: no bound) and measure lives with `clock`."""
        self._max_sessions = max_sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._generation = secrets.token_hex(16)
        self._sessions: dict[str, _Session] = {}
        self._shelf = MemoryShelf(clock)
        self._commons = MemoryCommons()
        self._beats: dict[str, float] = {}
        #: Names that were used, and when each may be forgotten.
        self._used: dict[str, float] = {}
        self._next_prune = 0.0

    # One session's life

    def create(self, new: NewSession) -> int:
        with self._lock:
            self._prune()
            known = self._live(new.session_id)
            if known is not None:
                if (known.owner, known.epoch, known.version) == (new.owner, 1, 0):
                    return 1
                raise StoreError(f"session {new.session_id} exists already")
            if self._max_sessions is not None and len(self._sessions) >= self._max_sessions:
                self._prune(now=True)
                if len(self._sessions) >= self._max_sessions:
                    raise StoreFull(
                        f"{self._max_sessions} sessions are open: wait for one to end, or allow more"
                    )
            session = _Session(
                new, new.owner, 1, time.time(), new.ttl_seconds, self._clock() + new.ttl_seconds
            )
            session.pushed = new.pushed
            self._sessions[new.session_id] = session
            self._renew(session, new.ttl_seconds)
            return 1

    def claim(self, session_id: str, owner: str, *, spare_running: bool = False) -> StoredSession | None:
        with self._lock:
            session = self._live(session_id)
            if session is None:
                return None
            if spare_running and session.running and session.owner != owner:
                raise SessionHeld(session_id, session.owner, session.epoch)
            session.epoch += 1
            session.owner = owner
            self._renew(session, session.ttl_seconds)
            return _stored(session)

    def read(self, session_id: str) -> StoredSession | None:
        with self._lock:
            session = self._live(session_id)
            return None if session is None else _stored(session)

    def commit(self, commits: Sequence[Commit]) -> list[Committed | Refused]:
        with self._lock:
            self._prune()
            return [self._commit(commit) for commit in commits]

    def _commit(self, commit: Commit) -> Committed | Refused:
        session = self._live(commit.session_id)
        if session is None:
            return Refused("gone")
        if session.last_commit_id == commit.commit_id:
            return Committed(session.version)
        if session.epoch != commit.epoch:
            return Refused("epoch", session.epoch, session.version)
        if session.version != commit.expected_version:
            return Refused("version", session.epoch, session.version)
        session.version = version = commit.expected_version + 1
        session.last_commit_id = commit.commit_id
        self._write(session, commit, version)
        session.acknowledged_low = commit.acknowledged_low
        session.acknowledged_above = tuple(commit.acknowledged_above)
        session.mail = [mail for mail in session.mail if mail.version > commit.mail_read]
        session.mail += [StoredMail(version, payload) for payload in commit.mail]
        if commit.running is not None:
            session.running = dict(commit.running)
        if commit.pushed is not None:
            session.pushed = commit.pushed
        if commit.forgotten_version is not None:
            session.forgotten_version = commit.forgotten_version
        self._renew(session, commit.ttl_seconds)
        return Committed(version)

    def _write(self, session: _Session, commit: Commit, version: int) -> None:
        for path in commit.forget:
            session.elements.pop(tuple(path), None)
        for write in commit.elements:
            path, stored = tuple(write.path), write.stored
            if write.append and stored is not None:
                known = session.elements.get(path)
                stored = (known.stored or b"") + stored if known else stored
            session.elements[path] = StoredElement(path, version, stored)

    def restore(self, session: StoredSession, owner: str, ttl_seconds: float) -> bool:
        with self._lock:
            known = self._live(session.session_id)
            if known is not None:
                if (known.epoch, known.version) == (session.epoch, session.version):
                    return known.owner == owner
                if (known.epoch, known.version) > (session.epoch, session.version):
                    return False
            new = NewSession(
                session_id=session.session_id,
                application=session.application,
                visitor=session.visitor,
                base_digest=session.base_digest,
                layout_revision=session.layout_revision,
                owner=owner,
                info=session.info,
                ttl_seconds=ttl_seconds,
            )
            restored = _Session(
                new,
                owner,
                session.epoch,
                session.created_at,
                ttl_seconds,
                self._clock() + ttl_seconds,
                version=session.version,
                elements={element.path: element for element in session.elements},
                acknowledged_low=session.acknowledged_low,
                acknowledged_above=session.acknowledged_above,
                mail=list(session.mail),
                running=dict(session.running),
                forgotten_version=session.forgotten_version,
                pushed=session.pushed,
                inbox=known.inbox if known else [],
                blobs=known.blobs if known else frozenset(),
            )
            self._sessions[session.session_id] = restored
            self._renew(restored, ttl_seconds)
            return True

    def touch(self, session_ids: Iterable[str], ttl_seconds: float) -> set[str]:
        with self._lock:
            self._prune()
            touched = set()
            for session_id in session_ids:
                session = self._live(session_id)
                if session is not None:
                    self._renew(session, ttl_seconds)
                    touched.add(session_id)
            return touched

    def end(self, session_id: str) -> bool:
        with self._lock:
            session = self._live(session_id)
            if session is None:
                return False
            del self._sessions[session_id]
            self._shelf.release_blobs(session_id, session.blobs)
            return True

    # Looking at sessions

    def peek(self, session_id: str) -> SessionSummary | None:
        with self._lock:
            session = self._live(session_id)
            return None if session is None else self._summary(session)

    def sessions(self, application: str | None = None, limit: int = 100) -> list[SessionSummary]:
        with self._lock:
            now = self._clock()
            live = [
                session
                for session in self._sessions.values()
                if session.expires_at > now and application in (None, session.new.application)
            ]
            live.sort(key=lambda session: session.expires_at, reverse=True)
            return [self._summary(session) for session in live[:limit]]

    def _summary(self, session: _Session) -> SessionSummary:
        return SessionSummary(
            session_id=session.new.session_id,
            application=session.new.application,
            visitor=session.new.visitor,
            owner=session.owner,
            epoch=session.epoch,
            version=session.version,
            base_digest=session.new.base_digest,
            layout_revision=session.new.layout_revision,
            running=dict(session.running),
            created_at=session.created_at,
            idle_seconds=max(0.0, self._clock() - (session.expires_at - session.ttl_seconds)),
            info=session.new.info,
        )

    # Bases and blobs

    def put_base(
        self,
        digest: str,
        data: bytes,
        ttl_seconds: float,
        blobs: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> None:
        with self._lock:
            self._shelf.put_base(digest, data, blobs or {}, self._clock() + ttl_seconds)

    def get_base(self, digest: str) -> bytes | None:
        with self._lock:
            return self._shelf.get_base(digest)

    def put_blobs(self, session_id: str, blobs: Mapping[str, tuple[str, bytes]], ttl_seconds: float) -> None:
        with self._lock:
            self._shelf.put_blobs(session_id, blobs, self._clock() + ttl_seconds)
            session = self._live(session_id)
            if session is not None:
                session.blobs = session.blobs.union(blobs)

    def release_blobs(self, session_id: str, digests: Iterable[str]) -> None:
        with self._lock:
            released = set(digests)
            self._shelf.release_blobs(session_id, released)
            session = self._live(session_id)
            if session is not None:
                session.blobs -= released

    def get_blob(self, digest: str) -> Blob | None:
        with self._lock:
            return self._shelf.get_blob(digest)

    # Owners

    def beat(self, owner: str, ttl_seconds: float) -> None:
        with self._lock:
            self._beats[owner] = self._clock() + ttl_seconds

    def living(self, owners: Iterable[str]) -> set[str]:
        with self._lock:
            now = self._clock()
            return {owner for owner in owners if self._beats.get(owner, 0.0) > now}

    def post(self, session_id: str, messages: Sequence[bytes]) -> str | None:
        with self._lock:
            session = self._live(session_id)
            if session is None:
                return None
            session.inbox += messages
            return session.owner

    def drain(self, session_id: str) -> list[bytes]:
        with self._lock:
            session = self._live(session_id)
            if session is None:
                return []
            taken, session.inbox = session.inbox, []
            return taken

    # What all sessions of an application have in common

    def add_push(self, application: str, data: bytes) -> int:
        with self._lock:
            return self._commons.add_push(application, data)

    def last_push(self, application: str) -> int:
        with self._lock:
            return self._commons.last_push(application)

    def pushes_since(self, application: str, number: int) -> list[tuple[int, bytes]]:
        with self._lock:
            return self._commons.pushes_since(application, number)

    def write_shared(
        self,
        application: str,
        writes: Mapping[ElementPath, bytes | None],
        expected: tuple[str, int] | None = None,
    ) -> tuple[str, int] | None:
        with self._lock:
            return self._commons.write_shared(application, writes, expected)

    def read_shared(self, application: str, life: str = "", since: int = 0) -> SharedState:
        with self._lock:
            return self._commons.read_shared(application, life, since)

    # The store itself

    def use_once(self, name: str, ttl_seconds: float) -> bool:
        with self._lock:
            self._prune()
            moment = self._clock()
            if self._used.get(name, moment) > moment:
                return False
            self._used[name] = moment + ttl_seconds
            return True

    def generation(self) -> str:
        return self._generation

    def diagnose(self) -> list[Diagnosis]:
        return [
            Diagnosis(
                "info",
                "Sessions live in this process only: a restart ends them.",
                "Set REDIS_URL in STREAMSYNC to run several processes, or to survive deploys.",
            )
        ]

    def close(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._sessions.clear()
            self._beats.clear()
            self._shelf = MemoryShelf(self._clock)

    # Lives

    def _live(self, session_id: str) -> _Session | None:
        session = self._sessions.get(session_id)
        return session if session is not None and session.expires_at > self._clock() else None

    def _renew(self, session: _Session, ttl_seconds: float) -> None:
        until = self._clock() + ttl_seconds
        session.ttl_seconds, session.expires_at = ttl_seconds, until
        self._shelf.keep_blobs(session.new.session_id, session.blobs, until)
        self._shelf.keep_base(session.new.base_digest, until)

    def _prune(self, *, now: bool = False) -> None:
        """Drop what has expired; looks every few seconds only, because it walks over everything."""
        moment = self._clock()
        if not now and moment < self._next_prune:
            return
        self._next_prune = moment + PRUNE_INTERVAL_SECONDS
        for session_id in [key for key, session in self._sessions.items() if session.expires_at <= moment]:
            del self._sessions[session_id]
        self._shelf.prune()
        for past in (self._beats, self._used):
            for name in [key for key, until in past.items() if until <= moment]:
                del past[name]


def _stored(session: _Session) -> StoredSession:
    return StoredSession(
        session_id=session.new.session_id,
        epoch=session.epoch,
        version=session.version,
        application=session.new.application,
        visitor=session.new.visitor,
        base_digest=session.new.base_digest,
        layout_revision=session.new.layout_revision,
        elements=list(session.elements.values()),
        acknowledged_low=session.acknowledged_low,
        acknowledged_above=session.acknowledged_above,
        mail=list(session.mail),
        running=dict(session.running),
        forgotten_version=session.forgotten_version,
        pushed=session.pushed,
        created_at=session.created_at,
        info=session.new.info,
    )
