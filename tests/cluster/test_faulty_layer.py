"""The channel layer loses, doubles and delays what it is given: whoever waited for it finds out by itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from tests.cluster.conftest import IS_LONG, OpenTabs, StartCluster
from tests.cluster.layers import FaultyLayer
from tests.cluster.tabs import Tab
from tests.patience import overload

UPDATES = 1000 if IS_LONG else 300
PUSHES = 20
CONVERGES_WITHIN_SECONDS = 5
LAYER = f"{FaultyLayer.__module__}.{FaultyLayer.__qualname__}"


async def test_what_concerns_all_instances_reaches_them_all_whatever_the_layer_does(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster()
    await cluster.start("daphne", "uvicorn", "daphne", CLUSTER_LAYER=LAYER)
    tabs = await open_tabs(cluster, 6)
    assert {tab.port for tab in tabs} == {instance.port for instance in cluster.instances}
    busy = [next(tab for tab in tabs if tab.port == instance.port) for instance in cluster.instances]

    async def converge(component: str, times: int, has_all: Callable[[Tab], bool]) -> None:
        numbers = [await tab.enter(component, str(times)) for tab in busy]
        for tab, number in zip(busy, numbers, strict=True):
            assert await tab.answered(number, 120) == "ok"
        ended_at = time.monotonic()
        await asyncio.gather(*(tab.until(lambda tab=tab: has_all(tab), 60) for tab in tabs))  # type: ignore[misc]
        assert time.monotonic() - ended_at < CONVERGES_WITHIN_SECONDS * overload()

    await converge("addToTotal", UPDATES, lambda tab: tab.state["shared"]["total"] == 3 * UPDATES)
    await converge("announce", PUSHES, lambda tab: len(tab.state["rows"]) == 3 * PUSHES)
    for tab in tabs:
        assert Counter(tab.state["rows"]) == dict.fromkeys(range(PUSHES), 3)
    # All see the same, in the order in which the store has taken them.
    assert len({str(tab.state["rows"]) for tab in tabs}) == 1
