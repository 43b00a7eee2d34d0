"""Fixtures with a real Chromium, for tests marked `browser`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect, sync_playwright

from scripts.chromium import launch
from tests.patience import overload


@dataclass
class Watched:
    """What a page said while nobody looked: its errors, and every frame of its sockets."""

    errors: list[str] = field(default_factory=list)
    received: list[str | bytes] = field(default_factory=list)
    sent: list[str | bytes] = field(default_factory=list)


@dataclass
class Visit:
    """A page in a browser of its own (own cookies, own cache), and what was seen of it."""

    page: Page
    watched: Watched


OpenPage = Callable[..., Visit]


# One browser per module and not per session: Playwright's loop runs in this thread for as long as it is
# open, and neither Django's ORM nor an async test could be used beside it.
@pytest.fixture(scope="module")
def browser(chromium_program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright, chromium_program)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Return a function that opens an address as a new visitor; errors in its console fail the test."""
    visits: list[Visit] = []

    def open_page(
        url: str,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        context.set_default_timeout(10_000 * overload())
        expect.set_options(timeout=10_000 * overload())
        page = context.new_page()
        visit = Visit(page, _watch(page))
        visits.append(visit)
        page.goto(url)
        return visit

    yield open_page
    errors = [error for visit in visits for error in visit.watched.errors]
    for visit in visits:
        visit.page.context.close()
    assert errors == []


def _watch(page: Page) -> Watched:
    watched = Watched()
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda said: watched.errors.append(said.text) if said.type == "error" else None)

    # Lambdas, because Playwright leaves a mark on every listener, and a bound method of a list takes none.
    def watch_socket(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: watched.received.append(frame))
        socket.on("framesent", lambda frame: watched.sent.append(frame))

    page.on("websocket", watch_socket)
    return watched
