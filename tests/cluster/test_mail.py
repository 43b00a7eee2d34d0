"""Messages to a visitor arrive once each and in order, whatever becomes of sockets and instances."""

from __future__ import annotations

import asyncio
import itertools
import time

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.tabs import Tab

TABS = 8


async def test_mail_arrives_once_through_lost_sockets_and_a_killed_instance(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn")
    tabs = await open_tabs(cluster, TABS)
    until = time.monotonic() + 4

    async def ask(tab: Tab) -> None:
        for turn in itertools.count(1):
            if time.monotonic() > until:
                return
            await tab.trigger("tell")
            await asyncio.sleep(0.1)
            if turn % 5 == 0:
                await tab.lose_socket()

    async def kill() -> None:
        await asyncio.sleep(2)
        cluster.instances[0].kill()
        cluster.instances[0].launch()

    await asyncio.gather(*(ask(tab) for tab in tabs), kill())
    await asyncio.gather(*(tab.settle(60) for tab in tabs))
    for tab in tabs:
        # A handler that was interrupted may have said something, or not; the next ones count on from there.
        told = [payload["title"] for _, type_, payload in tab.mail if type_ == "notification"]
        assert told == [f"number {number}" for number in range(1, tab.state["count"] + 1)]
        interrupted = sum(status == "interrupted" for status, _ in tab.results.values())
        assert tab.sent - interrupted <= tab.state["count"] <= tab.sent
