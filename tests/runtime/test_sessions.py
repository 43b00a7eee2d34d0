"""A live session on a real event loop: events in, one patch per quick handler out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import BrowserEvent, Outcome
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.ledger import MAX_WAITING
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.memory import MemoryStore
from tests.making_apps import button, make_app
from tests.patience import overload
from tests.reference_browser import Browser, patch_message
from tests.session_host import OpenPage

MAIN = """
import threading
import time

import streamsync_django as ss

state = ss.init_state({"count": 0, "step": None, "order": []})
state.add_notification("info", "Welcome", "here")
gate, entered = threading.Event(), threading.Event()

def count(state):
    state["count"] += 1
    state["last"] = state["count"]

def quiet(): ...

def slow(state):
    state["order"].append("slow begins")
    entered.set()
    gate.wait(5)
    state["order"].append("slow ends")

def quick(state):
    state["order"].append("quick")

def steps(state):
    for number in range(4):
        state["step"] = number
        time.sleep(0.08)

def flushing(state):
    for number in range(5):
        state["step"] = number
        state.flush()

def generating(state):
    for number in range(5):
        state["step"] = number
        yield

def endless(state):
    entered.set()
    while True:
        state["step"] = 0
        time.sleep(0.005)

def broken(state):
    state["count"] += 10
    raise ValueError("secret detail")

def leaving(state):
    raise SystemExit(1)
"""
NAMES = ("count", "quiet", "slow", "quick", "steps", "flushing", "generating", "endless", "broken", "leaving")


class Page:
    """A browser at the session's end: asks for what it misses whenever it is woken."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self.browser = Browser(session.base.snapshot)
        self.patches: list[dict[str, Any]] = []
        self.outcomes: dict[int, Outcome] = {}
        self.mail: list[Any] = []
        self.acknowledged = 0
        self.code: int | None = None
        self.number = 0
        session.connection = self

    def wake(self) -> None:
        if self.browser.version == self.session.version:
            return
        update = self.session.update_since(self.browser.version)
        assert update.patch is not None
        self.patches.append(patch_message(update.patch))
        self.browser.receive(update.patch)
        self.outcomes.update(update.results)
        self.mail += [json.loads(item.json) for _, item in update.mail]
        self.acknowledged = update.acknowledged

    def end(self, code: int) -> None:
        self.code = code

    def draw(self, tree: ComponentTree) -> None:
        """The layout stays in these tests."""

    def refuse(self, numbers: Sequence[int], code: str, message: str) -> None:
        self.outcomes.update((number, Outcome("rejected", message)) for number in numbers)

    def click(self, name: str, number: int | None = None) -> int:
        self.number = number or self.number + 1
        target = [("root", 0), ("page", 0), (name, 0)]
        payload = {"ctrlKey": False, "shiftKey": False, "metaKey": False}
        layout = self.session.tree.revision
        event = BrowserEvent(self.number, target, "ss-click", payload, self.browser.version, layout)
        assert self.session.submit(event)
        return self.number

    async def do(self, name: str) -> Outcome:
        return await self.outcome(self.click(name))

    async def outcome(self, number: int) -> Outcome:
        await until(lambda: number in self.outcomes)
        return self.outcomes[number]


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds * overload()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.002)


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    folder = make_app(tmp_path, MAIN, *({**button(name, name), "id": name} for name in NAMES))
    made = Runtime(
        applications=ApplicationRegistry({"app": folder}, FileLayouts()),
        store=MemoryStore(),
        options=RuntimeOptions(),
        loop=asyncio.get_running_loop(),
    )
    yield made
    main(made)["gate"].set()
    made.close()


def main(runtime: Runtime) -> dict[str, Any]:
    """Return the globals of the application's main.py."""
    return runtime.applications.get("app").application.handlers["slow"].function.__globals__


def open_page(runtime: Runtime, visitor: str = "ada") -> Page:
    application = runtime.applications.get("app")
    return Page(runtime.custody.create(application, Visitor(visitor), {"cookies": {}}))


@pytest.fixture
def page(runtime: Runtime) -> Page:
    return open_page(runtime)


async def test_after_a_quick_handler_one_patch_has_all_it_did(page: Page) -> None:
    assert await page.do("count") == Outcome("ok")
    assert page.browser.state["count"] == 1
    assert page.patches[-1]["set"] == [[["count"], 1], [["last"], 1]]
    assert len([patch for patch in page.patches if patch["set"]]) == 1


