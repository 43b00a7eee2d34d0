"""Instances whose clocks differ by minutes: nothing that they say to each other is a time of day."""

from __future__ import annotations

import asyncio

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.test_redis_faults import click_for, everything_counted

#: Four minutes between the two that are wrong: nearly as long as a ticket lives.
SKEW_SECONDS = 120


async def test_sessions_move_between_instances_whose_clocks_differ(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne")
    await cluster.start("uvicorn", CLOCK_SKEW=f"{SKEW_SECONDS}")
    await cluster.start("daphne", CLOCK_SKEW=f"-{SKEW_SECONDS}")
    tabs = await open_tabs(cluster, 12)

    async def move() -> None:
        for tab in tabs * 2:
            await asyncio.sleep(0.1)
            await tab.lose_socket()

    await asyncio.gather(click_for(tabs, 4), move())
    await everything_counted(tabs, cluster)
    # Pages, tickets, tokens and sockets of each were taken by each.
    assert {code for tab in tabs for code in tab.closings} == set()
