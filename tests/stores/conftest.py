from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.memory import MemoryStore
from streamsync_django.stores.redis import RedisStore
from tests.plugins.redis import redis_server, start_redis
from tests.redis_server import RedisServer

__all__ = ["redis_server", "start_redis"]


@pytest.fixture
def redis_store(redis_server: RedisServer) -> Iterator[RedisStore]:
    """A Redis store that shares its server, but no key, with other tests."""
    store = RedisStore(redis_server.url, prefix=secrets.token_hex(4))
    yield store
    store.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def store(request: pytest.FixtureRequest) -> Iterator[SessionStore]:
    """Each store in turn: what is promised by one is promised by all."""
    if request.param == "memory":
        memory = MemoryStore()
        yield memory
        memory.close()
    else:
        yield request.getfixturevalue("redis_store")
