"""An owner that was stopped, and does not know that others took its sessions over meanwhile."""

from __future__ import annotations

import asyncio

from tests.cluster.conftest import IS_LONG, OpenTabs, StartCluster

TABS = 1000 if IS_LONG else 200
FREEZES = 5


async def test_a_frozen_owner_writes_nothing_stale_when_it_resumes(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn")
    tabs = await open_tabs(cluster, TABS, next_port=lambda: cluster.instances[0].port)
    await asyncio.gather(*(tab.click("increment", 60) for tab in tabs))
    for freeze in range(FREEZES):
        frozen, other = cluster.instances[freeze % 2], cluster.instances[1 - freeze % 2]
        for tab in tabs:
            tab.next_port = lambda port=other.port: port  # type: ignore[misc]
        # Every second session has a handler under way or waiting there, and all have one more on the wire.
        await asyncio.gather(*(tab.trigger("increment") for tab in tabs[::2]))
        frozen.freeze()
        await asyncio.gather(*(tab.trigger("increment") for tab in tabs))
        await asyncio.sleep(1.5)
        await asyncio.gather(*(tab.lose_socket() for tab in tabs))
        await asyncio.gather(*(tab.settle(60) for tab in tabs))
        counts = [tab.state["count"] for tab in tabs]
        frozen.resume()
        await asyncio.gather(*(tab.click("increment", 60) for tab in tabs))
        assert [tab.state["count"] for tab in tabs] == [count + 1 for count in counts]
    await asyncio.sleep(1)
    # As the store has it, shown by an instance that has to load it.
    for tab in tabs:
        tab.next_port = lambda: cluster.instances[FREEZES % 2].port
        tab.version = -1
        await tab.lose_socket()
    await asyncio.gather(*(tab.until(lambda tab=tab: tab.version >= 0, 60) for tab in tabs))  # type: ignore[misc]
    assert [tab.state["count"] for tab in tabs] == [tab.sent for tab in tabs]
    assert all(tab.ended is None for tab in tabs)


async def test_a_frozen_owners_long_handler_ends_where_nobody_sees_it(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne")
    frozen, other = cluster.instances
    tabs = await open_tabs(cluster, 5, next_port=lambda: frozen.port)
    numbers = [await tab.trigger("long") for tab in tabs]
    await asyncio.gather(*(tab.until(lambda tab=tab: tab.state["progress"] >= 3) for tab in tabs))  # type: ignore[misc]
    frozen.freeze()
    for tab in tabs:
        tab.next_port = lambda: other.port
        await tab.lose_socket()
    for tab, number in zip(tabs, numbers, strict=True):
        assert await tab.answered(number) == "interrupted"
        assert await tab.click("increment") == "ok"
    progress = [tab.state["progress"] for tab in tabs]
    frozen.resume()
    await asyncio.sleep(2)
    for tab in tabs:
        assert await tab.click("increment") == "ok"
    assert [tab.state["progress"] for tab in tabs] == progress
    assert [(tab.state["count"], tab.state["long_done"]) for tab in tabs] == [(2, 0)] * 5
