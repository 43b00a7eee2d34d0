"""A page ends what its own session is doing."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live import button, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import sys, time
import streamsync_django as ss

ss.init_state({"steps": 0, "done": False})

def work(state):
    gates = sys.modules["cancel_gates"]
    gates.release()
    while state["steps"] < 1000:
        state["steps"] += 1
        time.sleep(0.005)
    state["done"] = True

async def work_async(state):
    import asyncio
    sys.modules["cancel_gates"].release()
    while state["steps"] < 1000:
        state["steps"] += 1
        await asyncio.sleep(0.005)

def silent():
    sys.modules["cancel_gates"].release()
    while True:
        time.sleep(0.005)
        yield

def stubborn(state):
    sys.modules["cancel_gates"].release()
    while True:
        try:
            time.sleep(0.005)
            state["steps"] += 1
        except Exception:
            pass  # as authors write; what cancels has to pass through it

def quick(state):
    state["done"] = "quick"
"""
PAGE = [button(name, name) for name in ("work", "work_async", "silent", "stubborn", "quick")]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    semaphore: Any = threading.Semaphore(0)
    monkeypatch.setitem(sys.modules, "cancel_gates", semaphore)
    return semaphore


@pytest.fixture
def desk(tmp_path: Path, serve: Callable[..., None]) -> None:
    serve(desk=write_application(tmp_path / "desk", MAIN, PAGE))


@pytest.mark.parametrize("handler", ["work", "work_async"])
async def test_a_cancelled_handler_ends_at_its_next_state_access(
    desk: None, open_page: Any, started: threading.Semaphore, handler: str
) -> None:
    page, other = await open_page("desk"), await open_page("desk")
    ours, theirs = await page.trigger(handler), await other.trigger(handler)
    await page.until(lambda: (page.value("steps") or 0) > 0)
    await other.until(lambda: (other.value("steps") or 0) > 0)
    await page.tell({"type": "cancel"})
    result = await page.result_of(ours)
    assert result[1] == "interrupted"
    assert 0 < page.state["steps"] < 1000, "what it had changed is kept"
    steps = page.state["steps"]
    assert (await page.click("quick"))[1] == "ok", "the session goes on"
    assert page.state["done"] == "quick"
    assert page.state["steps"] == steps
    assert theirs not in other.results, "another session's handler runs on"
    await other.tell({"type": "cancel"})
    assert (await other.result_of(theirs))[1] == "interrupted"


@pytest.mark.parametrize("handler", ["silent", "stubborn"])
async def test_a_handler_that_reads_nothing_or_catches_everything_is_cancelled_too(
    desk: None, open_page: Any, started: threading.Semaphore, handler: str
) -> None:
    page = await open_page("desk")
    ours = await page.trigger(handler)
    await asyncio.to_thread(started.acquire, timeout=5)
    await page.tell({"type": "cancel"})
    assert (await page.result_of(ours))[1] == "interrupted"
    assert (await page.click("quick"))[1] == "ok"


async def test_cancelling_nothing_is_nothing(desk: None, open_page: Any) -> None:
    page = await open_page("desk")
    await page.tell({"type": "cancel"})
    assert (await page.click("quick"))[1] == "ok"
