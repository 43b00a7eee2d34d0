"""Layouts on several instances: what one publishes or edits, the open pages of the others have at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from streamsync_django.layouts.drafts import Draft, apply_edit
from streamsync_django.layouts.operations import read_operations
from streamsync_django.models.layout import read_tree
from tests.cluster.conftest import OpenTabs, StartCluster
from tests.cluster.instances import Cluster
from tests.cluster.tabs import Tab

#: Longer than any test waits: what arrives has not been found by polling.
NEVER = 3600.0
SLUG = "lab"


#: A process without sockets: for each line it gives the button that text, publishes it, and says when.
PUBLISHER = f"""
import sys, time
from pathlib import Path
from streamsync_django.layouts.operations import Update
from streamsync_django.publishing import deploying, drafts, revisions
deploying.take_over("{SLUG}", Path("tests/apps/cluster_lab"))
print("ready", flush=True)
for line in sys.stdin:
    base = drafts.load("{SLUG}").version
    drafts.edit("{SLUG}", [Update(id="increment", content={{"text": line.strip()}})], base=base)
    began = time.time()
    revisions.publish("{SLUG}")
    print(began, flush=True)
"""


@asynccontextmanager
async def publisher(cluster: Cluster, **environment: str) -> AsyncIterator[Callable[[str], Awaitable[float]]]:
    """Start a publisher; called with a text, it publishes that and returns when it began to."""
    process = await cluster.manage("shell", "--no-imports", "-c", PUBLISHER, **environment)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    async def publish(text: str) -> float:
        stdin.write(f"{text}\n".encode())
        return float(await stdout.readline())

    try:
        assert await stdout.readline() == b"ready\n"
        yield publish
    finally:
        process.kill()
        await process.wait()


async def draws(tab: Tab, text: str, seconds: float = 30) -> float:
    """Wait until a tab shows the button with this text, and return when that was."""
    await tab.until(lambda: tab.layout["components"]["increment"]["content"]["text"] == text, seconds)
    return time.time()


async def test_a_published_layout_is_drawn_on_every_instance_within_a_second_without_polling(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne", "uvicorn", LAYOUT_POLL_SECONDS=NEVER)
    async with publisher(cluster) as publish:
        tabs = await open_tabs(cluster, 2)
        assert {tab.port for tab in tabs} == {instance.port for instance in cluster.instances}
        for tab in tabs:
            assert await tab.click("increment") == "ok"
        delays = []
        for number in range(5):
            began, *seen = await asyncio.gather(
                publish(f"Text {number}"), *(draws(tab, f"Text {number}") for tab in tabs)
            )
            delays.append(max(seen) - began)
    # A machine that has other things to do may be late now and then, not always.
    assert min(delays) < 1.0, delays
    for tab in tabs:
        assert await tab.click("increment") == "ok"
        assert (tab.state["count"], tab.closings, tab.errors) == (2, [], [])


async def test_a_wake_up_that_is_lost_costs_five_seconds_at_most(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster("daphne")
    # The publisher has the database and no Redis: it cannot wake anybody.
    async with publisher(cluster, REDIS_URL="") as publish:
        (tab,) = await open_tabs(cluster)
        began, seen = await asyncio.gather(publish("Quietly"), draws(tab, "Quietly"))
    assert seen - began < 5 + 5  # the poll's interval, and what a busy machine needs to act on it
    assert tab.closings == []


async def answer_to(tab: Tab, key: str) -> dict[str, Any]:
    await tab.until(lambda: any(message.get("key") == key for message in tab.editing), 30)
    return next(message for message in tab.editing if message.get("key") == key)


def update(component: str, text: str) -> list[dict[str, Any]]:
    return [{"do": "update", "id": component, "content": {"text": text}}]


async def test_two_editors_at_two_instances_stay_in_step_and_overwrite_nothing(
    start_cluster: StartCluster, open_tabs: OpenTabs
) -> None:
    cluster = await start_cluster(
        "daphne", "uvicorn", LAYOUT_POLL_SECONDS=NEVER, ACCESS={SLUG: {"edit": "everyone"}}
    )
    ada, bob = await open_tabs(cluster, 2)
    for tab in (ada, bob):
        await tab.edit(type="draft")
        await tab.until(lambda tab=tab: bool(tab.editing), 30)  # type: ignore[misc]
    assert ada.editing == bob.editing
    assert ada.editing[0]["version"] == 0
    await ada.edit(type="edit", key="a", base=0, operations=update("increment", "Up"))
    assert (await answer_to(ada, "a"))["version"] == 1
    await bob.until(lambda: len(bob.editing) == 2, 30)
    assert bob.editing[1] == {**ada.editing[1], "key": ""}
    # Sent before either has heard of the other: one is first, the other is told of it.
    await asyncio.gather(
        ada.edit(type="edit", key="b", base=1, operations=update("append", "Mine")),
        bob.edit(type="edit", key="b", base=1, operations=update("append", "Ours")),
    )
    answers = [await answer_to(tab, "b") for tab in (ada, bob)]
    assert sorted(answer["type"] for answer in answers) == ["conflict", "edited"]
    lost = next(answer for answer in answers if answer["type"] == "conflict")
    assert [(part["component"], part["part"]) for part in lost["conflicts"]] == [("append", "content.text")]
    # Different components merge, whatever each of them had seen.
    await asyncio.gather(
        ada.edit(type="edit", key="c", base=2, operations=update("slow", "Slow")),
        bob.edit(type="edit", key="c", base=2, operations=update("long", "Long")),
    )
    for tab in (ada, bob):
        assert (await answer_to(tab, "c"))["type"] == "edited"
        await tab.until(
            lambda tab=tab: tab.editing[-1].get("version") == 4,  # type: ignore[misc]
            30,
        )
        versions = [message["version"] for message in tab.editing if message["type"] == "edited"]
        assert versions == [1, 2, 3, 4]
    for tab in (ada, bob):  # what each of them has, made of the draft and the edits
        draft = Draft(read_tree(json.dumps(tab.editing[0]["components"])), 0)
        for message in tab.editing:
            if message["type"] == "edited":
                operations = read_operations(message["operations"])
                draft = apply_edit(draft, operations, base=draft.version).draft
        texts = {name: draft.tree[name].content["text"] for name in ("increment", "append", "slow", "long")}
        winner = "Mine" if answers[0]["type"] == "edited" else "Ours"
        assert texts == {"increment": "Up", "append": winner, "slow": "Slow", "long": "Long"}
