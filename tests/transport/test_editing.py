"""Editing a draft over the socket: accepted, merged, in conflict, refused; and everybody who edits stays in step."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import OperationalError

from streamsync_django.layouts.drafts import Draft, apply_edit
from streamsync_django.layouts.operations import Update, read_operations
from streamsync_django.layouts.ui_json import export_ui_json
from streamsync_django.models import Edit, Layout
from streamsync_django.models.layout import read_tree
from streamsync_django.publishing import desk, drafts
from streamsync_django.transport import editing
from tests.layouts_db.conftest import make_tree
from tests.live import Page
from tests.plugins.live import serve

__all__ = ["serve"]

RENAME = [{"do": "update", "id": "buy", "content": {"text": "Sell"}}]


class Window(Page):
    """A page in which a layout is edited."""

    async def edit(self, key: str, operations: Any, base: int | None = None) -> dict[str, Any]:
        """Send an edit, and return what is said of it."""
        base = self.draft_version if base is None else base
        before = len(self.answers(key))
        await self.tell({"type": "edit", "key": key, "base": base, "operations": operations})
        await self.until(lambda: len(self.answers(key)) > before, 20)
        return self.answers(key)[-1]

    async def follow(self, version: int | None = None) -> None:
        """Ask for the draft, and wait for it."""
        await self.tell({"type": "draft", **({} if version is None else {"version": version})})
        await self.until(lambda: self.draft_version is not None, 20)

    def answers(self, key: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message.get("key") == key]

    def said(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    @property
    def draft_version(self) -> Any:
        versions = [message["version"] for message in self.messages if message["type"] in ("draft", "edited")]
        return versions[-1] if versions else None

    @property
    def draft(self) -> Draft:
        """The draft as this window has it: what it was given, and every edit since done again."""
        whole = self.said("draft")[-1]
        draft = Draft(read_tree(json.dumps(whole["components"])), whole["version"])
        for edited in self.messages[self.messages.index(whole) + 1 :]:
            if edited["type"] == "edited" and edited["version"] > draft.version:
                operations = read_operations(edited["operations"])
                draft = apply_edit(draft, operations, base=draft.version).draft
                assert draft.version == edited["version"]  # no gaps
        return draft


OpenWindow = Callable[..., Any]


@pytest.fixture
async def window_of(
    tmp_path: Path, transactional_db: None, serve: Callable[..., None]
) -> AsyncIterator[OpenWindow]:
    """Open windows on the small shop, whose draft is in the database: ``await window_of("ada")``."""
    (tmp_path / "main.py").write_text("")
    (tmp_path / "ui.json").write_text(export_ui_json(make_tree()))
    serve(shop=tmp_path, RELOAD=False, WRITE_LAYOUTS=False)
    await asyncio.to_thread(drafts.begin, "shop", make_tree())
    opened: list[Window] = []

    async def open_(name: str, permission: str = "edit_layout") -> Window:
        user, _ = await get_user_model().objects.aget_or_create(username=name)
        await user.user_permissions.aset([await Permission.objects.aget(codename=permission)])
        window = Window("shop")
        opened.append(window)
        await window.http.aforce_login(user)
        await window.draw()
        await window.connect()
        return window

    yield open_
    for window in opened:
        await window.close()


async def stored_draft() -> Draft:
    layout = await asyncio.to_thread(drafts.load, "shop")
    return layout.draft


async def test_an_edit_is_applied_and_every_window_that_follows_hears_of_it(window_of: OpenWindow) -> None:
    ada, bob, idle = await window_of("ada"), await window_of("bob"), await window_of("eve")
    await ada.follow()
    await bob.follow()
    answer = await ada.edit("first", RENAME)
    assert answer == {**answer, "type": "edited", "version": 1, "who": "ada", "key": "first"}
    await bob.until(lambda: bob.draft_version == 1)
    assert bob.said("edited")[0] == {**answer, "key": ""}
    assert bob.draft == ada.draft == await stored_draft()
    assert bob.draft.tree["buy"].content["text"] == "Sell"
    await idle.tell({"type": "ping"})
    await idle.until(lambda: bool(idle.said("pong")))
    assert not idle.said("edited")
    stored = await Edit.objects.aget()
    assert (stored.version, stored.author_name, stored.key) == (1, "ada", "first")
    assert stored.before["buy"] == {**stored.before["buy"], "content": {"text": "Buy"}}  # what undoing needs


async def test_ids_given_by_the_server_are_the_same_in_every_window(window_of: OpenWindow) -> None:
    ada, bob = await window_of("ada"), await window_of("bob")
    await ada.follow()
    await bob.follow()
    operations = [
        {"do": "add", "type": "text", "parentId": "box", "content": {"text": "New"}},
        {"do": "duplicate", "id": "box"},
        {"do": "paste", "parentId": "other", "components": [{"id": "x", "type": "text", "content": {}}]},
        {"do": "move", "id": "other", "parentId": "home", "position": 0},
        {"do": "delete", "id": "buy"},
    ]
    for number, operation in enumerate(operations):
        assert (await ada.edit(f"k{number}", [operation]))["type"] == "edited"
    await bob.until(lambda: bob.draft_version == len(operations))
    assert bob.draft == ada.draft == await stored_draft()


async def test_edits_of_different_parts_merge_and_of_the_same_part_are_a_conflict(
    window_of: OpenWindow,
) -> None:
    ada, bob = await window_of("ada"), await window_of("bob")
    await ada.follow()
    await bob.follow()
    assert (await ada.edit("a", RENAME, base=0))["version"] == 1
    other = [{"do": "update", "id": "hello", "content": {"text": "Welcome"}}]
    assert (await bob.edit("b", other, base=0))["version"] == 2
    answer = await bob.edit("c", [{"do": "update", "id": "buy", "content": {"text": "Hire"}}], base=0)
    assert (answer["type"], answer["version"]) == ("conflict", 2)
    (conflict,) = answer["conflicts"]
    assert conflict == {
        **conflict, "component": "buy", "part": "content.text", "who": "ada", "version": 1,
    }  # fmt: skip
    assert conflict["when"] == ada.answers("a")[0]["when"]
    assert (await stored_draft()).tree["buy"].content["text"] == "Sell"
    # The window has what it conflicts with, so that it can show it, and its own earlier edits are none.
    assert bob.draft == await stored_draft()
    mine = [{"do": "update", "id": "hello", "content": {"text": "Hi"}}]
    assert (await bob.edit("d", mine, base=0))["type"] == "edited"


async def test_an_edit_sent_again_is_done_once_also_after_a_reconnect(window_of: OpenWindow) -> None:
    ada = await window_of("ada")
    await ada.follow()
    first = await ada.edit("once", RENAME, base=0)
    await ada.edit("then", [{"do": "delete", "id": "hello"}])
    await ada.tell({"type": "edit", "key": "once", "base": 0, "operations": RENAME})
    await ada.until(lambda: len(ada.answers("once")) == 2)
    assert ada.answers("once") == [first, first]
    token = ada.welcome["token"]
    await ada.close()
    ada.welcome, ada.messages = {}, []
    await ada.connect(token=token)
    await ada.follow(version=1)  # what was missed comes, and no more
    assert [message["version"] for message in ada.said("edited")] == [2]
    assert not ada.said("draft")
    assert (await ada.edit("once", RENAME, base=0))["version"] == 1
    assert await Edit.objects.acount() == 2


async def test_a_window_too_far_behind_is_given_the_whole_draft(
    window_of: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MAX_BEHIND", 2)
    for version in range(3):
        operation = Update(id="buy", content={"text": str(version)})
        await asyncio.to_thread(drafts.edit, "shop", [operation], base=version)
    ada = await window_of("ada")
    await ada.follow(version=0)
    assert [message["version"] for message in ada.said("draft")] == [3]
    # A version nobody ever had, as after the database was restored from a backup.
    ada.messages.clear()
    await ada.follow(version=99)
    assert [message["version"] for message in ada.said("draft")] == [3]
    assert (await ada.edit("k", RENAME, base=99))["code"] == "edit.outdated"


async def test_what_others_do_outside_of_sockets_is_heard_of_too(window_of: OpenWindow) -> None:
    ada = await window_of("ada")
    await ada.follow()
    operation = Update(id="buy", content={"text": "From a command"})
    await asyncio.to_thread(drafts.edit, "shop", [operation], base=0)
    await ada.until(lambda: ada.draft_version == 1)
    await asyncio.to_thread(drafts.replace, "shop", make_tree(buy={"text": "Imported"}), base=1)
    await ada.until(lambda: ada.draft_version == 2)
    assert ada.said("edited")[-1]["operations"][0]["do"] == "replace"
    assert ada.said("edited")[-1]["who"] == "the server"


async def test_an_application_without_a_draft_begins_with_its_file(window_of: OpenWindow) -> None:
    await Layout.objects.all().adelete()
    ada = await window_of("ada")
    answer = await ada.edit("k", RENAME, base=0)
    assert (answer["type"], answer["code"]) == ("refused", "edit.unmanaged")
    await ada.follow()
    assert ada.draft.tree == make_tree()
    assert (await ada.edit("l", RENAME))["version"] == 1


async def test_while_developing_edits_reach_the_file_and_a_file_changed_by_others_is_left_alone(
    window_of: OpenWindow, tmp_path: Path, serve: Callable[..., None]
) -> None:
    serve(shop=tmp_path, RELOAD=False, WRITE_LAYOUTS=True)
    await Layout.objects.all().adelete()
    ada = await window_of("ada")
    await ada.follow()
    assert (await ada.edit("k", RENAME))["version"] == 1
    assert (tmp_path / "ui.json").read_text() == export_ui_json(make_tree(buy={"text": "Sell"}))
    pulled = export_ui_json(make_tree(buy={"text": "Pulled"}))
    (tmp_path / "ui.json").write_text(pulled)
    assert (await ada.edit("l", [{"do": "delete", "id": "hello"}]))["version"] == 2
    assert (tmp_path / "ui.json").read_text() == pulled


HOSTILE: dict[str, tuple[Any, str]] = {
    "no list": ({"do": "delete", "id": "buy"}, "edit.operations"),
    "nothing to do": ([], "edit.operations"),
    "unknown operation": ([{"do": "explode", "id": "buy"}], "edit.operations"),
    "a whole layout": ([{"do": "replace", "components": {}}], "edit.operations"),
    "wrong types": ([{"do": "update", "id": 7, "content": {"text": ["x"]}}], "edit.operations"),
    "unknown keys": ([{"do": "delete", "id": "buy", "force": True}], "edit.operations"),
    "too many": ([{"do": "delete", "id": "buy"}] * 501, "edit.operations"),
    "missing component": ([{"do": "delete", "id": "nobody"}], "edit.operations"),
    "the root": ([{"do": "delete", "id": "root"}], "edit.operations"),
    "into itself": ([{"do": "move", "id": "box", "parentId": "hello"}], "edit.operations"),
    "a circle": (
        [
            {"do": "move", "id": "box", "parentId": "other"},
            {"do": "move", "id": "other", "parentId": "box"},
        ],
        "edit.operations",
    ),
    "no such field": ([{"do": "update", "id": "buy", "content": {"nonsense": "1"}}], "edit.operations"),
    "no such type": ([{"do": "add", "type": "bomb", "parentId": "box"}], "edit.operations"),
    "a child that may not be there": ([{"do": "add", "type": "page", "parentId": "box"}], "edit.layout"),
    "deep": (
        [{"do": "paste", "parentId": "box", "components": [json.loads("[" * 900 + "]" * 900)]}],
        "edit.operations",
    ),
    "odd text": (
        [{"do": "add", "type": "text", "parentId": "box", "id": "\u0000" * 200}],
        "edit.operations",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_bad_operations_change_nothing_and_are_told_why(case: str, window_of: OpenWindow) -> None:
    operations, code = HOSTILE[case]
    ada, bob = await window_of("ada"), await window_of("bob")
    await ada.follow()
    await bob.follow()
    before = await stored_draft()
    answer = await ada.edit("bad", operations)
    assert (answer["type"], answer["code"]) == ("refused", code), answer
    assert answer["problems"]
    assert await stored_draft() == before
    assert not await Edit.objects.aexists()
    assert (await ada.edit("good", RENAME))["version"] == 1  # the window goes on
    await bob.until(lambda: bob.draft_version == 1)
    assert [message["version"] for message in bob.said("edited")] == [1]


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "edit"},
        {"type": "edit", "key": "", "base": 0, "operations": []},
        {"type": "edit", "key": "k" * 65, "base": 0, "operations": []},
        {"type": "edit", "key": "a\u0000b", "base": 0, "operations": []},
        {"type": "edit", "key": "k", "base": -1, "operations": []},
        {"type": "edit", "key": "k", "base": "0", "operations": []},
        {"type": "edit", "key": "k", "base": 2**60, "operations": []},
        {"type": "draft", "version": "newest"},
        {"type": "draft", "version": -1},
    ],
    ids=lambda frame: json.dumps(frame)[:60],
)
async def test_a_frame_that_is_no_edit_is_named_and_nothing_runs(
    frame: dict[str, Any], window_of: OpenWindow
) -> None:
    ada = await window_of("ada")
    await ada.tell(frame)
    await ada.until(lambda: bool(ada.said("error")))
    assert ada.said("error")[0]["code"] == "frame.unknown"
    assert not ada.said("refused")


async def test_more_edits_than_may_wait_are_refused_and_the_others_are_done(
    window_of: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "MAX_WAITING", 3)
    ada = await window_of("ada")
    await ada.follow()
    gate = threading.Event()
    real = drafts.edit

    def slow(*arguments: Any, **named: Any) -> Edit:
        gate.wait(20)
        return real(*arguments, **named)

    with patch.object(drafts, "edit", slow):
        for number in range(6):
            await ada.tell({"type": "edit", "key": f"k{number}", "base": 0, "operations": RENAME})
        await ada.until(lambda: len(ada.said("error")) >= 2, 20)
        gate.set()
        await ada.until(lambda: len(ada.said("edited")) + len(ada.said("error")) == 6, 20)
    assert {message["code"] for message in ada.said("error")} == {"edit.too-many"}
    assert len(ada.said("edited")) in (3, 4)  # the one being done does not wait
    # While the database takes its time, the window is answered at once.


async def test_a_database_that_fails_midway_is_told_and_the_draft_is_intact(window_of: OpenWindow) -> None:
    ada, bob = await window_of("ada"), await window_of("bob")
    await ada.follow()
    await bob.follow()
    before = await stored_draft()
    with patch.object(Edit.objects, "create", side_effect=OperationalError("gone away")):
        answer = await ada.edit("k", RENAME)
    assert (answer["type"], answer["code"]) == ("refused", "edit.unavailable")
    assert "gone away" in answer["problems"][0]
    assert await stored_draft() == before
    with patch.object(Layout.objects, "select_related", side_effect=OperationalError("gone away")):
        await ada.tell({"type": "draft"})
        await ada.until(lambda: len(ada.said("refused")) == 2)
    assert ada.said("refused")[1]["code"] == "edit.unavailable"
    assert (await ada.edit("k", RENAME))["version"] == 1
    await bob.until(lambda: bob.draft_version == 1)


async def test_a_mistake_of_ours_is_logged_and_ends_nothing(
    window_of: OpenWindow, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await window_of("ada")
    await ada.follow()
    with patch.object(drafts, "edit", side_effect=ZeroDivisionError("secret detail")):
        answer = await ada.edit("k", RENAME)
    assert answer["code"] == "edit.failed"
    assert "secret detail" not in json.dumps(answer)
    assert "ZeroDivisionError" in caplog.text
    assert (await ada.edit("l", RENAME))["version"] == 1


async def test_whoever_may_no_longer_edit_hears_nothing_more(window_of: OpenWindow) -> None:
    ada, bob = await window_of("ada"), await window_of("bob")
    await ada.follow()
    await bob.follow()
    user = await get_user_model().objects.aget(username="bob")
    await user.user_permissions.aclear()
    await ada.edit("k", RENAME)
    await bob.until(lambda: bool(bob.said("refused")))
    assert bob.said("refused")[0]["code"] == "edit.not-allowed"
    await ada.edit("l", [{"do": "delete", "id": "hello"}])
    await bob.tell({"type": "ping"})
    await bob.until(lambda: bool(bob.said("pong")))
    assert not bob.said("edited")


async def test_somebody_who_may_not_edit_and_goes_on_trying_is_closed_out(window_of: OpenWindow) -> None:
    eve = await window_of("eve", "publish_layout")
    await eve.tell({"type": "draft"})
    await eve.until(lambda: bool(eve.said("refused")))
    assert "components" not in json.dumps(eve.said("refused"))
    for number in range(12):
        await eve.tell({"type": "edit", "key": f"k{number}", "base": 0, "operations": RENAME})
    assert await eve.receive_for_close() == 4429
    assert {message["code"] for message in eve.said("refused")} == {"edit.not-allowed"}
    assert not await Edit.objects.aexists()
