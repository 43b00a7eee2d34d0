"""However many pages are open, a process opens a handful of connections to Redis."""

from __future__ import annotations

import asyncio

import pytest
import redis

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import ServerKind

TABS = 60


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_process_has_at_most_eight_with_its_channel_layer(
    start_cluster: StartCluster, open_tabs: OpenTabs, kind: ServerKind
) -> None:
    cluster = await start_cluster(kind)
    tabs = await open_tabs(cluster, TABS)
    for _ in range(3):
        await asyncio.gather(*(tab.trigger("increment") for tab in tabs))
    await asyncio.gather(*(tab.settle(30) for tab in tabs))
    assert all(tab.state["count"] == 3 for tab in tabs)
    with redis.Redis.from_url(cluster.redis.url) as client:
        mine = client.client_id()
        others = [each for each in client.client_list() if int(each["id"]) != mine]
    assert 0 < len(others) <= 8
