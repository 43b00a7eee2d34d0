"""Pushes that sessions of several instances get, each once."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.pushes import Push, PushLedger, decode_push, encode_push
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.redis import RedisStore
from streamsync_django.transport.inbox import Inbox
from tests.live import write_application
from tests.patience import overload
from tests.plugins.redis import redis_server
from tests.redis_server import RedisServer

__all__ = ["redis_server"]

MAIN = """
import streamsync_django as ss

ss.init_state({"got": [], "also": []})

def note(state, payload):
    state["got"] += [payload]

def other(state, payload):
    state["also"] += [payload]
"""
ADA = Visitor("user:1")


def ledger(number: int = 0, **more: Any) -> PushLedger:
    ledger = PushLedger(threading.RLock())
    ledger.begin(number, **more)
    return ledger


def test_a_push_survives_being_stored() -> None:
    push = Push("note", {"a": [1, None]}, frozenset({"user:1"}))
    assert decode_push(encode_push(push)) == push
    with pytest.raises(TypeError):
        encode_push(Push("note", object()))


def test_a_push_is_taken_once_and_only_by_those_it_is_for() -> None:
    ours = ledger(5)
    pushes = [(5, Push("a")), (6, Push("a", 1)), (7, Push("a", 2, frozenset({"user:2"}))), (8, Push("b"))]
    assert [event.push_number for event in ours.take(pushes, "user:1")] == [6, 8]
    assert ours.take(pushes, "user:1") == []


def test_done_is_what_a_new_owner_need_not_run_again() -> None:
    ours = ledger(5)
    ours.take([(6, Push("a")), (7, Push("b")), (8, Push("c"))], "v")
    assert (ours.done, ours.take_done()) == (5, None)
    ours.end([7])
    assert ours.done == 5
    ours.end([6])
    assert (ours.done, ours.take_done(), ours.take_done()) == (7, 7, None)
    ours.end([8])
    assert ours.done == 8


def test_who_was_away_gets_the_newest_of_each_handler_then_all() -> None:
    ours = ledger(1, is_catching_up=True)
    assert ours.take([(6, Push("a", 6)), (7, Push("a", 7))], "v") == []
    missed = [(2, Push("a", 2)), (3, Push("b", 3)), (4, Push("a", 4)), (5, Push("a", 5, frozenset({"w"})))]
    assert [event.payload for event in ours.catch_up(missed, "v")] == [3, 4, 6, 7]
    assert [event.payload for event in ours.take([(8, Push("a", 8))], "v")] == [8]


class Instances:
    """Runtimes that share one Redis, all on this test's loop."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._prefix = url, secrets.token_hex(4)
        self._folder = folder
        self.runtimes: list[Runtime] = []

    def start(self, **options: Any) -> Runtime:
        runtime = Runtime(
            applications=ApplicationRegistry({"shop": str(self._folder)}, FileLayouts()),
            store=RedisStore(self._url, prefix=self._prefix),
            options=RuntimeOptions(**options),
            loop=asyncio.get_running_loop(),
        )
        self.runtimes.append(runtime)
        return runtime


async def create(runtime: Runtime) -> LiveSession:
    application = await asyncio.to_thread(runtime.applications.get, "shop")
    return await asyncio.to_thread(runtime.custody.create, application, ADA, {})


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds * overload()):
        while not condition():  # noqa: ASYNC110 (a condition of several threads)
            await asyncio.sleep(0.01)


def push(runtime: Runtime, handler: str, payload: Any) -> None:
    runtime.store.add_push("shop", encode_push(Push(handler, payload)))


@pytest.fixture
async def instances(redis_server: RedisServer, tmp_path: Path) -> AsyncIterator[Instances]:
    instances = Instances(redis_server.url, write_application(tmp_path / "shop", MAIN))
    yield instances
    for runtime in instances.runtimes:
        await asyncio.to_thread(runtime.close, 1.0)


@pytest.mark.redis
async def test_every_instance_finds_a_push_within_two_seconds(instances: Instances) -> None:
    here, there = instances.start(), instances.start()
    first, second = await create(here), await create(there)
    push(here, "note", "found by polling")
    await until(lambda: all(session.state["got"] == ["found by polling"] for session in (first, second)), 2.5)
    await asyncio.sleep(1.2)
    assert first.state["got"] == second.state["got"] == ["found by polling"], "once"


@pytest.mark.redis
async def test_the_channel_layer_wakes_the_other_instances(instances: Instances) -> None:
    from channels.layers import InMemoryChannelLayer

    layer = InMemoryChannelLayer()
    here, there = instances.start(), instances.start()
    inboxes = [Inbox(here, layer), Inbox(there, layer)]
    session = await create(there)
    await asyncio.sleep(0.05)
    push(here, "note", "woken")
    here.tell_others("shop")
    await until(lambda: session.state["got"] == ["woken"], 0.5)
    for inbox in inboxes:
        await inbox.close()


@pytest.mark.redis
async def test_a_session_that_was_away_gets_the_newest_push_of_each_handler(instances: Instances) -> None:
    here = instances.start()
    session = await create(here)
    push(here, "note", 0)
    here.pushes.look_soon("shop")
    await until(lambda: session.state["got"] == [0] and not session.is_busy)
    await asyncio.sleep(0.1)
    here.custody.give_up(session)
    for number in (1, 2, 3):
        push(here, "note", number)
    push(here, "other", "x")
    there = instances.start()
    back = await asyncio.to_thread(there.custody.resume, session.id, "shop", ADA, {})
    await until(lambda: back.state["got"] == [0, 3] and back.state["also"] == ["x"])
    push(there, "note", 4)
    await until(lambda: back.state["got"] == [0, 3, 4])
