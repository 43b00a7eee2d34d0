"""Instances die under load, and every click counts once."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections import Counter

from tests.cluster.conftest import IS_LONG, OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.tabs import Tab
from tests.patience import overload

TABS = 100 if IS_LONG else 30
SECONDS = 120 if IS_LONG else 30
CLICKS_PER_SECOND = 5


async def test_every_click_counts_once_while_instances_are_killed(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn", "daphne")
    tabs = await open_tabs(cluster, TABS)
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(click_on(tab, until) for tab in tabs), kill_in_turn(cluster, until, every=10))
    await asyncio.gather(*(tab.settle(30) for tab in tabs))

    for tab in tabs:
        statuses = Counter(status for status, _ in tab.results.values())
        assert set(statuses) <= {"ok", "interrupted"}
        # What was interrupted (its handler had been at it for 50 ms) may be in the state or not, and says so.
        assert tab.sent - statuses["interrupted"] <= tab.state["count"] <= tab.sent
        assert tab.answers.total() == len(tab.answers)
        assert tab.ended is None
    # The store says the same to somebody who has seen nothing yet.
    counts = [tab.state["count"] for tab in tabs]
    for tab in tabs:
        tab.version = -1
        await tab.lose_socket()
    await asyncio.gather(*(tab.until(lambda tab=tab: tab.is_live and tab.version >= 0) for tab in tabs))  # type: ignore[misc]
    assert [tab.state["count"] for tab in tabs] == counts
    reconnects = sorted(itertools.chain.from_iterable(tab.reconnects for tab in tabs))
    p95 = statistics.quantiles(reconnects, n=20)[-1]
    interrupted = sum(status == "interrupted" for tab in tabs for status, _ in tab.results.values())
    print(
        f"{sum(tab.sent for tab in tabs)} clicks, {interrupted} interrupted, {len(reconnects)} reconnects, p95 {p95:.2f} s"
    )
    assert p95 < 2 * overload()


async def click_on(tab: Tab, until: float) -> None:
    """Click at an even pace, whether or not the server answers."""
    await asyncio.sleep(hash(id(tab)) % 200 / 1000)
    while time.monotonic() < until:
        await tab.trigger("increment")
        await asyncio.sleep(1 / CLICKS_PER_SECOND)


async def kill_in_turn(cluster: Cluster, until: float, every: float) -> None:
    """Kill one instance after the other; each comes back three seconds later."""
    for instance in itertools.cycle(cluster.instances):
        if time.monotonic() + every / 2 > until:
            return
        await asyncio.sleep(every / 2)
        instance.kill()
        await asyncio.sleep(3)
        instance.launch()
        await instance.ready()
        await asyncio.sleep(max(0, every / 2 - 3))
