"""A browser that reads nothing costs the server next to nothing."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.cluster.conftest import IS_LONG, OpenTabs, StartCluster
from tests.cluster.instances import ServerKind
from tests.patience import overload

UPDATES = 20_000 if IS_LONG else 4_000


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_browser_that_stops_reading_holds_up_nobody(
    kind: ServerKind, start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster(kind)
    (instance,) = cluster.instances
    silent, *others = await open_tabs(cluster, 6)
    # Once before, so that what the process allocates for good is there.
    await silent.answered(await silent.enter("flood", "500"))
    await asyncio.gather(*(tab.click("increment") for tab in others))
    before = instance.resident_bytes()
    silent.reads.clear()
    number = await silent.enter("flood", str(UPDATES))
    latencies: list[float] = []
    most = before
    until = time.monotonic() + (30 if IS_LONG else 6)
    while time.monotonic() < until:
        for tab in others:
            began = time.monotonic()
            assert await tab.click("increment") == "ok"
            latencies.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
        most = max(most, instance.resident_bytes())
    silent.reads.set()
    assert await silent.answered(number, 120) == "ok"
    await silent.until(lambda: silent.state["flood"].startswith(f"{UPDATES} "))
    grown = (max(most, instance.resident_bytes()) - before) / 2**20
    p99 = sorted(latencies)[int(len(latencies) * 0.99)]
    print(f"{kind}: {UPDATES} updates, memory +{grown:.1f} MiB, others' p99 {p99 * 1000:.0f} ms")
    assert grown < 20
    assert p99 < 0.1 * overload()


@pytest.mark.skipif(not IS_LONG, reason="takes a minute: STREAMSYNC_TEST_LONG=1")
async def test_an_idle_socket_stays_open(start_cluster: StartCluster, open_tabs: OpenTabs) -> None:
    cluster = await start_cluster("daphne", "uvicorn")
    tabs = await open_tabs(cluster, 4)
    await asyncio.sleep(60)
    assert [(tab.reconnects, tab.closings) for tab in tabs] == [([], [])] * 4
    assert [await tab.click("increment") for tab in tabs] == ["ok"] * 4