async def test_a_handler_that_changes_nothing_is_acknowledged_all_the_same(page: Page) -> None:
    assert await page.do("quiet") == Outcome("ok")
    assert page.acknowledged == 1


async def test_mail_of_the_initial_state_arrives_once(page: Page) -> None:
    page.wake()
    await page.do("quiet")
    assert page.mail == [["notification", {"type": "info", "title": "Welcome", "message": "here"}]]


async def test_sessions_are_apart(runtime: Runtime) -> None:
    one, two = open_page(runtime), open_page(runtime)
    await one.do("count")
    await two.do("quiet")
    assert (one.browser.state["count"], two.browser.state["count"]) == (1, 0)


async def test_no_click_of_a_hundred_is_lost(page: Page) -> None:
    for _ in range(100):
        page.click("count")
    await page.outcome(100)
    assert page.browser.state["count"] == 100
    assert page.acknowledged == 100


async def test_an_event_sent_twice_runs_once(page: Page) -> None:
    first = page.click("count")
    page.click("count", first)
    await page.outcome(first)
    page.click("count", first)
    second = page.click("count", 2)
    await page.outcome(second)
    assert page.browser.state["count"] == 2


async def test_an_answer_that_was_missed_is_there_when_the_event_is_sent_again(page: Page) -> None:
    number = page.click("count")
    await page.outcome(number)
    late = Page(page.session)
    late.click("count", number)
    assert late.outcomes == {number: Outcome("ok")}
    assert late.browser.state["count"] == 1


async def test_events_done_out_of_order_count_once_the_gap_is_closed(runtime: Runtime, page: Page) -> None:
    slow = page.click("slow")
    await until(main(runtime)["entered"].is_set)
    quick = page.click("quick")
    await page.outcome(quick)
    assert slow not in page.outcomes
    assert page.acknowledged == 0
    assert page.session.next_event == 3
    main(runtime)["gate"].set()
    await page.outcome(slow)
    assert page.acknowledged == 2
    assert page.browser.state["order"] == ["slow begins", "quick", "slow ends"]


async def test_the_same_button_waits_for_its_slow_handler(runtime: Runtime, page: Page) -> None:
    page.click("slow")
    second = page.click("slow")
    await until(main(runtime)["entered"].is_set)
    await asyncio.sleep(0.15)
    assert page.session.state["order"] == ["slow begins"]
    main(runtime)["gate"].set()
    await page.outcome(second)
    assert page.browser.state["order"] == ["slow begins", "slow ends"] * 2


async def test_a_slow_handler_shows_its_progress(page: Page) -> None:
    assert await page.do("steps") == Outcome("ok")
    steps = [value for patch in page.patches for path, value in patch["set"] if path == ["step"]]
    assert len(steps) >= 3
    assert steps == sorted(steps)
    assert steps[-1] == 3


@pytest.mark.parametrize("name", ["flushing", "generating"])
async def test_flushes_and_yields_are_commits_of_their_own(page: Page, name: str) -> None:
    before = page.session.version
    assert await page.do(name) == Outcome("ok")
    assert page.session.version - before in (5, 6)
    assert page.browser.state["step"] == 4


async def test_an_exception_keeps_what_was_done_before_and_the_session_lives(
    runtime: Runtime, page: Page
) -> None:
    outcome = await page.do("broken")
    assert outcome.status == "failed"
    assert "secret" not in (outcome.message or "")
    assert page.browser.state["count"] == 10
    [entry] = [entry for entry in runtime.applications.log.entries("app") if entry.kind == "error"]
    assert "ValueError: secret detail" in (entry.traceback or "")
    assert (entry.session, entry.event, entry.handler) == (page.session.id, 1, "broken")
    assert (await page.do("leaving")).status == "failed"
    assert await page.do("count") == Outcome("ok")


async def test_a_running_handler_can_be_cancelled_and_others_go_on(runtime: Runtime, page: Page) -> None:
    number = page.click("endless")
    await until(main(runtime)["entered"].is_set)
    assert page.session.cancel([number + 1]) == 0, "another event's handler is not meant"
    assert page.session.cancel([number]) == 1
    assert (await page.outcome(number)).status == "interrupted"
    await until(lambda: not page.session.is_busy)
    assert page.session.cancel() == 0
    assert await page.do("count") == Outcome("ok")


