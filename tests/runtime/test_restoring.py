"""A session taken over from the store goes on as the one that was stored."""

from __future__ import annotations

import json

from tests.reference_browser import Browser
from tests.session_host import OpenPage


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
