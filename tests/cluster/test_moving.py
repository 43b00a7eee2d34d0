"""A session goes where its browser's socket is, unless its handlers are running."""

from __future__ import annotations

import asyncio

from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.tabs import Tab


async def move(tab: Tab, cluster: Cluster) -> None:
    """Lose the socket, and come back to the other one of two instances."""
    before = tab.port
    other = next(instance.port for instance in cluster.instances if instance.port != before)
    tab.next_port = lambda: other
    await tab.lose_socket()
    await tab.until(lambda: tab.is_live and tab.port == other)


async def test_an_idle_session_goes_on_at_another_instance(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn")
    (tab,) = await open_tabs(cluster)
    assert await tab.click("increment") == "ok"
    await move(tab, cluster)
    assert await tab.click("increment") == "ok"
    await move(tab, cluster)
    assert await tab.click("append") == "ok"
    assert (tab.state["count"], tab.state["rows"]) == (2, [0])
    assert tab.answers == {1: 1, 2: 1, 3: 1}


async def test_running_handlers_stay_and_are_seen_from_afar(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn")
    (tab,) = await open_tabs(cluster)
    long = await tab.trigger("long")
    await tab.until(lambda: tab.state["progress"] >= 3)
    await move(tab, cluster)
    seen = tab.state["progress"]
    await tab.until(lambda: tab.state["progress"] > seen + 3)
    rows = [await tab.trigger("append") for _ in range(5)]
    clicks = [await tab.trigger("increment") for _ in range(5)]
    for number in rows + clicks:
        assert await tab.answered(number) == "ok"
    assert long not in tab.results  # still at it
    assert (tab.state["rows"], tab.state["count"]) == ([0, 1, 2, 3, 4], 5)
    assert await tab.answered(long) == "ok"
    assert tab.state["long_done"] == 1
    # Nothing keeps it where it was any more: it survives the owner.
    await asyncio.sleep(0.5)
    for instance in cluster.instances:
        if instance.port != tab.port:
            instance.kill()
    assert await tab.click("increment") == "ok"
    assert (tab.state["count"], tab.state["progress"]) == (6, 40)
    assert set(tab.answers.values()) == {1}


async def test_a_page_cancels_what_runs_at_another_instance(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn")
    (tab,) = await open_tabs(cluster)
    long = await tab.trigger("long")
    await tab.until(lambda: tab.state["progress"] >= 3)
    await move(tab, cluster)
    assert long not in tab.results
    await tab.cancel()
    assert await tab.answered(long) == "interrupted"
    ended_at = tab.state["progress"]
    assert 3 <= ended_at < 40, "what it had changed is kept"
    assert await tab.click("increment") == "ok"
    assert (tab.state["progress"], tab.state["long_done"], tab.state["count"]) == (ended_at, 0, 1)


async def test_a_handler_that_dies_with_its_instance_is_reported_once(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne")
    (tab,) = await open_tabs(cluster)
    assert await tab.click("increment") == "ok"
    long = await tab.trigger("long")
    await tab.until(lambda: tab.state["progress"] >= 5)
    owner = cluster.at(tab.port)
    owner.kill()
    assert await tab.answered(long) == "interrupted"
    assert tab.state["progress"] >= 5
    assert tab.state["long_done"] == 0
    assert await tab.click("increment") == "ok"
    assert tab.state["count"] == 2
    await move(tab, await _restarted(cluster, owner.port))
    await asyncio.sleep(1)
    assert tab.answers[long] == 1
    assert tab.state["long_done"] == 0


async def test_an_event_that_had_not_begun_is_run_by_the_next_owner_once(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne")
    (tab,) = await open_tabs(cluster)
    slow = await tab.trigger("slow")
    # The same component's events run one after another: these wait in the owner's memory.
    waiting = [await tab.trigger("slow")]
    await asyncio.sleep(0.5)
    cluster.at(tab.port).kill()
    assert await tab.answered(slow) == "interrupted"
    assert await tab.answered(waiting[0]) == "ok"
    assert tab.state["slow_done"] == 1


async def test_two_tabs_of_one_visitor_at_two_instances_are_two_sessions(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "daphne")
    first, second = await open_tabs(cluster, 2)
    await asyncio.gather(first.click("increment"), second.click("increment"))
    assert first.state["count"] == second.state["count"] == 1


async def _restarted(cluster: Cluster, port: int) -> Cluster:
    instance = cluster.at(port)
    instance.launch()
    await instance.ready()
    return cluster