async def test_sessions_are_counted_by_visitor_for_as_long_as_they_are_here(runtime: Runtime) -> None:
    custody = runtime.custody
    pages = [open_page(runtime, visitor) for visitor in ("ada", "ada", "bob")]
    assert custody._counts == {"ada": 2, "bob": 1}
    for page in pages:
        custody.give_up(page.session)
        custody.give_up(page.session)
    assert custody._counts == {}
    assert runtime.sessions == {}


async def test_a_session_that_was_ended_stops_its_handlers_and_closes_its_socket(
    runtime: Runtime, page: Page
) -> None:
    page.click("endless")
    await until(main(runtime)["entered"].is_set)
    assert runtime.end_session(page.session.id)
    await until(lambda: page.code is not None)
    assert page.code == 4410
    assert page.session.id not in runtime.sessions
    await until(lambda: page.session.order.is_idle)
    assert not runtime.end_session(page.session.id)


async def test_too_many_waiting_events_are_refused(runtime: Runtime, page: Page) -> None:
    page.click("slow")
    await until(main(runtime)["entered"].is_set)
    for _ in range(MAX_WAITING):
        page.click("slow")
    beyond = BrowserEvent(page.number + 1, [("root", 0)], "ss-click", None, 0, "")
    assert not page.session.submit(beyond)
    assert not page.session.submit(
        BrowserEvent(10**9, [("root", 0), ("page", 0), ("quick", 0)], "ss-click", None, 0, "")
    )
    page.session.order.clear()


async def test_what_a_browser_acknowledged_is_forgotten(page: Page) -> None:
    await page.do("count")
    version = page.session.version
    page.session.acknowledge(version + 5)
    assert page.session.update_since(0).results == [(1, Outcome("ok"))]
    page.session.acknowledge(version)
    update = page.session.update_since(0)
    assert (update.results, update.mail, update.acknowledged) == ([], [], 1)


async def test_a_new_browser_gets_a_snapshot(page: Page) -> None:
    await page.do("count")
    update = page.session.update_since(None)
    assert update.patch is None
    assert update.snapshot is not None
    assert json.loads(update.snapshot[0])["count"] == 1


async def test_a_thousand_sleeping_handlers_and_the_next_is_served_at_once(runtime: Runtime) -> None:
    pages = [open_page(runtime, f"visitor-{number}") for number in range(1000)]
    for sleeping in pages:
        sleeping.click("slow")
    await until(lambda: all(each.session.state["order"] for each in pages), seconds=20)
    awake = open_page(runtime)
    asked = time.monotonic()
    await awake.do("count")
    took = time.monotonic() - asked
    main(runtime)["gate"].set()
    await until(lambda: all(1 in each.outcomes for each in pages), seconds=20)
    assert took < overload()


async def test_rare_partial_updates_do_not_keep_waiting_events_from_starting(tmp_path: Path) -> None:
    folder = make_app(tmp_path, MAIN, *({**button(name, name), "id": name} for name in NAMES))
    runtime = Runtime(
        applications=ApplicationRegistry({"app": folder}, FileLayouts()),
        store=MemoryStore(),
        options=RuntimeOptions(flush_interval_ms=60_000, serial_grace_ms=30),
        loop=asyncio.get_running_loop(),
    )
    page = open_page(runtime)
    try:
        page.click("slow")
        assert await asyncio.wait_for(page.do("quick"), 5) == Outcome("ok")
    finally:
        main(runtime)["gate"].set()
        runtime.close()


def test_a_handler_that_has_ended_is_not_marked_as_running_before_the_loop_hears_of_it() -> None:
    session = OpenPage({"count": 0}).session
    session.order.add(BrowserEvent(1, [("root", 0)], "ss-click", None, 0, ""))
    session.order.add(BrowserEvent(2, [("root", 0)], "ss-message", None, 0, ""))
    ended, running = session.order.start_next(0), session.order.start_next(1)
    assert ended is not None
    assert running is not None
    session.commit(ended, Outcome("ok"))  # as its worker does; the loop is busy
    session.retire()  # this, a flush and a timer mark what runs
    assert list(session.ledger.marked) == [2]
