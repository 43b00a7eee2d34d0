"""One round trip to Redis: scripts that went missing are loaded again, errors become ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    ClusterDownError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry

from streamsync_django.core.errors import StoreError, StoreUnavailable
from streamsync_django.stores.base import StoreFull
from streamsync_django.stores.redis.address import parse
from streamsync_django.stores.redis.scripts import Script
from streamsync_django.stores.redis.sentinels import Sentinels, connection_class

#: A command and its arguments; or a script, its keys, and its arguments.
Command = tuple[Any, ...]

#: Connections a process opens at most; the committer uses one, worker threads share the others.
MAX_CONNECTIONS = 4

#: How long to wait for a connection, and for an answer, before calling Redis unavailable.
TIMEOUT_SECONDS = 5.0

#: Error codes of a server that is alive but cannot act now; it may a moment later.
_PASSING = frozenset(
    {
        "LOADING",
        "READONLY",
        "MASTERDOWN",
        "MISCONF",
        "BUSY",
        "CLUSTERDOWN",
        "TRYAGAIN",
        "NOREPLICAS",
        "UNKILLABLE",
    }
)
#: The same, where the client made classes of them; rights are included because an operator can give them back.
_PASSING_CLASSES = (ReadOnlyError, ClusterDownError, TryAgainError, NoPermissionError)


class Connection:
    """Sends pipelines over a small pool; safe to use from any thread."""

    def __init__(
        self, url: str, *, max_connections: int = MAX_CONNECTIONS, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Open nothing yet. Options in the URL's query win over ours. Raises StoreError for a URL that is none."""
        try:
            address = parse(url)
        except ValueError as error:
            raise StoreError(f"REDIS_URL cannot be used: {error}") from error
        options: dict[str, Any] = {
            "max_connections": max_connections,
            "timeout": timeout,
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "health_check_interval": 30,
            # One more try at once heals a pooled connection that died in its sleep; every step here may be repeated.
            "retry": Retry(NoBackoff(), 1),
            "protocol": 2,
            **address.options,
        }
        #: None when the address is that of a server itself.
        self.sentinels = Sentinels(address) if address.sentinels else None
        if self.sentinels is not None:
            options |= {"connection_class": connection_class(address), "connection_pool": self.sentinels}
        self._pool = redis.BlockingConnectionPool(**options)  # type: ignore[no-untyped-call]
        if self.sentinels is not None:
            self.sentinels.serve(self._pool)
        self._client = redis.Redis.from_pool(self._pool)

    def run(self, commands: Sequence[Command]) -> list[Any]:
        """Send all commands in one round trip and return their replies; the first error among them is raised."""
        replies = self.try_each(commands)
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise translated(reply) from reply
        return replies

    def try_each(self, commands: Sequence[Command]) -> list[Any]:
        """Send all commands in one round trip; a command that failed has its `ResponseError` as reply."""
        if not commands:
            return []
        with translating_redis_errors():
            replies = self._send(commands, ())
            for _ in range(3):
                missing = [at for at, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
                if not missing:
                    self._leave_replica(replies)
                    return replies
                again = [commands[at] for at in missing]
                for at, reply in zip(
                    missing, self._send(again, {command[0] for command in again}), strict=True
                ):
                    replies[at] = reply
        raise StoreUnavailable(
            "Redis keeps forgetting its scripts: is something calling SCRIPT FLUSH in a loop?"
        )

    def _send(self, commands: Sequence[Command], load: Sequence[Script] | set[Script]) -> list[Any]:
        pipeline: Any  # the client leaves half of it untyped
        with self._client.pipeline(transaction=False) as pipeline:
            for script in load:
                pipeline.execute_command("SCRIPT LOAD", script.source)
            for command in commands:
                name = command[0]
                if isinstance(name, Script):
                    _, keys, *arguments = command
                    pipeline.execute_command("EVALSHA", name.sha, len(keys), *keys, *arguments)
                else:
                    pipeline.execute_command(*command)
            replies: list[Any] = pipeline.execute(raise_on_error=False)
        return replies[len(load) :]

    def _leave_replica(self, replies: Sequence[Any]) -> None:
        """Connect anew after a server turned out to be a replica: the primary may be elsewhere by now.

        It stands behind the same host name, or sentinels know it; a connection that stays open never finds out.
        """
        if any(isinstance(reply, ResponseError) and is_read_only(reply) for reply in replies):
            self._pool.disconnect(inuse_connections=False)

    def close(self) -> None:
        """Close every connection."""
        self._pool.disconnect()


@contextmanager
def translating_redis_errors() -> Iterator[None]:
    """Let no error of the client library leave this package; the cause is kept."""
    try:
        yield
    except ResponseError as error:
        raise translated(error) from error
    except AuthenticationError as error:
        raise StoreUnavailable(f"Redis refuses the user or the password of REDIS_URL: {error}") from error
    except RedisError as error:
        raise StoreUnavailable(f"Redis did not answer: {error}") from error


def translated(error: ResponseError) -> StoreError:
    """Return our error for one of Redis's replies."""
    code = str(error).split(" ", 1)[0]
    if is_out_of_memory(error):
        return StoreFull("Redis is full: raise maxmemory, or shorten SESSION_TTL")
    if is_passing(error):
        return StoreUnavailable(f"Redis cannot act now: {error}")
    return StoreError(f"Redis answered with an error ({code}): {error}")


def is_out_of_memory(error: ResponseError) -> bool:
    """Redis takes no more bytes."""
    return isinstance(error, OutOfMemoryError) or _mentions(error, {"OOM"})


def is_read_only(error: ResponseError) -> bool:
    """The server is a replica, or has become one."""
    return isinstance(error, ReadOnlyError) or _mentions(error, {"READONLY"})


def is_passing(error: ResponseError) -> bool:
    """The same command may succeed a moment later."""
    return isinstance(error, _PASSING_CLASSES) or _mentions(error, _PASSING)


def _mentions(error: ResponseError, codes: set[str] | frozenset[str]) -> bool:
    """Redis 6.2 wraps an error inside a script into its own, with the code further on in the text."""
    words = str(error).replace("-", " ").replace(":", " ").split()
    return bool(words) and (words[0] in codes or ("script" in words and not codes.isdisjoint(words)))
