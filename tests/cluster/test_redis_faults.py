"""Redis dies, forgets, or is full, while visitors click."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
import redis

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.tabs import Tab
from tests.redis_server import RedisServer

TABS = 20


async def click_for(tabs: list[Tab], seconds: float) -> None:
    until = time.monotonic() + seconds

    async def click(tab: Tab) -> None:
        while time.monotonic() < until:
            await tab.trigger("increment")
            await asyncio.sleep(0.2)

    await asyncio.gather(*(click(tab) for tab in tabs))


async def everything_counted(tabs: list[Tab], cluster: Cluster) -> None:
    """Check what tabs show, and what another instance finds in the store."""
    await asyncio.gather(*(tab.settle(30) for tab in tabs))
    assert [tab.state["count"] for tab in tabs] == [tab.sent for tab in tabs]
    for tab in tabs:
        other = next(instance.port for instance in cluster.instances if instance.port != tab.port)
        tab.next_port = lambda port=other: port  # type: ignore[misc]
        tab.version = -1
        await tab.lose_socket()
    await asyncio.gather(*(tab.until(lambda tab=tab: tab.version >= 0) for tab in tabs))  # type: ignore[misc]
    assert [tab.state["count"] for tab in tabs] == [tab.sent for tab in tabs]
    assert all(tab.ended is None for tab in tabs)


async def restart_keeping(server: RedisServer) -> None:
    server.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(server.start)


async def restart_empty(server: RedisServer) -> None:
    server.kill()
    server.clear()
    await asyncio.sleep(0.5)
    await asyncio.to_thread(server.start)


async def forget_scripts(server: RedisServer) -> None:
    client = redis.Redis.from_url(server.url)
    for _ in range(10):
        client.script_flush()
        await asyncio.sleep(0.05)
    client.close()


@pytest.mark.parametrize("fault", [restart_keeping, restart_empty, forget_scripts])
async def test_nothing_is_lost_when_redis(
    fault: Callable[[RedisServer], Awaitable[None]], start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    options = ("--appendonly", "yes", "--appendfsync", "always") if fault is restart_keeping else ()
    cluster = await start_cluster("daphne", "uvicorn", redis=options)
    tabs = await open_tabs(cluster, TABS)

    async def break_it() -> None:
        await asyncio.sleep(1)
        await fault(cluster.redis)

    await asyncio.gather(click_for(tabs, 5), break_it())
    await everything_counted(tabs, cluster)


async def test_a_session_that_comes_back_while_its_owner_still_writes_it_again_is_not_given_up(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne")
    tabs = await open_tabs(cluster, TABS)
    await asyncio.gather(*(tab.click("increment") for tab in tabs))
    await restart_empty(cluster.redis)
    await asyncio.gather(*(tab.lose_socket() for tab in tabs))
    await asyncio.gather(*(tab.click("increment") for tab in tabs))
    await everything_counted(tabs, cluster)


async def test_a_full_redis_is_told_and_everything_goes_on_once_there_is_room(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne")
    tabs = await open_tabs(cluster, 5)
    await asyncio.gather(*(tab.click("increment") for tab in tabs))
    client = redis.Redis.from_url(cluster.redis.url)
    client.config_set("maxmemory", str(client.info("memory")["used_memory"] + 200_000))
    greedy, *others = tabs
    number = await greedy.enter("fill", "2000")
    await greedy.until(lambda: any(error["code"] == "store.full" for error in greedy.errors))
    assert await greedy.answered(number) == "rejected"
    client.config_set("maxmemory", "0")
    assert [await tab.click("increment") for tab in others] == ["ok"] * 4
    assert await greedy.click("increment") == "ok"
    assert (greedy.state["count"], greedy.state["text"]) == (2, "")

    client.config_set("maxmemory", "1")
    refused = await others[0].trigger("increment")
    await others[0].until(lambda: any(error["code"] == "store.full" for error in others[0].errors))
    assert await others[0].answered(refused) == "rejected"
    assert all(instance.is_running for instance in cluster.instances)
    client.config_set("maxmemory", "0")
    client.close()
    assert [await tab.click("increment") for tab in tabs] == ["ok"] * 5
    assert [tab.state["count"] for tab in tabs] == [3, 3, 3, 3, 3]
