"""Fixtures of whole applications, attacked from outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live import Page, button, write_application
from tests.plugins.live import ServeFolder, open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import streamsync_django as ss

ss.init_state({"count": 0, "name": "", "_secret": "hidden", "picture": b"bytes", "calls": [], "visible": False})

def increment(state):
    state["count"] += 1

def _private(state):
    state["count"] = 1000

def grow(state):
    state["count"] += 1
    state["name"] = f"{state['count']} " + "x" * 100_000

def note(state, payload):
    state["calls"].append(str(payload)[:20])
"""


def field(id: str, kind: str, event: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "type": kind, "content": {}, "handlers": {event: "note"}, **more}


COMPONENTS = [
    button("add", "increment"),
    button("sly", "_private"),
    button("much", "grow"),
    button("gone", "no_such_handler"),
    {
        **button("hidden", "increment"),
        "visible": {"expression": "custom", "binding": "visible", "reversed": False},
    },
    {**field("text", "textinput", "ss-change"), "binding": {"eventType": "ss-change", "stateRef": "name"}},
    {
        **field("thief", "textinput", "ss-change-finish"),
        "binding": {"eventType": "ss-change", "stateRef": "_secret"},
    },
    {
        **field("under", "textinput", "ss-change-finish"),
        "binding": {"eventType": "ss-change", "stateRef": "__class__"},
    },
    {**field("choice", "selectinput", "ss-option-change"), "content": {"options": '{"a": "A", "b": "B"}'}},
    field("file", "fileinput", "ss-file-change"),
    field("camera", "webcamcapture", "ss-webcam"),
]

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture
async def page(serve: ServeFolder, open_page: OpenPage, tmp_path: Path) -> Page:
    """An application with something to steal, open in one tab."""
    serve(bank=write_application(tmp_path / "bank", MAIN, COMPONENTS))
    return await open_page("bank")


async def unharmed(page: Page) -> None:
    """Check that nothing has run, and that the session goes on."""
    state = page.session.state
    assert (state["count"], state["name"], state["_secret"], list(state["calls"])) == (0, "", "hidden", [])
    assert (await page.click("add"))[1] == "ok"
