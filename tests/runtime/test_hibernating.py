"""Sessions that nobody looks at leave memory, come back with the next event, and end with all they had."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.dispatch import BrowserEvent
from streamsync_django.core.errors import SessionGone
from streamsync_django.core.stored import pickling
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.runtime.uploads import ReceivedFile
from streamsync_django.stores.base import StoreFull
from streamsync_django.stores.memory import MemoryStore
from tests.live import button, write_application
from tests.plugins.redis import redis_server
from tests.redis_server import RedisServer
from tests.runtime.test_pushes import ADA, Instances, create, until

__all__ = ["redis_server"]

MAIN = """
import time
import streamsync_django as ss

ss.init_state({"count": 0, "odd": None})

class Odd:
    def to_dict(self):
        return {"odd": True}

def add(state):
    state["count"] += 1

def keep(state):
    state["odd"] = Odd()

def drop(state):
    state["odd"] = 1

def slow(state):
    time.sleep(1)
    state["count"] += 100
"""


class Browser:
    """The browser's end of a session, as far as the session notices."""

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_application(
        tmp_path / "shop",
        MAIN,
        [button("add", "add"), button("slow", "slow"), button("keep", "keep"), button("drop", "drop")],
    )


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for idle sessions all the time."""
    monkeypatch.setattr("streamsync_django.runtime.runtime.SWEEP_SECONDS", 0.02)


@pytest.fixture
async def instances(redis_server: RedisServer, folder: Path, often: None) -> AsyncIterator[Instances]:
    instances = Instances(redis_server.url, folder)
    yield instances
    for runtime in instances.runtimes:
        await asyncio.to_thread(runtime.close, 1.0)


async def click(session: LiveSession, component: str = "add") -> None:
    target = [("root", 0), ("page", 0), (component, 0)]
    event = BrowserEvent(session.next_event, target, "ss-click", {}, session.version, session.tree.revision)
    assert session.submit(event)


async def resumed(runtime: Runtime, session: LiveSession) -> LiveSession:
    return await asyncio.to_thread(runtime.custody.resume, session.id, "shop", ADA, {})


@pytest.mark.redis
async def test_an_idle_session_leaves_memory_and_returns_with_all_it_had(instances: Instances) -> None:
    runtime = instances.start(hibernate_after=0.2)
    session = await create(runtime)
    await click(session)
    await until(lambda: session.version > 0 and not session.is_busy)
    await until(lambda: session.id not in runtime.sessions)
    back = await resumed(runtime, session)
    assert back is not session
    assert back.state["count"] == 1
    await click(back)
    await until(lambda: back.version > session.version)
    assert back.state["count"] == 2


@pytest.mark.redis
async def test_what_is_looked_at_or_busy_or_has_files_stays(instances: Instances, tmp_path: Path) -> None:
    runtime = instances.start(hibernate_after=0.05)
    looked_at, busy, waiting = [await create(runtime) for _ in range(3)]
    looked_at.connection = Browser()
    await click(busy, "slow")
    path = tmp_path / "upload"
    path.write_bytes(b"x")
    runtime.uploads.keep(waiting.id, [ReceivedFile(path, "x.txt", "text/plain", 1)])
    idle = await create(runtime)
    await until(lambda: idle.id not in runtime.sessions)
    assert busy.id in runtime.sessions
    await until(lambda: busy.id not in runtime.sessions)
    assert {looked_at.id, waiting.id} == set(runtime.sessions)
    runtime.uploads.discard(waiting.id)
    await until(lambda: waiting.id not in runtime.sessions)


@pytest.mark.redis
async def test_a_session_with_a_value_that_no_store_gives_back_stays_and_its_author_is_told(
    instances: Instances,
) -> None:
    runtime = instances.start(hibernate_after=0.05)
    session = await create(runtime)
    await click(session, "keep")
    await until(lambda: session.version > 0 and not session.is_busy)
    idle = await create(runtime)
    await until(lambda: idle.id not in runtime.sessions)
    assert session.id in runtime.sessions
    titles = [entry.title for entry in runtime.applications.log.entries("shop")]
    assert titles == ["odd stays in this process"]
    await click(session, "drop")
    await until(lambda: session.id not in runtime.sessions)


@pytest.mark.redis
async def test_where_pickling_is_on_such_a_session_comes_back_with_its_value(
    instances: Instances, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pickling, "_keys", (b"key",))
    runtime = instances.start(hibernate_after=0.05)
    session = await create(runtime)
    await click(session, "keep")
    await until(lambda: session.version > 0 and not session.is_busy)
    await until(lambda: session.id not in runtime.sessions)
    assert runtime.applications.log.entries("shop") == []
    back = await resumed(runtime, session)
    assert back is not session
    assert type(back.state["odd"]).__name__ == "Odd"
    assert back.state["odd"].to_dict() == {"odd": True}


@pytest.mark.redis
async def test_an_open_page_keeps_its_session_beyond_its_time_and_others_end_with_their_bytes(
    instances: Instances,
) -> None:
    runtime = instances.start(hibernate_after=0.1, session_ttl=0.6)
    store: Any = runtime.store
    kept, left = await create(runtime), await create(runtime)
    kept.connection = Browser()
    for session in (kept, left):
        store.put_blobs(session.id, {f"blob of {session.id}": ("text/plain", b"x")}, 0.6)
    await until(lambda: store.peek(left.id) is None)
    await asyncio.sleep(0.6)
    assert store.peek(kept.id) is not None
    assert store.get_blob(f"blob of {kept.id}") is not None
    assert store.get_blob(f"blob of {left.id}") is None
    with pytest.raises(SessionGone):
        await resumed(runtime, left)
    names = [key.decode() for key in store._connection.run([("KEYS", f"*{left.id}*")])[0]]
    assert names == []


@pytest.mark.redis
async def test_a_process_with_redis_keeps_so_many_sessions_in_memory_and_no_more(
    instances: Instances,
) -> None:
    runtime = instances.start(max_sessions=2)
    first, second = await create(runtime), await create(runtime)
    second.connection = Browser()
    third = await create(runtime)
    assert set(runtime.sessions) == {second.id, third.id}
    assert (await resumed(runtime, first)).id == first.id, "it only left memory"
    for session in runtime.sessions.values():
        session.connection = Browser()
    with pytest.raises(StoreFull, match="MAX_SESSIONS"):
        await create(runtime)


async def test_a_session_in_memory_ends_when_its_time_is_over_with_its_files(
    folder: Path, often: None, tmp_path: Path
) -> None:
    runtime = Runtime(
        applications=ApplicationRegistry({"shop": str(folder)}, FileLayouts()),
        store=MemoryStore(),
        options=RuntimeOptions(session_ttl=0.3, hibernate_after=0.01),
        loop=asyncio.get_running_loop(),
    )
    session = await create(runtime)
    path = tmp_path / "upload"
    path.write_bytes(b"x")
    runtime.uploads.keep(session.id, [ReceivedFile(path, "x.txt", "text/plain", 1)])
    await asyncio.sleep(0.1)
    assert session.id in runtime.sessions, "memory gives nothing back, so it does not hibernate"
    await until(lambda: session.id not in runtime.sessions and not path.exists())
    await until(lambda: runtime.store.peek(session.id) is None)
    with pytest.raises(SessionGone):
        await asyncio.to_thread(runtime.custody.resume, session.id, "shop", Visitor("user:1"), {})
    await asyncio.to_thread(runtime.close, 1.0)
