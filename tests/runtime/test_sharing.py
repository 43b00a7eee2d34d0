"""State that all sessions of an application share, in one process and across several."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import streamsync_django as ss
from streamsync_django import hosting
from streamsync_django.core.application import Application
from streamsync_django.core.errors import ApplicationError, StateError
from streamsync_django.core.root import StreamsyncState
from streamsync_django.core.sharing import SharedState, SharedView, show_shared
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from tests.live import Page, button, write_application
from tests.making_apps import make_app
from tests.plugins.live import open_page, serve
from tests.plugins.redis import redis_server
from tests.redis_server import RedisServer
from tests.runtime.test_pushes import Instances, create, until
from tests.session_host import OpenPage

__all__ = ["open_page", "redis_server", "serve"]

MAIN = """
import streamsync_django as ss

ss.init_state({"mine": 0})
shared = ss.shared_state({"count": 0, "room": {"who": [], "topic": "none"}, "_secret": 1})

def assign(state):
    shared["count"] += 1
    state["mine"] += 1

def enter(state, session):
    shared["room"]["who"].append("x")

def through_state(state):
    state["shared"]["count"] = 100
    state["mine"] = state["shared"]["_secret"]

def leave(state):
    del shared["room"]["topic"]
    shared["extra"] = {"a": 1}

def add_one(state):
    def step(shared):
        shared["count"] = shared["count"] + 1
        return shared["count"]
    state["mine"] = shared.update(step)
