"""Random frames at a socket: the server answers or closes it, runs what it may, and keeps nothing of them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live import Page, runtime, write_application
from tests.plugins.live import serve
from tests.properties.frames import Forger
from tests.stage import binding

__all__ = ["serve"]

MAIN = """
import streamsync_django as ss

ss.init_state({"name": "", "clicks": 0, "trapped": 0})

def counting(state):
    state["clicks"] += 1

def trap(state):
    state["trapped"] += 1

def choose(state, payload):
    state["trapped"] += payload is not None  # a choice without options can only be cleared

def _trap(state):
    state["trapped"] += 1
"""
PAGE: list[dict[str, Any]] = [
    {"id": "button", "type": "button", "handlers": {"ss-click": "counting"}},
    {"id": "input", "type": "textinput", "binding": binding("ss-change", "name")},
    {"id": "hidden", "type": "button", "handlers": {"ss-click": "trap"}, "visible": "nothing"},
    {"id": "private", "type": "button", "handlers": {"ss-click": "_trap"}},
    {
        "id": "choice",
        "type": "selectinput",
        "handlers": {"ss-option-change": "choose"},
        "content": {"options": "{}"},
    },
]


class Forgers:
    """A page that sends whatever comes, and comes back when it is thrown out."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.closings: list[int] = []

    async def send(self, codes: list[bytes]) -> None:
        for number, code in enumerate(codes, 1):
            forger = Forger(code)
            frame = self._counted(forger.frame(), number) or " "
            kind = "text_data" if isinstance(frame, str) else "bytes_data"
            await self.page._socket.send_to(**{kind: frame})
            if number % 5 == 0 and not await self._is_heard():
                await self.page.close()
                await self.page.connect(token=self.page.welcome["token"])

    def _counted(self, frame: str | bytes, number: int) -> str | bytes:
        """Give events that are otherwise right the number that is next."""
        try:
            content = json.loads(frame)
        except ValueError:
            return frame
        if not isinstance(content, dict) or content.get("n") != 1:
            return frame
        return json.dumps({**content, "n": max(self.page.session.next_event, number % 2)})

    async def _is_heard(self) -> bool:
        """Wait until all that was sent has been done; False when the server has closed the socket."""
        socket = self.page._socket
        await socket.send_to(text_data=json.dumps({"type": "ack", "version": self.page.session.version}))
        await socket.send_to(text_data='{"type": "ping"}')
        async with asyncio.timeout(30):
            while True:
                message = await socket.output_queue.get()
                if message["type"] == "websocket.close":
                    self.closings.append(message["code"])
                    return False
                if "pong" not in message.get("text", ""):
                    continue
                if not self.page.session.is_busy:
                    return True
                await socket.send_to(text_data='{"type": "ping"}')


@pytest.mark.filterwarnings("ignore")
async def test_a_server_takes_random_frames_and_is_unharmed(
    serve: Callable[..., None], tmp_path: Path
) -> None:
    serve(gate=write_application(tmp_path / "gate", MAIN, PAGE), MAX_MESSAGES_PER_SECOND=1_000_000)
    page = await Page.open("gate")
    forgers, draw = Forgers(page), random.Random(5)
    session = page.session
    await forgers.send([draw.randbytes(40) for _ in range(600)])
    assert list(runtime().sessions.values()) == [session]
    assert session.state["trapped"] == 0
    assert session.state["clicks"] > 0
    assert session.state["name"] != ""
    assert set(forgers.closings) == {4429}
    assert session.order.is_idle
    assert len(session.ledger.results) <= 5, "what the page has acknowledged is forgotten"
    page._number = session.next_event - 1
    assert (await page.click("button"))[1] == "ok"
    await page.close()
