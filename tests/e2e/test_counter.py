"""The counter in a real browser, served by a real Daphne."""

import json
import struct
from typing import Any

import pytest
from playwright.sync_api import expect

from scripts.demo_site import DemoSite
from tests.plugins.browser import OpenPage
from tests.redis_server import RedisServer

pytestmark = pytest.mark.browser


def test_a_click_counts_and_the_text_follows(open_page: OpenPage, demo_site: DemoSite) -> None:
    page = open_page(f"{demo_site.url}/counter/").page
    expect(page.get_by_text("Count: 0", exact=True)).to_be_visible()
    page.get_by_role("button", name="Increment").click()
    expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()


def test_no_click_of_a_quick_hand_is_lost(open_page: OpenPage, demo_site: DemoSite) -> None:
    page = open_page(f"{demo_site.url}/counter/").page
    button = page.get_by_role("button", name="Increment")
    for _ in range(20):
        button.click(no_wait_after=True)
    button.dblclick()
    expect(page.get_by_text("Count: 22", exact=True)).to_be_visible()


def test_the_keyboard_counts_too(open_page: OpenPage, demo_site: DemoSite) -> None:
    page = open_page(f"{demo_site.url}/counter/").page
    page.get_by_role("button", name="Increment").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.get_by_text("Count: 2", exact=True)).to_be_visible()


def test_two_visitors_count_for_themselves(open_page: OpenPage, demo_site: DemoSite) -> None:
    bob = open_page(f"{demo_site.url}/counter/").page
    alice = open_page(f"{demo_site.url}/counter/").page
    for _ in range(3):
        bob.get_by_role("button", name="Increment").click()
    alice.get_by_role("button", name="Increment").click()
    expect(bob.get_by_text("Count: 3", exact=True)).to_be_visible()
    expect(alice.get_by_text("Count: 1", exact=True)).to_be_visible()


def test_a_reload_starts_again(open_page: OpenPage, demo_site: DemoSite) -> None:
    page = open_page(f"{demo_site.url}/counter/").page
    page.get_by_role("button", name="Increment").click()
    expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Count: 0", exact=True)).to_be_visible()


def test_only_what_a_click_changed_crosses_the_socket(open_page: OpenPage, demo_site: DemoSite) -> None:
    visit = open_page(f"{demo_site.url}/counter/")
    button = visit.page.get_by_role("button", name="Increment")
    button.click()
    expect(visit.page.get_by_text("Count: 1", exact=True)).to_be_visible()
    visit.watched.received.clear()
    button.click()
    expect(visit.page.get_by_text("Count: 2", exact=True)).to_be_visible()

    messages = [_message(frame) for frame in visit.watched.received]
    patches = [message for message in messages if message["type"] == "patch"]
    assert {message["type"] for message in messages} <= {"patch", "pong", "log"}
    assert [change for patch in patches for change in patch.get("set", [])] == [[["count"], 2]]
    assert not any(patch.get("del") or patch.get("append") or patch.get("mail") for patch in patches)
    assert sum(len(frame) for frame in visit.watched.received) < 400


def test_the_page_is_drawn_before_the_socket_opens(open_page: OpenPage, demo_site: DemoSite) -> None:
    page = open_page("about:blank").page
    page.route_web_socket("**/*", lambda socket: None)  # a server that never says a word
    page.goto(f"{demo_site.url}/counter/")
    expect(page.get_by_text("Count: 0", exact=True)).to_be_visible()


@pytest.mark.redis
def test_with_redis_a_count_survives_a_restart_of_the_server(
    open_page: OpenPage, redis_server: RedisServer
) -> None:
    with DemoSite({"REDIS_URL": redis_server.url}) as site:
        visit = open_page(f"{site.url}/counter/")
        button = visit.page.get_by_role("button", name="Increment")
        button.click()
        expect(visit.page.get_by_text("Count: 1", exact=True)).to_be_visible()

        site.stop()
        button.click()  # nobody is there to hear it
        site.start()
        expect(visit.page.get_by_text("Count: 2", exact=True)).to_be_visible(timeout=30_000)
        button.click()
        expect(visit.page.get_by_text("Count: 3", exact=True)).to_be_visible()
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused


def _message(frame: str | bytes) -> dict[str, Any]:
    """Return the JSON of a frame: all of a text frame, the header of a binary one."""
    if isinstance(frame, str):
        return dict(json.loads(frame))
    (length,) = struct.unpack(">I", frame[:4])
    return dict(json.loads(frame[4 : 4 + length]))
