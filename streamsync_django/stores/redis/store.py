"""The session store in Redis."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from redis.exceptions import ResponseError

from streamsync_django.core.errors import StoreError
from streamsync_django.stores.base import (
    Blob,
    Commit,
    Committed,
    Diagnosis,
    ElementPath,
    NewSession,
    RefusalReason,
    Refused,
    SessionHeld,
    SessionSummary,
    SharedState,
    StoredSession,
)
from streamsync_django.stores.redis import encoding
from streamsync_django.stores.redis.commons import Commons
from streamsync_django.stores.redis.connection import (
    Command,
    Connection,
    is_out_of_memory,
    is_passing,
    translated,
)
from streamsync_django.stores.redis.diagnosis import diagnose
from streamsync_django.stores.redis.encoding import milliseconds
from streamsync_django.stores.redis.keys import Keys
from streamsync_django.stores.redis.scripts import (
    CLAIM,
    COMMIT,
    CREATE,
    DRAIN,
    END,
    POST,
    READ,
    RESTORE,
    TOUCH,
)
from streamsync_django.stores.redis.shelf import Shelf

logger = logging.getLogger(__name__)

#: Reasons the COMMIT script itself gives.
_REASONS: Mapping[bytes, RefusalReason] = {reason.encode(): reason for reason in get_args(RefusalReason)}


class RedisStore:
    """A `SessionStore` shared by all instances that use the same Redis and prefix."""

    is_shared = True
    stores_elements = True

    def __init__(self, url: str, *, prefix: str = "streamsync", **connection_options: Any) -> None:
        """Name the Redis; nothing is connected before the first use."""
        self._connection = Connection(url, **connection_options)
        self._keys = Keys(prefix)
        self._shelf = Shelf(self._connection, self._keys)
        self._commons = Commons(self._connection, self._keys)

    # One session's life

    def create(self, new: NewSession) -> int:
        keys = self._keys.session(new.session_id)
        (created,) = self._connection.run([(CREATE, keys, *encoding.creation(new, time.time()))])
        if not created:
            raise StoreError(f"session {new.session_id} exists already")
        enlisting = self._shelf.enlisting(new.session_id, new.application, new.ttl_seconds)
        self._shelf.keep_bases({new.base_digest: new.ttl_seconds}, [enlisting])
        return 1

    def claim(self, session_id: str, owner: str, *, spare_running: bool = False) -> StoredSession | None:
        keys = self._keys.session(session_id)
        (reply,) = self._connection.run([(CLAIM, keys, owner, int(spare_running))])
        if reply[0] == b"held":
            raise SessionHeld(session_id, reply[1].decode(), int(reply[2]))
        if reply[0] == b"gone":
            return None
        _, due, meta, elements, mail = reply
        if due:
            ttl_seconds = int(meta[meta.index(b"ttl") + 1]) / 1000
            self._keep({session_id: ttl_seconds})
        return encoding.session_from(session_id, meta, elements, mail)

    def read(self, session_id: str) -> StoredSession | None:
        (reply,) = self._connection.run([(READ, self._keys.session(session_id))])
        return encoding.session_from(session_id, *reply) if reply[0] else None

    def commit(self, commits: Sequence[Commit]) -> list[Committed | Refused]:
        outcomes: list[Committed | Refused] = [Refused("failed")] * len(commits)
        sent: list[int] = []
        commands: list[Command] = []
        for at, commit in enumerate(commits):
            try:
                arguments = encoding.commitment(commit)
            except (TypeError, ValueError, OverflowError):
                logger.exception(
                    "commit %s of session %s cannot be stored", commit.commit_id.hex(), commit.session_id
                )
                continue
            commands.append((COMMIT, self._keys.session(commit.session_id), *arguments))
            sent.append(at)
        due: dict[str, float] = {}
        for at, reply in zip(sent, self._connection.try_each(commands), strict=True):
            commit = commits[at]
            outcomes[at] = _outcome(commit, reply)
            if isinstance(reply, list) and reply[0] == b"due":
                due[commit.session_id] = commit.ttl_seconds
        self._keep(due)
        return outcomes

    def restore(self, session: StoredSession, owner: str, ttl_seconds: float) -> bool:
        keys = self._keys.session(session.session_id)
        arguments = encoding.restoration(session, owner, ttl_seconds)
        (written,) = self._connection.run([(RESTORE, keys, *arguments)])
        if written:
            self._keep({session.session_id: ttl_seconds})
        return bool(written)

    def touch(self, session_ids: Iterable[str], ttl_seconds: float) -> set[str]:
        asked = list(dict.fromkeys(session_ids))
        ttl = milliseconds(ttl_seconds)
        replies = self._connection.run([(TOUCH, self._keys.session(session_id), ttl) for session_id in asked])
        found = dict(zip(asked, replies, strict=True))
        self._keep({session_id: ttl_seconds for session_id, reply in found.items() if reply == 2})
        return {session_id for session_id, reply in found.items() if reply}

    def end(self, session_id: str) -> bool:
        (reply,) = self._connection.run([(END, self._keys.session(session_id))])
        if not reply:
            return False
        application, blobs = reply
        indexes = (self._keys.index, self._keys.application_index(application.decode()))
        self._connection.run(
            [
                *(("ZREM", index, session_id) for index in indexes),
                *self._shelf.releases(session_id, [digest.decode() for digest in blobs]),
            ]
        )
        return True

    # Looking at sessions

    def peek(self, session_id: str) -> SessionSummary | None:
        return self._summaries([session_id])[0]

    def sessions(self, application: str | None = None, limit: int = 100) -> list[SessionSummary]:
        index = self._keys.index if application is None else self._keys.application_index(application)
        found: list[SessionSummary] = []
        start = 0
        while len(found) < limit:
            (page,) = self._connection.run([("ZREVRANGE", index, start, start + limit - 1)])
            found += filter(None, self._summaries([session_id.decode() for session_id in page]))
            start += limit
            if len(page) < limit:
                break
        return found[:limit]

    def _summaries(self, session_ids: Sequence[str]) -> list[SessionSummary | None]:
        commands: list[Command] = []
        for session_id in session_ids:
            meta = self._keys.session(session_id).meta
            commands += [("HGETALL", meta), ("PTTL", meta)]
        replies = self._connection.run(commands)
        return [
            encoding.summary_from(session_id, fields, remaining)
            for session_id, fields, remaining in zip(session_ids, replies[::2], replies[1::2], strict=True)
        ]

    # Bases and blobs

    def put_base(
        self,
        digest: str,
        data: bytes,
        ttl_seconds: float,
        blobs: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> None:
        self._shelf.put_base(digest, data, ttl_seconds, blobs or {})

    def get_base(self, digest: str) -> bytes | None:
        return self._shelf.get_base(digest)

    def put_blobs(self, session_id: str, blobs: Mapping[str, tuple[str, bytes]], ttl_seconds: float) -> None:
        self._shelf.put_blobs(session_id, blobs, ttl_seconds)

    def release_blobs(self, session_id: str, digests: Iterable[str]) -> None:
        self._shelf.release_blobs(session_id, digests)

    def get_blob(self, digest: str) -> Blob | None:
        return self._shelf.get_blob(digest)

    # Owners

    def beat(self, owner: str, ttl_seconds: float) -> None:
        self._connection.run([("SET", self._keys.beat(owner), 1, "PX", milliseconds(ttl_seconds))])

    def living(self, owners: Iterable[str]) -> set[str]:
        asked = list(dict.fromkeys(owners))
        replies = self._connection.run([("EXISTS", self._keys.beat(owner)) for owner in asked])
        return {owner for owner, alive in zip(asked, replies, strict=True) if alive}

    def post(self, session_id: str, messages: Sequence[bytes]) -> str | None:
        keys = self._keys.session(session_id)
        (owner,) = self._connection.run([(POST, keys, len(messages), *messages)])
        return None if owner is None else str(owner.decode())

    def drain(self, session_id: str) -> list[bytes]:
        taken: list[bytes] = self._connection.run([(DRAIN, self._keys.session(session_id))])[0]
        return taken

    # What all sessions of an application have in common

    def add_push(self, application: str, data: bytes) -> int:
        return self._commons.add_push(application, data)

    def last_push(self, application: str) -> int:
        return self._commons.last_push(application)

    def pushes_since(self, application: str, number: int) -> list[tuple[int, bytes]]:
        return self._commons.pushes_since(application, number)

    def write_shared(
        self,
        application: str,
        writes: Mapping[ElementPath, bytes | None],
        expected: tuple[str, int] | None = None,
    ) -> tuple[str, int] | None:
        return self._commons.write_shared(application, writes, expected)

    def read_shared(self, application: str, life: str = "", since: int = 0) -> SharedState:
        return self._commons.read_shared(application, life, since)

    # The store itself

    def use_once(self, name: str, ttl_seconds: float) -> bool:
        key = self._keys.used(name)
        (is_first,) = self._connection.run([("SET", key, 1, "NX", "PX", milliseconds(ttl_seconds))])
        return is_first is not None and is_first is not False

    def generation(self) -> str:
        key = self._keys.generation
        replies = self._connection.run([("SET", key, secrets.token_hex(16), "NX"), ("GET", key)])
        return str(replies[1].decode())

    def diagnose(self) -> list[Diagnosis]:
        return diagnose(self._connection)

    def close(self) -> None:
        self._connection.close()

    def _keep(self, sessions: Mapping[str, float]) -> None:
        """Renew what sessions share; a failure is made good by the next renewal, long before anything expires."""
        try:
            self._shelf.keep(sessions)
        except StoreError:
            logger.warning("what %d sessions share could not be renewed now", len(sessions), exc_info=True)


def _outcome(commit: Commit, reply: Any) -> Committed | Refused:
    if isinstance(reply, int):
        return Committed(reply)
    if isinstance(reply, ResponseError):
        if is_out_of_memory(reply):
            return Refused("full")
        if is_passing(reply):
            raise translated(reply) from reply
        logger.error(
            "Redis refused commit %s of session %s: %s", commit.commit_id.hex(), commit.session_id, reply
        )
        return Refused("failed")
    if reply[0] == b"due":
        return Committed(commit.expected_version + 1)
    reason = _REASONS[reply[0]]
    return Refused(reason, int(reply[1]), int(reply[2])) if len(reply) == 3 else Refused(reason)
