"""A session taken over from the store goes on as the one that was stored."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.dispatch import BrowserEvent, Outcome
from streamsync_django.core.own_modules import working_for
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.bases import decode_base, encode_base
from streamsync_django.runtime.loader import load_application
from streamsync_django.runtime.order import HandlerRun
from streamsync_django.runtime.restoring import restore
from streamsync_django.runtime.sessions import LiveSession
from tests.making_apps import make_app
from tests.reference_browser import Browser
from tests.session_host import EncodingStore, OpenPage, SessionHost


def test_private_keys_of_a_dict_that_is_empty_to_the_browser_survive() -> None:
    page = OpenPage({"user": {"_token": 1}})
    page.state["user"] = {"_token": 2}
    page.sent()
    page.state["user"]["name"] = "x"
    page.sent()
    assert page.host.take_over(page.session).state == {"user": {"_token": 2, "name": "x"}}


def test_a_deleted_nested_state_stays_deleted() -> None:
    page = OpenPage({"a": {"b": {"c": 1}, "_d": 2}, "e": 1})
    del page.state["a"]
    page.sent()
    taken = page.host.take_over(page.session)
    assert taken.state == {"e": 1}
    assert json.loads(taken.log.snapshot()[0]) == {"e": 1}


def test_a_dict_that_was_one_value_is_one_again() -> None:
    page = OpenPage({"numbers": {1: "one"}})
    page.state["numbers"].clear()
    page.state["numbers"]["a"] = 0
    page.sent()
    taken = page.host.take_over(page.session)
    first = Browser(page.session.base.snapshot)
    taken.state["numbers"] = {"b": 1}
    taken.commit()
    patch = taken.log.since(0)
    assert patch is not None
    first.receive(patch)
    assert first.state == {"numbers": {"b": 1}} == json.loads(taken.log.snapshot()[0])


def test_how_an_event_ended_is_told_by_whoever_has_the_session_next() -> None:
    page = OpenPage({"count": 0})
    page.state.add_notification("info", "One", "first")
    page.session.commit(_run(1), Outcome("failed", "Something went wrong."))
    page.session.commit(_run(2), Outcome("ok"))
    page.state.add_notification("info", "Two", "second")
    page.session.commit(_run(3), Outcome("ok", reply=b'"Hello"'))
    told = page.session.update_since(0)
    taken = page.host.take_over(page.session)
    late = taken.update_since(0)
    assert late.results == [
        (1, Outcome("failed", "Something went wrong.")),
        (3, Outcome("ok", reply=b'"Hello"')),
    ]
    assert late.acknowledged == 3
    assert [(mail_id, item.json) for mail_id, item in late.mail] == [
        (mail_id, item.json) for mail_id, item in told.mail
    ], "a message keeps its number, by which a browser knows that it had it"
    assert taken.update_since(1).results == [(3, Outcome("ok", reply=b'"Hello"'))]
    taken.acknowledge(1)
    taken.commit(_run(4), Outcome("ok"))
    assert page.host.take_over(taken).update_since(0).results == [(3, Outcome("ok", reply=b'"Hello"'))]


def test_how_an_event_ended_survives_a_store_that_was_lost() -> None:
    page = OpenPage({})
    page.session.commit(_run(1), Outcome("interrupted", "It was cancelled."))
    page.state.add_notification("info", "Two", "second")
    page.session.commit()
    page.host.store = EncodingStore()
    assert page.host.store.restore(page.session.to_stored(), "here", 60)
    update = page.host.take_over(page.session).update_since(0)
    assert update.results == [(1, Outcome("interrupted", "It was cancelled."))]
    assert len(update.mail) == 1


OPTIONS = {"b": 1, "c": {"y": 1, "x": 2}, "_private": 0, "d": 3}


@pytest.mark.parametrize(
    "assigned",
    [
        {"d": 3, "c": {"y": 1, "x": 2}, "b": 1},
        {"a": 0, "b": 1, "c": {"y": 1, "x": 2}, "d": 3},
        {"b": 1, "c": {"x": 2, "y": 1}, "d": 3},
        {"d": 3, "c": {"y": 1, "x": 2}},
    ],
    ids=["turned round", "a new one in front", "inside", "one less"],
)
def test_a_dict_that_is_assigned_in_another_order_is_shown_in_it(assigned: dict[str, Any]) -> None:
    page = OpenPage({"options": OPTIONS, "other": 1})
    first, expected = page.browser.copy(), json.dumps({"options": assigned, "other": 1})
    page.state["options"] = {**assigned, "_private": 1}
    with page.host.holding():
        page.session.flush()
        page.state["options"] = OPTIONS  # two captures become one commit
        page.session.flush()
        page.state["options"] = {**assigned, "_private": 2}
        page.session.commit()
    page.seen()
    taken = page.host.take_over(page.session)
    assert [key for key in taken.state["options"] if key != "_private"] == list(assigned)
    for log in (page.session.log, taken.log):
        late, patch = first.copy(), log.since(0)
        assert patch is not None
        late.receive(patch)
        for shown in (page.browser.state, late.state, json.loads(log.snapshot()[0])):
            assert json.dumps(shown["options"]) == json.dumps(assigned)
            assert json.dumps(shown, sort_keys=True) == json.dumps(json.loads(expected), sort_keys=True)


def test_a_dict_in_the_order_it_had_sends_what_is_new_in_it() -> None:
    page = OpenPage({"options": OPTIONS})
    page.state["options"] = {"_private": 5, "b": 1, "c": {"y": 1, "x": 7}, "d": 3, "e": 4}
    assert page.sent() == {"set": {"options.c.x": 7, "options.e": 4}}
    page.state["options"] = {"c": {"y": 1, "x": 7}, "e": 4}
    assert page.sent() == {"del": ["options.b", "options.d"]}


def _run(number: int) -> HandlerRun:
    return HandlerRun(BrowserEvent(number, [("root", 0)], "ss-click", None, 0, ""))


def test_a_session_that_moves_has_values_of_the_classes_that_are_loaded_there(tmp_path: Path) -> None:
    main = """
        import dataclasses
        import streamsync_django as ss

        @dataclasses.dataclass
        class Order:
            total: int

        ss.init_state({"first": Order(1), "order": None})
    """
    folder = make_app(tmp_path, main)
    before, after = (load_application("shop", folder, FileLayouts()) for _ in range(2))
    host = SessionHost()
    session = host.new_session(before)
    session.state["order"] = sys.modules[f"{before.generation.name}.main"].Order(5)
    session.commit()
    stored = host.store.claim(session.id, "there")
    assert stored is not None
    taken = LiveSession(session.id, after, session.visitor, host, epoch=stored.epoch, info={})
    restore(taken, stored)
    here = sys.modules[f"{after.generation.name}.main"].Order
    assert taken.state["order"] == here(5)
    assert taken.state["first"] == here(1)
    with working_for(after.generation.name):
        base = decode_base(encode_base(before.base), before.base.digest, before.base.state_class)
    assert base.root["first"] == here(1)
