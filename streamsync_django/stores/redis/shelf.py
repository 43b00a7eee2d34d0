"""What sessions share in Redis (bases, blobs, the index), and how it is kept while any of them needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streamsync_django.stores.base import BLOB_GRACE_SECONDS, Blob
from streamsync_django.stores.redis.connection import Command, Connection
from streamsync_django.stores.redis.encoding import blob_content, blob_from, milliseconds
from streamsync_django.stores.redis.keys import Keys
from streamsync_django.stores.redis.scripts import ENLIST, HOLD, RELEASE

#: Shared things are renewed once per quarter of a session's life and outlive it by this factor, so that one
#: renewal may fail unnoticed.
MARGIN = 1.5


class Shelf:
    """Holds bases and blobs on behalf of sessions; the keys of different sessions are never in one script."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def put_base(
        self, digest: str, data: bytes, ttl_seconds: float, blobs: Mapping[str, tuple[str, bytes]]
    ) -> None:
        """Store an initial state and its blobs."""
        ttl = milliseconds(ttl_seconds * MARGIN)
        keys = self._keys.base(digest)
        self._hold(f"base:{digest}", blobs, ttl)
        commands: list[Command] = [("SET", keys.content, data, "PX", ttl)]
        if blobs:
            commands += [("SADD", keys.blobs, *blobs), ("PEXPIRE", keys.blobs, ttl)]
        self._connection.run(commands)

    def get_base(self, digest: str) -> bytes | None:
        """Return an initial state."""
        data: bytes | None = self._connection.run([("GET", self._keys.base(digest).content)])[0]
        return data

    def put_blobs(self, session_id: str, blobs: Mapping[str, tuple[str, bytes]], ttl_seconds: float) -> None:
        """Store blobs for a session."""
        if not blobs:
            return
        self._hold(session_id, blobs, milliseconds(ttl_seconds * MARGIN))
        held = self._keys.session(session_id).blobs
        self._connection.run([("SADD", held, *blobs), ("PEXPIRE", held, milliseconds(ttl_seconds))])

    def release_blobs(self, session_id: str, digests: Iterable[str]) -> None:
        """Let go of a session's blobs."""
        released = list(digests)
        if not released:
            return
        held: Command = ("SREM", self._keys.session(session_id).blobs, *released)
        self._connection.run([held, *self.releases(session_id, released)])

    def releases(self, session_id: str, digests: Iterable[str]) -> list[Command]:
        """Return the commands that start the grace of blobs a session held."""
        grace = milliseconds(BLOB_GRACE_SECONDS)
        return [(RELEASE, self._keys.blob(digest), session_id, grace) for digest in digests]

    def get_blob(self, digest: str) -> Blob | None:
        """Return a blob."""
        content: bytes | None = self._connection.run([("GET", self._keys.blob(digest).content)])[0]
        return None if content is None else blob_from(content)

    def keep(self, sessions: Mapping[str, float]) -> None:
        """Renew what these sessions (with their time to live) share with others; three round trips for all."""
        if not sessions:
            return
        questions: list[Command] = []
        for session_id in sessions:
            keys = self._keys.session(session_id)
            questions += [("HMGET", keys.meta, "application", "base"), ("SMEMBERS", keys.blobs)]
        replies = self._connection.run(questions)
        holds: list[Command] = []
        bases: dict[str, float] = {}
        for (session_id, ttl_seconds), (application, base), blobs in zip(
            sessions.items(), replies[::2], replies[1::2], strict=True
        ):
            if application is None:
                continue
            ttl = milliseconds(ttl_seconds * MARGIN)
            holds.append(self.enlisting(session_id, application.decode(), ttl_seconds))
            holds += [(HOLD, self._keys.blob(digest.decode()), session_id, ttl) for digest in blobs]
            bases[base.decode()] = max(ttl_seconds, bases.get(base.decode(), 0.0))
        self.keep_bases(bases, holds)

    def keep_bases(self, bases: Mapping[str, float], others: Sequence[Command] = ()) -> None:
        """Renew bases and their blobs, and send other commands along."""
        questions: list[Command] = []
        for digest, ttl_seconds in bases.items():
            keys, ttl = self._keys.base(digest), milliseconds(ttl_seconds * MARGIN)
            questions += [
                ("PEXPIRE", keys.content, ttl),
                ("PEXPIRE", keys.blobs, ttl),
                ("SMEMBERS", keys.blobs),
            ]
        replies = self._connection.run([*questions, *others])
        self._connection.run(
            [
                (HOLD, self._keys.blob(blob.decode()), f"base:{digest}", milliseconds(ttl_seconds * MARGIN))
                for (digest, ttl_seconds), blobs in zip(
                    bases.items(), replies[2 : len(questions) : 3], strict=True
                )
                for blob in blobs
            ]
        )

    def enlisting(self, session_id: str, application: str, ttl_seconds: float) -> Command:
        """Return the command that puts a session into the indexes."""
        indexes = (self._keys.index, self._keys.application_index(application))
        return (ENLIST, indexes, session_id, milliseconds(ttl_seconds * MARGIN))

    def _hold(self, holder: str, blobs: Mapping[str, tuple[str, bytes]], ttl: int) -> None:
        """Send the bytes of those blobs only that are not stored yet."""
        held = self._connection.run([(HOLD, self._keys.blob(digest), holder, ttl) for digest in blobs])
        self._connection.run(
            [
                (HOLD, self._keys.blob(digest), holder, ttl, blob_content(mime, data))
                for (digest, (mime, data)), known in zip(blobs.items(), held, strict=True)
                if not known
            ]
        )
