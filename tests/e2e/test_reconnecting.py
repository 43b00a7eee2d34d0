"""What a page does when its server goes and comes back: in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from playwright.sync_api import expect

from scripts.demo_site import DemoSite
from tests.faulty_network import FaultyNetwork
from tests.live import button, write_application
from tests.patience import overload
from tests.plugins.browser import OpenPage
from tests.redis_server import RedisServer

pytestmark = pytest.mark.browser

#: What a page keeps of unanswered events.
MAX_EVENTS = 1000


@pytest.mark.redis
def test_with_redis_each_click_around_restarts_counts_once(
    open_page: OpenPage, redis_server: RedisServer
) -> None:
    with DemoSite({"REDIS_URL": redis_server.url}) as site:
        visit = open_page(f"{site.url}/counter/")
        page = visit.page
        button = page.get_by_role("button", name="Increment")
        button.click()
        expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
        clicks = 1
        for _ in range(3):
            for _ in range(3):
                button.click(no_wait_after=True)  # unanswered when the server is told to go
            site.stop()
            expect(page.get_by_text("Reconnecting…")).to_be_visible()
            for _ in range(2):
                button.click()  # nobody is there to hear it
            site.start()
            clicks += 5
            expect(page.get_by_text(f"Count: {clicks}", exact=True)).to_be_visible(timeout=30_000)
            expect(page.get_by_text("Reconnecting…")).to_be_hidden()
        assert page.get_by_text("This session has ended").count() == 0
        page.wait_for_timeout(1500)
        expect(page.get_by_text(f"Count: {clicks}", exact=True)).to_be_visible()
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused


def test_without_redis_a_restart_ends_the_session_and_the_page_offers_another(open_page: OpenPage) -> None:
    with DemoSite({"REDIS_URL": ""}) as site:
        visit = open_page(f"{site.url}/counter/")
        page = visit.page
        page.get_by_role("button", name="Increment").click()
        expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
        site.restart()
        expect(page.get_by_text("This session has ended")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()  # nothing is taken away unasked
        page.get_by_role("button", name="Start again").click()
        expect(page.get_by_text("Count: 0", exact=True)).to_be_visible()
        page.get_by_role("button", name="Increment").click()
        expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused


def test_a_thousand_clicks_are_kept_while_nobody_answers_and_those_beyond_are_refused_visibly(
    demo_site: DemoSite, open_page: OpenPage
) -> None:
    with FaultyNetwork(demo_site.port) as network:
        visit = open_page(f"http://127.0.0.1:{network.port}/counter/")
        page = visit.page
        button = page.get_by_role("button", name="Increment")
        button.click()
        expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
        network.cut()
        expect(page.get_by_text("what you do is kept")).to_be_visible(timeout=15_000 * overload())
        button.evaluate(f"button => {{ for (let n = 0; n < {MAX_EVENTS + 5}; n++) button.click(); }}")
        expect(page.get_by_text("nothing more is taken until it answers")).to_have_count(1)
        expect(page.get_by_text("nothing more can be kept")).to_be_visible()
        network.heal()
        expect(page.get_by_text(f"Count: {MAX_EVENTS + 1}", exact=True)).to_be_visible(
            timeout=30_000 * overload()
        )
        expect(page.get_by_text("Reconnecting…")).to_be_hidden()
        page.get_by_role("button", name="Increment").click()
        expect(page.get_by_text(f"Count: {MAX_EVENTS + 2}", exact=True)).to_be_visible()
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused


@pytest.mark.redis
def test_who_clicks_while_redis_is_full_is_told_that_it_was_undone_and_goes_on_once_there_is_room(
    open_page: OpenPage, start_redis: Callable[..., RedisServer]
) -> None:
    server = start_redis()
    with DemoSite({"REDIS_URL": server.url}) as site, redis.Redis.from_url(server.url) as client:
        visit = open_page(f"{site.url}/counter/")
        page = visit.page
        button = page.get_by_role("button", name="Increment")
        button.click()
        expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
        client.config_set("maxmemory", "1")
        button.click()
        expect(page.get_by_text("no room left to keep this; it was undone").first).to_be_visible()
        client.config_set("maxmemory", "0")
        expect(page.get_by_text("Reconnecting…")).to_be_hidden()
        button.click()
        expect(page.get_by_text("Count: 2", exact=True)).to_be_visible()
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused


MAIN = """
    import streamsync_django as ss

    ss.init_state({"count": 0, "words": ""})


    def increment(state):
        state["count"] += 1
"""
COMPONENTS = [
    button("add", "increment", text="Add"),
    {
        "id": "words",
        "type": "textareainput",
        "content": {"label": "Words"},
        "binding": {"eventType": "ss-change", "stateRef": "words"},
    },
    {"id": "said", "type": "text", "content": {"text": "Count: @{count}; words: @{words}."}},
]


def test_a_page_keeps_below_what_its_server_takes_at_once(open_page: OpenPage, tmp_path: Path) -> None:
    """300 clicks, where 200 and what 40 a second bring are taken; and a text that is too large for a message."""
    folder = write_application(tmp_path / "narrow", MAIN, COMPONENTS)
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.narrow_settings",
        "STREAMSYNC_DEMO_EXTRA_APPS": f"narrow={folder}",
    }
    with DemoSite(settings) as site:
        visit = open_page("about:blank")
        page = visit.page
        closings: list[str] = []
        page.on("websocket", lambda socket: socket.on("close", lambda closed: closings.append(closed.url)))
        page.goto(f"{site.url}/narrow/")
        button = page.get_by_role("button", name="Add")
        button.evaluate("button => { for (let n = 0; n < 300; n++) button.click(); }")
        page.get_by_label("Words").fill("é" * 6000)
        expect(page.get_by_text("too large for the server")).to_have_count(1)
        page.get_by_label("Words").fill("fewer")
        expect(page.get_by_text("Count: 300; words: fewer.")).to_be_visible(timeout=20_000 * overload())
        assert closings == []
