"""The primary dies while visitors click, and sentinels make a replica the primary that has not heard all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.tabs import Tab
from tests.cluster.test_redis_faults import everything_counted
from tests.redis_failover import Failover


async def test_sessions_in_memory_lose_nothing_to_a_replica_that_was_behind(
    start_failover: Callable[[], Failover], start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    failover = await asyncio.to_thread(start_failover)
    cluster = await start_cluster("daphne", "uvicorn", redis=failover)
    tabs = await open_tabs(cluster, 10)
    await asyncio.gather(*(tab.click("increment") for tab in tabs))

    async def fail() -> None:
        await asyncio.to_thread(failover.cut_replication)
        answered = [tab.state["count"] for tab in tabs]
        # What is answered from here on, the replica will not have heard of.
        await asyncio.gather(*(moved_on(tab, count) for tab, count in zip(tabs, answered, strict=True)))
        await asyncio.to_thread(failover.fail)

    failing = asyncio.create_task(fail())
    while not failing.done():
        await asyncio.gather(*(tab.trigger("increment") for tab in tabs))
        await asyncio.sleep(0.2)
    await failing
    # Each session's next commit finds the store behind, and writes the session into it again.
    assert [await tab.click("increment", 30) for tab in tabs] == ["ok"] * len(tabs)
    await everything_counted(tabs, cluster)


async def moved_on(tab: Tab, count: int) -> None:
    await tab.until(lambda: tab.state["count"] > count)
