"""What all sessions of an application have in common, in Redis: pushes and shared elements."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from msgspec import msgpack

from streamsync_django.stores.base import (
    MAX_PUSHES,
    PUSH_LIFE_SECONDS,
    SHARED_LIFE_SECONDS,
    ElementPath,
    SharedState,
)
from streamsync_django.stores.redis.connection import Connection
from streamsync_django.stores.redis.encoding import Argument, element_from, milliseconds, presence
from streamsync_django.stores.redis.keys import Keys
from streamsync_django.stores.redis.scripts import ADD_PUSH, PUSHES_SINCE, READ_SHARED, WRITE_SHARED


class Commons:
    """Pushes and shared elements by application; one script each, so that instances agree on their order."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def add_push(self, application: str, data: bytes) -> int:
        """Keep a push and return its number."""
        keys = self._keys.pushes(application)
        arguments = (data, MAX_PUSHES, milliseconds(PUSH_LIFE_SECONDS))
        return int(self._connection.run([(ADD_PUSH, keys, *arguments)])[0])

    def last_push(self, application: str) -> int:
        """Return the number of the newest push."""
        return int(self._connection.run([("GET", self._keys.pushes(application).last)])[0] or 0)

    def pushes_since(self, application: str, number: int) -> list[tuple[int, bytes]]:
        """Return the kept pushes beyond `number`."""
        last, *kept = self._connection.run([(PUSHES_SINCE, self._keys.pushes(application), number)])[0]
        return list(enumerate(kept, int(last) - len(kept) + 1))

    def write_shared(
        self, application: str, writes: Mapping[ElementPath, bytes | None], expected: tuple[str, int] | None
    ) -> tuple[str, int] | None:
        """Write shared elements as a new version, if the expected one is current."""
        pairs: list[Argument] = []
        for path, stored in writes.items():
            pairs += [msgpack.encode(path), presence(stored)]
        life, version = expected or ("*", 0)
        head = (life, version, secrets.token_hex(8), milliseconds(SHARED_LIFE_SECONDS))
        (reply,) = self._connection.run([(WRITE_SHARED, self._keys.shared(application), *head, *pairs)])
        return (reply[0].decode(), int(reply[1])) if reply else None

    def read_shared(self, application: str, life: str, since: int) -> SharedState:
        """Return the shared elements changed after a version of a life."""
        keys = self._keys.shared(application)
        ttl = milliseconds(SHARED_LIFE_SECONDS)
        found_life, version, *pairs = self._connection.run([(READ_SHARED, keys, life, since, ttl)])[0]
        elements = [element_from(*pair) for pair in zip(pairs[::2], pairs[1::2], strict=True)]
        elements.sort(key=lambda element: element.version)
        return SharedState(found_life.decode(), int(version), elements)
