"""Floods against real servers: each has its code, memory stays flat, and others notice nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable

import pytest
import websockets

from tests.cluster.conftest import OpenTabs, StartCluster, cluster_database, open_tabs, start_cluster
from tests.cluster.instances import ServerKind
from tests.cluster.tabs import Tab
from tests.plugins.redis import start_redis

__all__ = ["cluster_database", "open_tabs", "start_cluster", "start_redis"]

pytestmark = [pytest.mark.cluster, pytest.mark.redis]

EVENT = '{"type":"event","n":1,"target":[["root",0],["page",0],["increment",0]],"event":"ss-click","payload":null}'
LARGE = json.dumps({"type": "event", "x": " " * (2 * 1024 * 1024)})
DEEP = EVENT.replace("null}", "[" * 1_000_000)
ROUNDS = 2


async def attack(tab: Tab, frame: str, times: int) -> int:
    """Send a frame so many times, or until the server has had enough, and return the code it closes with."""
    closings = len(tab.closings)
    await tab.until(lambda: tab.is_live, 30)
    with contextlib.suppress(websockets.ConnectionClosed, AttributeError):
        for _ in range(times):
            assert tab._socket is not None
            await tab._socket.send(frame)
    await tab.until(lambda: len(tab.closings) > closings, 30)
    return tab.closings[-1]


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_floods_are_closed_with_their_code_and_cost_no_memory(
    kind: ServerKind, start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster(kind)
    (instance,) = cluster.instances
    bystander, large, deep, quick = await open_tabs(cluster, 4)

    async def rounds() -> None:
        for tab, frame, times, codes in (
            # Daphne itself takes no more than 1 MiB: it hangs up, without a word.
            (large, LARGE, 1, {1006} if kind == "daphne" else {4429}),
            (deep, DEEP, 12, {4429}),
            (quick, EVENT, 3000, {4429}),
        ):
            assert await attack(tab, frame, times) in codes

    await rounds()  # once before, so that what the process allocates for good is there
    before = most = instance.resident_bytes()
    attacking = asyncio.create_task(asyncio.wait_for(repeat(rounds), 60))
    slowest = 0.0
    while not attacking.done():
        began = time.monotonic()
        assert await bystander.click("increment") == "ok"
        slowest = max(slowest, time.monotonic() - began)
        most = max(most, instance.resident_bytes())
        await asyncio.sleep(0.02)
    await attacking
    assert (most - before) / 2**20 < 20, f"memory grew by {(most - before) / 2**20:.1f} MiB"
    assert slowest < 3
    assert bystander.closings == []
    assert bystander.state["count"] == bystander.sent


async def repeat(rounds: Callable[[], Awaitable[None]]) -> None:
    for _ in range(ROUNDS):
        await rounds()
