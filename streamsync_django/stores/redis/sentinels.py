"""Finding the primary: whoever connects asks the sentinels first, and so meets the new one after a failover."""

from __future__ import annotations

import threading
import weakref
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, SentinelManagedConnection, SentinelManagedSSLConnection

from streamsync_django.stores.redis.address import Address

#: How long a sentinel may take to answer: one whose machine is gone must not hold up what the next one knows.
SENTINEL_TIMEOUT_SECONDS: Final = 1.0


class Sentinels:
    """Asks one sentinel after the other, on a connection that is closed again.

    The client library's own `Sentinel` keeps a pool per sentinel; this one has a single connection open while
    it asks, so that a process stays within its few connections however many sentinels there are.
    """

    # What the library's connections want to know of the pool they belong to.
    is_master: Final = True
    check_connection: Final = False

    def __init__(self, address: Address) -> None:
        self.service_name = address.service
        self._options = {
            "socket_timeout": SENTINEL_TIMEOUT_SECONDS,
            "socket_connect_timeout": SENTINEL_TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # the next sentinel is asked instead
            "protocol": 2,
            **address.sentinel_options,
        }
        #: The one that answered last is asked first.
        self._places = list(address.sentinels)
        self._lock = threading.Lock()
        self._primary: tuple[str, int] | None = None
        self._pool: weakref.ref[redis.ConnectionPool] | None = None

    def serve(self, pool: redis.ConnectionPool) -> None:
        """Have the idle connections of a pool closed when the primary is another one than before."""
        self._pool = weakref.ref(pool)

    def get_master_address(self) -> tuple[str, int]:
        """Return host and port of the primary; the library's connections call this whenever they connect."""
        with self._lock:
            primary = self._ask()
            has_moved, self._primary = self._primary not in (None, primary), primary
        pool = self._pool() if self._pool is not None else None
        if has_moved and pool is not None:
            pool.disconnect(inuse_connections=False)
        return primary

    def states(self) -> list[tuple[str, dict[str, str] | None]]:
        """Return what each sentinel says of the primary, None for one that does not know it or is not there."""
        found: list[tuple[str, dict[str, str] | None]] = []
        for host, port in list(self._places):
            try:
                reply = self._tell(host, port, "MASTER")
            except RedisError:
                reply = None
            found.append((f"{host}:{port}", _facts(reply) if reply else None))
        return found

    def _ask(self) -> tuple[str, int]:
        troubles: list[str] = []
        for place in list(self._places):
            host, port = place
            try:
                found = self._tell(host, port, "GET-MASTER-ADDR-BY-NAME")
            except RedisError as error:
                troubles.append(f"{host}:{port}: {error}")
                continue
            if found is None:
                troubles.append(f"{host}:{port} knows no {self.service_name!r}")
                continue
            self._places.remove(place)
            self._places.insert(0, place)
            return found[0].decode(), int(found[1])
        raise MasterNotFoundError(f"no sentinel names a primary ({'; '.join(troubles)})")

    def _tell(self, host: str, port: int, question: str) -> list[bytes] | None:
        # The command as it is: what the library's methods for it return differs between its versions.
        with redis.Redis(host, port, **self._options) as sentinel:
            answer: list[bytes] | None = sentinel.execute_command("SENTINEL", question, self.service_name)
            return answer


def connection_class(address: Address) -> type[redis.Connection]:
    """Return what connects to the primary that sentinels name."""
    return SentinelManagedSSLConnection if address.is_encrypted else SentinelManagedConnection


def _facts(reply: list[bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in zip(reply[::2], reply[1::2], strict=True)}