"""
NAMES = ("assign", "enter", "through_state", "leave", "add_one")
PAGE = [
    *(button(name, name) for name in NAMES),
    button("seen", "assign", text="@{shared.count}"),
    {
        "id": "bound",
        "type": "textinput",
        "binding": {"eventType": "ss-change", "stateRef": "shared.room.topic"},
    },
]


@pytest.fixture
def folder(tmp_path: Path, serve: Callable[..., None]) -> Path:
    folder = write_application(tmp_path / "club", MAIN, PAGE)
    serve(club=folder, RELOAD=True)
    return folder


async def test_the_page_has_what_is_shared_before_its_socket_opens(folder: Path, open_page: Any) -> None:
    page = Page("club")
    await page.draw()
    assert page.state["shared"] == {"count": 0, "room": {"who": [], "topic": "none"}}


async def test_a_change_reaches_every_browser(folder: Path, open_page: Any) -> None:
    first, second = await open_page("club"), await open_page("club")
    await first.click("assign")
    await second.sees("shared.count", 1)
    await first.sees("shared.count", 1)
    assert (first.state["mine"], second.state["mine"]) == (1, 0)
    await second.click("enter")
    await second.click("enter")
    await first.sees("shared.room.who", ["x", "x"])
    await first.click("leave")
    await second.sees("shared.extra", {"a": 1})
    assert second.state["shared"]["room"] == {"who": ["x", "x"]}
    assert "_secret" not in second.state["shared"]


async def test_a_later_session_begins_with_what_is_shared_now(folder: Path, open_page: Any) -> None:
    first = await open_page("club")
    await first.click("assign")
    await first.click("leave")
    await first.sees("shared.extra", {"a": 1})
    second = await open_page("club")
    await second.sees("shared", {"count": 1, "room": {"who": []}, "extra": {"a": 1}})
    again = await open_page("club", version=None, base="another")
    await again.sees("shared", {"count": 1, "room": {"who": []}, "extra": {"a": 1}})


async def test_a_sessions_state_shows_and_changes_what_is_shared(folder: Path, open_page: Any) -> None:
    first, second = await open_page("club"), await open_page("club")
    await first.click("through_state")
    await second.sees("shared.count", 100)
    assert first.state["mine"] == 1, "private elements are there for code"
    result = await first.result_of(await first.trigger("bound", "ss-change", "jazz"))
    assert result[1] == "ok"
    await second.sees("shared.room.topic", "jazz")


async def test_updates_of_many_sessions_lose_nothing(folder: Path, open_page: Any) -> None:
    pages = [await open_page("club") for _ in range(4)]
    for _ in range(10):
        for page in pages:
            await page.trigger("add_one")
    await pages[0].sees("shared.count", 40)


async def test_what_is_shared_goes_on_when_the_code_is_loaded_again(folder: Path, open_page: Any) -> None:
    page = await open_page("club")
    await page.click("assign")
    await page.sees("shared.count", 1)
    runtime = hosting.existing_runtime()
    assert runtime is not None
    (session,) = runtime.sessions.values()
    before = session.application
    text = (folder / "main.py").read_text()
    (folder / "main.py").write_text(
        text.replace('{"count": 0,', '{"count": 0, "new": 5,').replace("+= 1", "+= 10")
    )
    await page.sees("shared.new", 5)
    await until(lambda: session.application is not before)
    await page.click("assign")
    await page.sees("shared.count", 11)
    later = await open_page("club")
    await later.sees("shared.count", 11)


async def test_a_value_that_cannot_be_sent_is_in_the_log(folder: Path, open_page: Any) -> None:
    page = await open_page("club")
    shared = hosting.get_registry().get("club").application.shared
    assert shared is not None
    shared["odd"] = object()
    shared["count"] = 3
    await page.sees("shared.count", 3)
    assert any("shared.odd" in entry.title for entry in hosting.get_registry().log.entries("club"))


def test_it_is_declared_once_and_its_key_is_its_own(tmp_path: Path, serve: Callable[..., None]) -> None:
    twice = write_application(
        tmp_path / "a", "import streamsync_django as ss\nss.shared_state({})\nss.shared_state({})"
    )
    taken = "import streamsync_django as ss\nss.init_state({'shared': 1})\nss.shared_state({})"
    serve(twice=twice, taken=write_application(tmp_path / "b", taken))
    with pytest.raises(ApplicationError, match="once per application"):
        hosting.get_registry().get("twice")
    with pytest.raises(ApplicationError, match="shared"):
        hosting.get_registry().get("taken")


def test_it_works_without_any_session_and_as_a_dict_does() -> None:
    shared = SharedState.begin({"a": 1})
    shared.update({"b": 2}, c=3)
    assert shared.update(lambda state: state["b"] + state["c"]) == 5
    assert dict(shared) == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(StateError):
        shared[1] = 2  # type: ignore[index]


@pytest.fixture
async def instances(redis_server: RedisServer, tmp_path: Path) -> AsyncIterator[Instances]:
    instances = Instances(redis_server.url, write_application(tmp_path / "shop", MAIN, PAGE))
    yield instances
    for runtime in instances.runtimes:
        await asyncio.to_thread(runtime.close, 1.0)


def shared_of(runtime: Runtime) -> SharedState:
    shared = runtime.applications.get("shop").application.shared
    assert shared is not None
    return shared


def public(session: Any) -> Any:
    return json.loads(session.log.snapshot()[0])["shared"]


@pytest.mark.redis
async def test_changes_reach_the_sessions_of_other_instances(instances: Instances) -> None:
    here, there = instances.start(), instances.start()
    first, second = await create(here), await create(there)
    shared_of(here)["count"] = 7
    shared_of(here)["room"]["who"].append("Ada")
    await until(lambda: public(second)["room"]["who"] == ["Ada"], 2.5)
    assert public(second) == public(first)
    assert shared_of(there)["count"] == 7
    del shared_of(there)["room"]["topic"]
    await until(lambda: "topic" not in public(first)["room"], 2.5)
    third = await create(instances.start())
    await until(lambda: public(third) == public(first))


@pytest.mark.redis
async def test_a_dict_that_was_a_value_or_had_another_order_is_whole_everywhere(
    instances: Instances,
) -> None:
    here, there = instances.start(), instances.start()
    first, second = await create(here), await create(there)
    room = {f"key{number}": number for number in range(12)}
    for value in (1, room, dict(reversed(room.items())), 2, {"topic": "x", "who": {"a": 1}}, {"who": 3}):
        shared_of(here)["room"] = value
        await until(lambda value=value: json.dumps(public(first)["room"]) == json.dumps(value), 5)
        await until(lambda value=value: public(second)["room"] == value == shared_of(there)["room"], 5)


@pytest.mark.redis
async def test_updates_of_several_instances_lose_nothing(instances: Instances) -> None:
    runtimes = [instances.start() for _ in range(3)]
    sessions = [await create(runtime) for runtime in runtimes]

    def count(runtime: Runtime) -> None:
        for _ in range(20):
            shared_of(runtime).update(lambda shared: shared.__setitem__("count", shared["count"] + 1))

    await asyncio.gather(*(asyncio.to_thread(count, runtime) for runtime in runtimes))
    await until(lambda: all(public(session)["count"] == 60 for session in sessions), 3)
    assert {shared_of(runtime)["count"] for runtime in runtimes} == {60}


@pytest.mark.redis
async def test_what_is_shared_has_values_of_each_instances_own_classes(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    main = """
        import dataclasses
        import streamsync_django as ss

        @dataclasses.dataclass
        class Vote:
            count: int

        ss.init_state({})
        shared = ss.shared_state({"vote": None})
    """
    instances = Instances(redis_server.url, make_app(tmp_path, main))
    here, there = instances.start(), instances.start()
    first, second = await create(here), await create(there)
    vote = class_of(first, "Vote")
    assert vote is not class_of(second, "Vote")
    await asyncio.to_thread(lambda: shared_of(here).update({"vote": vote(3)}))
    await until(lambda: shared_of(there)["vote"] is not None)
    assert shared_of(there)["vote"] == class_of(second, "Vote")(3)
    third = await create(later := instances.start())
    assert shared_of(later)["vote"] == class_of(third, "Vote")(3)
    for runtime in instances.runtimes:
        await asyncio.to_thread(runtime.close, 1.0)


def class_of(session: LiveSession, name: str) -> Any:
    return vars(sys.modules[f"{session.application.generation.name}.main"])[name]


@pytest.mark.redis
async def test_a_session_that_moves_is_shown_what_is_shared_now(instances: Instances) -> None:
    from tests.runtime.test_pushes import ADA

    here, there = instances.start(), instances.start()
    session = await create(here)
    shared_of(here)["gone"] = 1
    shared_of(here)["count"] = 5
    await until(lambda: public(session).get("gone") == 1 and not session.is_busy)
    version = session.version
    here.custody.give_up(session)
    await create(there)
    await until(lambda: shared_of(there)["gone"] == 1)
    del shared_of(there)["gone"]
    shared_of(there)["count"] = 0
    await asyncio.sleep(0.2)
    back = await asyncio.to_thread(there.custody.resume, session.id, "shop", ADA, {})
    await until(lambda: back.version > version and not back.is_busy)
    patch = back.update_since(version).patch
    assert patch is not None
    assert ("shared",) in patch.deleted
    assert (("shared", "count"), b"0") in patch.set, "also what is as it was in the beginning"
    assert public(back)["count"] == 0
    assert "gone" not in public(back)


@pytest.mark.redis
async def test_what_is_shared_is_written_again_after_the_store_has_lost_it(instances: Instances) -> None:
    runtime = instances.start()
    session = await create(runtime)
    shared_of(runtime)["count"] = 5
    await until(lambda: public(session)["count"] == 5)
    await asyncio.sleep(0.1)
    store: Any = runtime.store
    store._connection.run([("DEL", *store._keys.shared("shop"))])
    shared_of(runtime)["room"]["topic"] = "after"
    await until(lambda: len(store.read_shared("shop").elements) >= 2, 3)
    other = await create(instances.start())
    await until(lambda: public(other)["count"] == 5 and public(other)["room"]["topic"] == "after")


@pytest.mark.redis
async def test_instances_agree_after_the_store_went_back_in_time(instances: Instances) -> None:
    here, there = instances.start(), instances.start()
    first, second = await create(here), await create(there)
    shared_of(here)["count"] = 1
    await until(lambda: public(second)["count"] == 1)
    store: Any = here.store
    keys = store._keys.shared("shop")
    earlier = [store._connection.run([("DUMP", key)])[0] for key in keys]
    for number in (2, 3, 4):
        shared_of(there)["count"] = number
        await until(lambda: public(first)["count"] == public(second)["count"] == number)  # noqa: B023

    for key, dump in zip(keys, earlier, strict=True):
        store._connection.run([("RESTORE", key, 0, dump, "REPLACE")])
    await until(lambda: public(first)["count"] == public(second)["count"] == 1, 5)
    shared_of(here)["count"] = 7
    await until(lambda: public(second)["count"] == 7)


def test_a_state_with_what_is_shared_is_a_dict_to_python() -> None:
    shared = SharedState.begin({"a": 1, "room": {"who": ["x"]}})
    state = StreamsyncState({"mine": 2})
    show_shared(state, shared)
    plain = {"mine": 2, "shared": {"a": 1, "room": {"who": ["x"]}}}
    assert json.loads(json.dumps(state)) == plain
    assert json.loads(json.dumps(state, indent=1)) == plain, "also by json's Python code"
    assert isinstance(state["shared"], dict)
    assert {**state["shared"]} == dict(state["shared"]) == plain["shared"]
    assert (len(state["shared"]), list(state["shared"])) == (2, ["a", "room"])
    shared["a"] = 5
    assert state["shared"]["a"] == 5
    assert state["shared"].get("nothing") is None
    assert state["shared"]["nothing"] is None
    assert pickle.loads(pickle.dumps(state)) == copy.deepcopy(state) == state.to_raw_state()
    assert type(state.to_raw_state()["shared"]) is type(state["shared"].copy()) is dict
    assert list(reversed(state["shared"])) == ["room", "a"]
    assert json.dumps(SharedView(SharedState.begin({}))) == "{}"


def test_what_is_shared_can_be_changed_through_a_state_in_every_way_of_a_dict() -> None:
    shared = SharedState.begin({"a": 1})
    state = StreamsyncState({})
    show_shared(state, shared)
    state["shared"] |= {"b": 2}
    state["shared"].setdefault("list", []).append(3)
    state["shared"].update({"c": 4}, d=5)
    state["shared"].update(lambda now: now.__setitem__("a", now["a"] + 10))
    assert state["shared"].pop("d") == 5
    assert state["shared"].pop("d", None) is None
    assert shared == {"a": 11, "b": 2, "list": [3], "c": 4} == state["shared"]


def test_what_is_shared_stays_in_a_state_whatever_is_done_to_that() -> None:
    shared = SharedState.begin({"a": 1})
    page = OpenPage({"mine": 1, "shared": {}})
    state = page.state
    show_shared(state, shared)

    def delete() -> None:
        del state["shared"]

    for change in (lambda: state.__setitem__("shared", {"a": 2}), delete, lambda: state.pop("shared")):
        with pytest.raises(StateError, match="all sessions share: change what is in it"):
            change()
    state.ingest({"other": 2})
    assert state == {"shared": {"a": 1}, "other": 2}
    assert state.popitem() == ("other", 2)
    state["more"] = 3
    state.clear()
    assert state == {"shared": {"a": 1}}
    with pytest.raises(KeyError):
        state.popitem()


def test_what_is_shared_cannot_be_followed_and_says_so() -> None:
    class Club(StreamsyncState):
        @ss.property("shared.count")
        def double(self) -> int:
            return 2 * int(self["shared"]["count"] if self["shared"] else 0)

    application = Application("club", Path())
    application.declare_initial_state({}, Club)
    application.declare_shared({"count": 1})
    with pytest.raises(
        StateError, match=r"cannot follow 'shared\.count': what all sessions share changes outside"
    ):
        application.make_base()
    state = StreamsyncState({})
    show_shared(state, SharedState.begin({"count": 1}))
    with pytest.raises(StateError, match=r"cannot follow 'shared\.count'"):
        state.subscribe_mutation("shared.count", lambda: None)
