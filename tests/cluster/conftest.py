"""Real instances on free ports, one Redis for each test, and tabs that are closed in the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.cluster.instances import Cluster, ServerKind, make_database
from tests.cluster.tabs import Tab
from tests.plugins.redis import start_failover, start_redis
from tests.redis_failover import Failover
from tests.redis_server import RedisServer

__all__ = ["start_failover", "start_redis"]

#: STREAMSYNC_TEST_LONG=1 runs the variants that take minutes.
IS_LONG = os.environ.get("STREAMSYNC_TEST_LONG", "") not in ("", "0")

StartCluster = Callable[..., Awaitable[Cluster]]
OpenTabs = Callable[..., Awaitable[list[Tab]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.redis)


@pytest.fixture(scope="session")
def cluster_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_database(tmp_path_factory.mktemp("cluster"))


@pytest.fixture
async def start_cluster(
    start_redis: Callable[..., RedisServer], cluster_database: Path, request: pytest.FixtureRequest
) -> AsyncIterator[StartCluster]:
    """Start instances: ``cluster = await start_cluster("daphne", "uvicorn", redis=("--appendonly", "yes"))``.

    `redis` is what a server of the cluster's own is started with, or the servers it is to use.
    """
    clusters: list[Cluster] = []

    async def start(
        *kinds: ServerKind, redis: tuple[str, ...] | Failover = (), **settings: object
    ) -> Cluster:
        server = start_redis(*redis) if isinstance(redis, tuple) else redis
        cluster = Cluster(server, cluster_database, settings)
        clusters.append(cluster)
        await cluster.start(*kinds)
        return cluster

    yield start
    for cluster in clusters:
        for instance in cluster.instances:
            print(f"--- {instance.kind} {instance.port}\n{instance.log[-3000:]}")
        cluster.close()


@pytest.fixture
async def open_tabs() -> AsyncIterator[OpenTabs]:
    """Open tabs through a cluster's balancer: ``tabs = await open_tabs(cluster, 30)``."""
    opened: list[Tab] = []

    async def open_(
        cluster: Cluster, count: int = 1, *, slug: str = "lab", next_port: Callable[[], int] | None = None
    ) -> list[Tab]:
        tabs: list[Tab] = []
        for start in range(0, count, 20):
            portion = range(start, min(count, start + 20))
            tabs += await asyncio.gather(*(Tab.open(slug, next_port or cluster.next_port) for _ in portion))
        opened.extend(tabs)
        return tabs

    yield open_
    await asyncio.gather(*(tab.close() for tab in opened))
