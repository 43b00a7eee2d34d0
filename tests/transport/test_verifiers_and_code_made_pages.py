"""Over a real socket: who is refused a session, and pages that code changes while they are open."""

import pytest
from channels.testing import WebsocketCommunicator

from streamsync_django import hosting
from streamsync_django.routing import websocket_application
from tests.live import Page, button, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]  # fixtures

VERIFIED = """
    import streamsync_django as ss

    @ss.session_verifier
    def check(cookies, headers):
        assert all(name == name.lower() for name in headers)
        return cookies.get("pass") == "yes"

    ss.init_state({})
"""

BROKEN = """
    import streamsync_django as ss
    ss.session_manager.add_verifier(lambda headers: "sure")
    ss.init_state({})
"""

MADE = """
    import streamsync_django as ss

    ss.init_state({"n": 0})

    def add(state, ui):
        with ui.find("box"):
            ui.Button({"text": "Go"}, id="made", handlers={"ss-click": go})
        state["n"] += 1

    def go(state):
        state["n"] += 10

    def nothing():
        pass
"""
BOX = {"id": "box", "type": "section"}


@pytest.fixture
def page_of(serve, tmp_path):
    def make(main, *components):
        serve(shop=write_application(tmp_path / "shop", main, components))
        return Page("shop")

    return make


async def test_a_visitor_whom_the_verifier_refuses_gets_no_page(page_of):
    page = page_of(VERIFIED)
    assert (await page.http.get("/shop/")).status_code == 403
    page.http.cookies["pass"] = "yes"
    assert (await page.http.get("/shop/")).status_code == 200


async def test_a_session_is_refused_with_4403(page_of):
    page = page_of(VERIFIED)
    page.http.cookies["pass"] = "yes"
    await page.draw()
    del page.http.cookies["pass"]
    assert await _close_code(page) == 4403


async def test_who_comes_back_is_asked_again(page_of):
    page = page_of(VERIFIED)
    page.http.cookies["pass"] = "yes"
    await page.draw()
    await page.connect()
    token = page.welcome["token"]
    await page.close()
    del page.http.cookies["pass"]
    assert await _close_code(page, token=token) == 4403
    page.http.cookies["pass"] = "yes"
    page.welcome = {}
    await page.connect(token=token)
    assert page.welcome["resumed"]
    await page.close()


async def test_a_verifier_that_answers_neither_admits_nobody_and_the_log_says_why(page_of):
    page = page_of(BROKEN)
    assert (await page.http.get("/shop/")).status_code == 403
    entries = hosting.get_registry().log.entries("shop")
    assert "must return True or False" in entries[-1].message


async def test_what_a_handler_makes_is_drawn_and_takes_events(open_page, serve, tmp_path):
    serve(
        shop=write_application(tmp_path / "shop", MADE, [BOX, button("add", "add"), button("no", "nothing")])
    )
    page = await open_page("shop")
    other = await open_page("shop")
    first = page.layout["revision"]
    await page.click("add")
    await page.until(lambda: "made" in page.layout["components"])
    record = page.layout["components"]["made"]
    assert record["isCodeManaged"] is True
    assert record["handlers"] == {"ss-click": True}
    assert page.layout["revision"] != first
    target = [["root", 0], ["page", 0], ["box", 0], ["made", 0]]
    event = {
        "type": "event",
        "n": 2,
        "event": "ss-click",
        "payload": {"ctrlKey": False, "shiftKey": False, "metaKey": False},
    }
    await page.tell({**event, "version": page.version, "target": target, "layout": page.layout["revision"]})
    await page.sees("n", 11)
    await other.click("no")
    assert "made" not in other.layout["components"]


async def test_a_page_that_comes_back_draws_what_was_made(open_page, serve, tmp_path):
    serve(shop=write_application(tmp_path / "shop", MADE, [BOX, button("add", "add")]))
    page = await open_page("shop")
    await page.click("add")
    await page.until(lambda: "made" in page.layout["components"])
    token = page.welcome["token"]
    await page.close()
    back = Page("shop", page.http)
    await back.draw()
    assert "made" not in back.layout["components"]
    await back.connect(token=token)
    await back.until(lambda: "made" in back.layout["components"])
    await back.close()


async def _close_code(page, **hello):
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in page.http.cookies.items())
    headers = [(b"origin", b"http://testserver"), (b"host", b"testserver"), (b"cookie", cookie.encode())]
    page._socket = WebsocketCommunicator(websocket_application(), "/shop/socket/", headers)
    page._socket.scope["scheme"] = "ws"
    await page._socket.connect(timeout=5)
    await page.tell({"type": "hello", "protocol": 1, "ticket": await page.renewed_ticket(), **hello})
    return await page.receive_for_close()
