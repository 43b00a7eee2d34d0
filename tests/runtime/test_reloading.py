"""Files of an application change while its pages are open."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamsync_django import hosting
from streamsync_django.runtime.loader import NAMESPACE
from streamsync_django.runtime.reloading import reloads_in_place
from tests.live import Page, button, write_application, write_layout
from tests.patience import overload
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import sys
import streamsync_django as ss
from helping import step

ss.init_state({"count": 0, "who": {"name": "Ada"}, "log": []})

def add(state):
    state["count"] += step()

def slow(state):
    sys.modules["gates"].started.set()
    sys.modules["gates"].go_on.wait(5)
    import late
    state["log"] += [late.word]

def forget(state):
    del state["log"]
"""
PAGE = [button("add", "add", text="Add"), button("slow", "slow"), button("forget", "forget")]


class Gates:
    """Where a handler waits until the test lets it go on."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.go_on = threading.Event()


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gates]:
    gates = Gates()
    monkeypatch.setitem(sys.modules, "gates", gates)
    yield gates
    gates.go_on.set()


@pytest.fixture
def folder(tmp_path: Path, serve: Callable[..., None]) -> Path:
    folder = write_application(tmp_path / "shop", MAIN, PAGE)
    (folder / "helping.py").write_text("def step(): return 1\n")
    (folder / "late.py").write_text("word = 'old'\n")
    serve(shop=folder, RELOAD=True)
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def generations() -> set[str]:
    return {
        name.split(".")[1] for name in sys.modules if name.startswith(f"{NAMESPACE}.") and "_shop" in name
    }


async def until_reloaded(page: Page, title: str = "Reloaded") -> Any:
    log = hosting.get_registry().log
    deadline = time.monotonic() + 3 * overload()
    while not (found := [entry for entry in log.entries("shop") if entry.title.startswith(title)]):
        assert time.monotonic() < deadline, log.entries("shop")
        await page.receive_for(0.02)
    return found[-1]


async def test_an_open_page_runs_new_code_on_its_old_state_within_a_second(
    folder: Path, open_page: Any
) -> None:
    page = await open_page("shop")
    await page.click("add")
    change(folder / "helping.py", "1", "2")
    started = time.monotonic()
    entry = await until_reloaded(page)
    assert time.monotonic() - started < overload()
    assert entry.message == "helping.py"
    await page.click("add")
    assert page.state["count"] == 3, "one edit of the same length, in the same second"


async def test_keys_new_in_the_initial_state_reach_running_sessions(folder: Path, open_page: Any) -> None:
    page = await open_page("shop")
    await page.click("forget")
    change(folder / "main.py", '"log": []', '"log": [], "cart": {"items": [1]}, "_secret": 1')
    change(folder / "main.py", '{"name": "Ada"}', '{"name": "Grace", "age": 7}')
    await page.sees("cart.items", [1])
    await page.sees("who", {"name": "Ada", "age": 7})
    assert "log" not in page.state, "what a handler deleted stays deleted"
    assert page.session.state["_secret"] == 1
    page.session.state["cart"]["items"].append(2)
    fresh = await open_page("shop")
    assert fresh.state["cart"]["items"] == [1]
    assert fresh.state["who"] == {"name": "Grace", "age": 7}


async def test_a_broken_edit_is_in_the_log_while_the_old_code_serves(folder: Path, open_page: Any) -> None:
    page = await open_page("shop")
    (folder / "helping.py").write_text("def step(): return 1\n1 / 0\n")
    entry = await until_reloaded(page, "Not reloaded")
    assert "ZeroDivisionError" in entry.traceback
    assert "helping.py" in entry.traceback
    await page.click("add")
    assert page.state["count"] == 1
    (folder / "helping.py").write_text("def step(): return 5\n")
    await until_reloaded(page)
    await page.click("add")
    assert page.state["count"] == 6


async def test_a_new_layout_is_drawn_and_a_broken_one_is_not(folder: Path, open_page: Any) -> None:
    page = await open_page("shop")
    write_layout(folder, [button("more", "add", text="More")])
    await page.until(lambda: "more" in page.layout["components"], 1.5)
    assert (await page.click("more"))[1] == "ok"
    (folder / "ui.json").write_text("{")
    await until_reloaded(page, "Not reloaded")
    assert (await page.click("more"))[1] == "ok"


async def test_a_running_handler_ends_on_the_old_code_which_then_leaves(
    folder: Path, open_page: Any, gates: Gates
) -> None:
    earlier = generations()
    page = await open_page("shop")
    number = await page.trigger("slow")
    await page.receive_for(0.2)
    assert gates.started.is_set()
    (before,) = generations() - earlier
    change(folder / "helping.py", "1", "2")
    await until_reloaded(page)
    await page.receive_for(1.3)
    assert len(generations() - earlier) == 2, "the old code is still running"
    gates.go_on.set()
    assert (await page.result_of(number))[1] == "ok"
    assert page.state["log"] == ["old"], "a late import found its own generation"
    await page.receive_for(0.1)
    assert len(generations() - earlier) == 1
    assert before not in generations()


def test_django_restarts_only_for_what_it_keeps_once_per_process(folder: Path) -> None:
    held = ["main.py", "helping.py", "deep/inside.py", "ui.json"]
    restarted = ["models.py", "admin.py", "migrations/0001_initial.py", "urls.py", "views.py", "readme.txt"]
    assert [reloads_in_place(folder / name, folder) for name in held] == [True] * 4
    assert [reloads_in_place(folder / name, folder) for name in restarted] == [False] * 6
    assert not reloads_in_place(folder.parent / "main.py", folder)
    assert hosting.hold_off_restart(file_path=folder / "main.py")
    assert not hosting.hold_off_restart(file_path=folder / "models.py")


def test_without_the_setting_nothing_is_watched(tmp_path: Path, serve: Callable[..., None]) -> None:
    folder = write_application(tmp_path / "shop", "", [])
    serve(shop=folder)
    hosting.get_registry().get("shop")
    assert not [thread for thread in threading.enumerate() if thread.name == "streamsync-reloader"]
    assert not hosting.hold_off_restart(file_path=folder / "main.py")
