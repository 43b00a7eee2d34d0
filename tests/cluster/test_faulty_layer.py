"""The channel layer loses, doubles and delays what it is given: whoever waited for it finds out by itself."""

from __future__ import annotations

import asyncio
import time

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.layers import FaultyLayer
from tests.cluster.tabs import Tab
from tests.patience import overload

UPDATES = 1000
CONVERGES_WITHIN_SECONDS = 5
LAYER = f"{FaultyLayer.__module__}.{FaultyLayer.__qualname__}"


async def test_updates_of_three_instances_all_count_whatever_the_layer_does(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster()
    await cluster.start("daphne", "uvicorn", "daphne", CLUSTER_LAYER=LAYER)
    tabs = await open_tabs(cluster, 6)
    assert {tab.port for tab in tabs} == {instance.port for instance in cluster.instances}
    busy = [next(tab for tab in tabs if tab.port == instance.port) for instance in cluster.instances]
    numbers = [await tab.enter("addToTotal", str(UPDATES)) for tab in busy]
    for tab, number in zip(busy, numbers, strict=True):
        assert await tab.answered(number, 120) == "ok"
    ended_at = time.monotonic()
    await asyncio.gather(*(shows_total(tab, 3 * UPDATES) for tab in tabs))
    assert time.monotonic() - ended_at < CONVERGES_WITHIN_SECONDS * overload()


async def shows_total(tab: Tab, total: int) -> None:
    await tab.until(lambda: tab.state["shared"]["total"] == total, 60)
