"""After any program, through any failure: browser, server and Redis have the same."""

from __future__ import annotations

import asyncio
import json
import random

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.test_deploys import agree

TABS = 4
MUTATIONS = 1000


async def test_every_copy_is_the_same_after_a_random_program(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn", "daphne")
    tabs = await open_tabs(cluster, TABS)
    is_over = asyncio.Event()

    async def run_program(index: int) -> None:
        draw = random.Random(index)
        done = 0
        while done < MUTATIONS:
            steps = draw.randrange(1, 25)
            done += steps
            await tabs[index].enter("mutate", json.dumps([draw.randrange(2**32), steps]))
            await asyncio.sleep(0.1)
            if draw.random() < 0.1:
                await tabs[index].lose_socket()
        await tabs[index].settle()

    killing = asyncio.create_task(_kill_at_random(cluster, is_over))
    await asyncio.gather(*(run_program(index) for index in range(TABS)))
    is_over.set()
    await killing
    # Applied once each and in order, a program has one result only.
    for index, tab in enumerate(tabs):
        assert await tab.click("dump") == "ok"
        seen = json.loads(tab.state["dump"])
        assert seen == {key: tab.state[key] for key in ("count", "rows", "tree")}
        assert set(tab.answers.values()) == {1}
        statuses = {status for status, _ in tab.results.values()}
        assert statuses <= {"ok", "interrupted"}, (index, tab.results)
    await agree(tabs, cluster)


async def _kill_at_random(cluster: Cluster, is_over: asyncio.Event) -> None:
    draw = random.Random(7)
    while not is_over.is_set():
        await asyncio.sleep(2)
        instance = draw.choice(cluster.instances)
        instance.kill()
        await asyncio.sleep(0.5)
        instance.launch()
        await instance.ready()
