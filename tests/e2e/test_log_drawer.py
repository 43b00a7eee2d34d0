"""The developer's drawer, and chatbots of old layouts, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from scripts.demo_site import DemoSite
from tests.making_apps import button, make_app, text
from tests.plugins.browser import OpenPage

pytestmark = pytest.mark.browser

MAIN = """
import time

import streamsync_django as ss

ss.init_state({"step": 0})

def speak():
    print("Hello log")

def fail(state):
    raise ValueError("that is odd")

def work_long(state):
    for step in range(600):
        state["step"] = step
        time.sleep(0.05)

def answer(payload):
    return {"text": f"You said {payload}", "actions": [{"name": "More", "data": "more"}]}
"""

CHATBOT = {
    "type": "chatbot",
    "handlers": {"ss-chatbot-message": "answer", "ss-chatbot-action-click": "answer"},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    parts = [
        button(label, name) for label, name in (("Speak", "speak"), ("Fail", "fail"), ("Work", "work_long"))
    ]
    folder = make_app(
        tmp_path_factory.mktemp("apps"), MAIN, *parts, text("Step @{step}"), CHATBOT, name="talk"
    )
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": f"talk={folder}"}) as site:
        yield site


def test_the_drawer_shows_prints_and_tracebacks_of_ones_own_session(
    open_page: OpenPage, site: DemoSite
) -> None:
    page, other = open_page(f"{site.url}/talk/").page, open_page(f"{site.url}/talk/").page
    page.get_by_role("button", name="Speak").click()
    page.get_by_role("button", name="Fail").click()
    page.locator(".ss-log__toggle").click()
    panel = page.locator(".ss-log__panel")
    expect(panel.get_by_text("Hello log")).to_be_visible()
    expect(panel.locator(".ss-log__traceback")).to_contain_text('raise ValueError("that is odd")')
    assert re.search(r"\[talk session=\w+ event=1\] Output: Hello log", site.log)
    other.locator(".ss-log__toggle").click()
    expect(other.locator(".ss-log__panel")).not_to_contain_text("Hello log")


def test_what_runs_long_can_be_cancelled_there(open_page: OpenPage, site: DemoSite) -> None:
    page = open_page(f"{site.url}/talk/").page
    cancel = page.get_by_role("button", name="Cancel running handlers")
    page.locator(".ss-log__toggle").click()
    page.get_by_role("button", name="Work").click()
    expect(page.get_by_text(re.compile("Step [1-9]"))).to_be_visible()
    cancel.click()
    expect(page.get_by_text("The action was cancelled.")).to_be_visible()
    expect(cancel).to_have_count(0)


def test_a_chatbot_without_a_conversation_shows_what_its_handler_returns(
    open_page: OpenPage, site: DemoSite
) -> None:
    page = open_page(f"{site.url}/talk/").page
    page.locator(".ss-chat textarea").fill("Hi")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You said Hi")).to_be_visible()
    page.get_by_role("button", name="More").click()
    expect(page.get_by_text("You said more")).to_be_visible()
