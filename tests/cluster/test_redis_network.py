"""The network between an instance and Redis is cut, silent or slow, or Redis itself hangs: each click counts once."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable

import pytest

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.tabs import Tab
from tests.cluster.test_redis_faults import click_for, everything_counted
from tests.faulty_network import FaultyNetwork

TABS = 10
#: Shorter than what is set for production, so that silence is noticed within the time of a test.
GIVES_UP_AFTER_SECONDS = 1.0


class Divided:
    """Two instances; what the first of them has of Redis goes through a network of its own."""

    def __init__(self, cluster: Cluster, network: FaultyNetwork) -> None:
        self.cluster = cluster
        self.network = network
        self.cut_off, self.well = cluster.instances


@pytest.fixture
async def divided(start_cluster: StartCluster) -> AsyncIterator[Divided]:
    cluster = await start_cluster()
    with FaultyNetwork(cluster.redis.port) as network:
        url = f"redis://127.0.0.1:{network.port}/0?socket_timeout={GIVES_UP_AFTER_SECONDS}"
        await cluster.start("daphne", CLUSTER_SETTINGS=json.dumps({"REDIS_URL": url}))
        await cluster.start("uvicorn")
        yield Divided(cluster, network)


def cut(network: FaultyNetwork) -> None:
    network.cut()


def silence(network: FaultyNetwork) -> None:
    network.silence()


def slow_down(network: FaultyNetwork) -> None:
    """As slow as makes heartbeats come too late, now and then."""
    network.delay = lambda: random.uniform(0.1, 0.45)


@pytest.mark.parametrize("fault", [cut, silence, slow_down])
async def test_clicks_count_once_while_an_instances_line_to_redis_fails(
    fault: Callable[[FaultyNetwork], None], divided: Divided, open_tabs: OpenTabs
) -> None:
    cluster, network = divided.cluster, divided.network
    stay, leave = (
        await open_tabs(cluster, TABS, next_port=lambda: divided.cut_off.port),
        await open_tabs(cluster, TABS, next_port=lambda: divided.cut_off.port),
    )
    tabs = stay + leave

    async def fail() -> None:
        await asyncio.sleep(0.5)
        fault(network)
        await asyncio.sleep(1)
        # Half of them go to the other instance, while the one that has their sessions cannot hear of it.
        for tab in leave:
            tab.next_port = lambda: divided.well.port
            await tab.lose_socket()
        await asyncio.gather(*(tab.until(lambda tab=tab: is_at(tab, divided.well.port), 30) for tab in leave))  # type: ignore[misc]
        await asyncio.sleep(1)
        network.heal()

    await asyncio.gather(click_for(tabs, 4), fail())
    await everything_counted(tabs, cluster)
    assert {code for tab in tabs for code in tab.closings} <= {4412}


def is_at(tab: Tab, port: int) -> bool:
    return tab.is_live and tab.port == port


async def test_clicks_count_once_while_redis_hangs(start_cluster: StartCluster, open_tabs: OpenTabs) -> None:
    cluster = await start_cluster()
    url = f"{cluster.redis.url}?socket_timeout={GIVES_UP_AFTER_SECONDS}"
    await cluster.start("daphne", "uvicorn", CLUSTER_SETTINGS=json.dumps({"REDIS_URL": url}))
    tabs = await open_tabs(cluster, TABS)

    async def hang() -> None:
        await asyncio.sleep(0.5)
        for seconds in (0.5, 2.5):  # shorter, and longer, than they wait for an answer
            cluster.redis.freeze()
            await asyncio.sleep(seconds)
            cluster.redis.resume()
            await asyncio.sleep(0.5)

    await asyncio.gather(click_for(tabs, 4.5), hang())
    await everything_counted(tabs, cluster)
