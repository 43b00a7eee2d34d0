"""Instances of different releases side by side: each session keeps the state it began with."""

from __future__ import annotations

import asyncio
from typing import Any

from streamsync_django.core.stored import from_stored
from streamsync_django.stores.redis import RedisStore
from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.tabs import Tab
from tests.live import runtime_session_id


async def test_sessions_keep_their_beginning_through_a_rolling_deploy(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn", "daphne")
    tabs = await open_tabs(cluster, 12, slug="release")
    # Page and socket may have come from processes with different random values: the session's is what counts.
    await asyncio.gather(*(tab.click("increment") for tab in tabs))
    lucky = [tab.state["lucky"] for tab in tabs]
    for instance in cluster.instances:
        instance.kill()
        instance.launch(CLUSTER_RELEASE="2")
        await instance.ready()
        await asyncio.gather(*(tab.click("increment") for tab in tabs))
    for tab in tabs:
        assert tab.state["count"] == 4
        assert (tab.state["release"], tab.state["only"]) == ("1", {"in1": True})
    assert [tab.state["lucky"] for tab in tabs] == lucky
    await agree(tabs, cluster)
    (fresh,) = await open_tabs(cluster, slug="release")
    await fresh.click("increment")
    assert (fresh.state["release"], fresh.state["only"]) == ("2", {"in2": True})


async def agree(tabs: list[Tab], cluster: Cluster) -> None:
    """Check that what browsers put together of patches is what Redis has, and what an instance makes of that."""
    store = RedisStore(cluster.redis.url)
    for tab in tabs:
        patched = dict(tab.state)
        tab.version = -1
        other = next(instance.port for instance in cluster.instances if instance.port != tab.port)
        tab.next_port = lambda port=other: port  # type: ignore[misc]
        await tab.lose_socket()
        await tab.until(lambda tab=tab: tab.version >= 0)  # type: ignore[misc]
        assert tab.state == patched
        stored = store.read(runtime_session_id(tab.blob_query))
        assert stored is not None
        for element in stored.elements:
            shown: Any = tab.state
            for key in element.path:
                shown = shown.get(key) if isinstance(shown, dict) else None
            if element.stored is not None:
                assert shown == from_stored(element.stored[6:]), element.path
            else:  # deleted, unless it has become a nested state, whose elements stand for themselves
                assert shown is None or isinstance(shown, dict), element.path
    store.close()
