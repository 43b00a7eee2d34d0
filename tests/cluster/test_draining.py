"""SIGTERM under load: nothing is lost, nothing is done twice, and nobody waits for long."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import ServerKind
from tests.cluster.test_kills import click_on
from tests.patience import overload


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_no_click_is_lost_or_doubled_when_instances_are_replaced(
    kind: ServerKind, start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster(kind, kind)
    tabs = await open_tabs(cluster, 30)
    until = time.monotonic() + 6

    async def replace() -> None:
        for instance in cluster.instances:
            await asyncio.sleep(1)
            instance.terminate()
            await instance.gone(5)
            instance.launch()
            await instance.ready()

    await asyncio.gather(*(click_on(tab, until) for tab in tabs), replace())
    await asyncio.gather(*(tab.settle() for tab in tabs))
    assert [tab.state["count"] for tab in tabs] == [tab.sent for tab in tabs]
    # One that had been at it for 50 ms when its instance was told to go ends there: nothing is interrupted.
    assert {status for tab in tabs for status, _ in tab.results.values()} == {"ok"}
    assert {code for tab in tabs for code in tab.closings} <= {4412}
    assert max(seconds for tab in tabs for seconds in tab.reconnects) < 3 * overload()


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_running_handlers_end_before_their_instance_does(
    kind: ServerKind, start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster(kind, kind)
    leaving, staying = cluster.instances
    (tab,) = await open_tabs(cluster, next_port=lambda: leaving.port)
    tab.next_port = lambda: staying.port
    long = await tab.trigger("long")
    slow = [await tab.trigger("slow"), await tab.trigger("slow")]
    await tab.until(lambda: tab.state["progress"] >= 3)
    leaving.terminate()
    await tab.until(lambda: tab.is_live and tab.port == staying.port, 3)
    assert leaving.is_running
    assert [await tab.answered(number) for number in (long, slow[0])] == ["ok", "ok"]
    await leaving.gone(3)
    # It waited for the first of its kind: another instance has done it.
    assert await tab.answered(slow[1]) == "ok"
    assert (tab.state["progress"], tab.state["long_done"], tab.state["slow_done"]) == (40, 1, 2)


async def test_a_handler_that_takes_too_long_is_left_behind_and_reported(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne", DRAIN_SECONDS=1)
    leaving, staying = cluster.instances
    (tab,) = await open_tabs(cluster, next_port=lambda: leaving.port)
    tab.next_port = lambda: staying.port
    long = await tab.trigger("long")
    await tab.until(lambda: tab.state["progress"] >= 3)
    leaving.terminate()
    assert await leaving.gone(4) > 1
    assert await tab.answered(long, 3) == "interrupted"
    assert await tab.click("increment") == "ok"
