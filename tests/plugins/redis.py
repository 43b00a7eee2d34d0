"""Fixtures for tests that need a real Redis: put "tests.plugins.redis" into `pytest_plugins` of tests/conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.redis_failover import Failover
from tests.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests: use a prefix or a database of your own, and leave it running."""
    server = RedisServer().start()
    yield server
    server.stop()


@pytest.fixture
def start_redis() -> Iterator[Callable[..., RedisServer]]:
    """Start servers of the test's own, to be killed or filled: `start_redis("--appendonly", "yes")`."""
    with ExitStack() as stack:

        def start(*options: str) -> RedisServer:
            server = RedisServer(*options)
            stack.callback(server.stop)
            return server.start()

        yield start


@pytest.fixture
def start_failover() -> Iterator[Callable[[], Failover]]:
    """Start a primary, a replica and their sentinels, all of the test's own."""
    with ExitStack() as stack:

        def start() -> Failover:
            failover = Failover()
            stack.callback(failover.stop)
            return failover.start()

        yield start
