"""Each limit is a setting, and passing it has its code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from streamsync_django.routing import websocket_application
from tests.live import Page, runtime, write_application
from tests.plugins.live import ServeFolder
from tests.security.conftest import COMPONENTS, MAIN

Bank = Callable[..., None]


@pytest.fixture
def bank(serve: ServeFolder, tmp_path: Path) -> Bank:
    """Serve the application with a limit of one's own: ``bank(MAX_FRAME_BYTES=1000)``."""
    folder = write_application(tmp_path / "bank", MAIN, COMPONENTS)
    return lambda **limits: serve(bank=folder, **limits)


async def refused(page: Page, **hello: Any) -> int:
    """Connect, and return the code that the socket is closed with before it gets a session."""
    with pytest.raises(AssertionError, match=r"websocket\.close") as caught:
        await page.connect(**hello)
    return int(str(caught.value).split("'code': ")[1].split(",")[0].split("}")[0])


async def drawn(slug: str = "bank") -> Page:
    page = Page(slug)
    await page.draw()
    return page


async def silent_socket() -> WebsocketCommunicator:
    headers = [(b"origin", b"http://testserver"), (b"host", b"testserver")]
    socket = WebsocketCommunicator(websocket_application(), "/bank/socket/", headers)
    socket.scope["scheme"] = "ws"
    assert (await socket.connect(timeout=5))[0]
    return socket


async def close_code(socket: WebsocketCommunicator) -> int:
    while (message := await socket.receive_output(timeout=5))["type"] != "websocket.close":
        pass
    return int(message["code"])


async def test_a_socket_that_never_says_hello_is_closed(bank: Bank) -> None:
    bank(HELLO_TIMEOUT=0.05)
    assert await close_code(await silent_socket()) == 4408


@pytest.mark.parametrize("first", ['{"type":"ping"}', "{", '{"type":"event","n":1,"target":[],"event":"x"}'])
async def test_a_socket_that_begins_with_anything_else_is_closed(bank: Bank, first: str) -> None:
    bank()
    socket = await silent_socket()
    await socket.send_to(text_data=first)
    assert await close_code(socket) == 4401


async def test_a_page_of_another_protocol_is_told_to_load_anew(bank: Bank) -> None:
    bank()
    assert await refused(await drawn(), protocol=2) == 4426


async def test_the_size_of_a_message_is_a_setting(bank: Bank, open_page: Any) -> None:
    bank(MAX_FRAME_BYTES=1000)
    page = await open_page("bank")
    await page._socket.send_to(text_data="{" + " " * 999)
    await page.until(lambda: page.messages[-1].get("code") == "frame.not-json")
    await page._socket.send_to(text_data="{" + " " * 1000)
    assert await page.receive_for_close() == 4429


async def test_the_depth_of_a_message_is_a_setting(bank: Bank, open_page: Any) -> None:
    bank(MAX_FRAME_DEPTH=3)
    page = await open_page("bank")
    for depth, found in ((3, "result"), (4, "error")):
        number = page._number = page._number + 1
        payload = json.loads("[" * depth + "]" * depth)
        await page.tell(
            {"type": "event", "n": number, "target": [["root", 0]], "event": "x", "payload": payload}
        )
        if found == "result":
            await page.until(lambda number=number: number in page.results)
        else:
            await page.until(lambda: page.messages[-1].get("code") == "frame.too-deep")
            assert page.messages[-1]["event"] == number, "the page does not send it again"


async def test_the_rate_of_messages_is_a_setting(bank: Bank, open_page: Any) -> None:
    bank(MAX_MESSAGES_PER_SECOND=2)
    page = await open_page("bank")
    for _ in range(15):
        await page.tell({"type": "ping"})
    assert await page.receive_for_close() == 4429
    assert sum(message["type"] == "pong" for message in page.messages) <= 11


async def test_the_sessions_of_a_process_are_a_setting(bank: Bank, open_page: Any) -> None:
    bank(MAX_SESSIONS=1)
    page = await open_page("bank")
    assert await refused(await drawn()) == 4412
    assert (await page.click("add"))[1] == "ok"


async def test_a_second_socket_of_a_session_takes_it_over(bank: Bank, open_page: Any) -> None:
    bank()
    first: Page = await open_page("bank")
    second = Page("bank", first.http)
    await second.draw()
    await second.connect(token=first.welcome["token"])
    assert await first.receive_for_close() == 4409
    assert (await second.click("add"))[1] == "ok"
    await second.close()


async def test_a_session_that_was_ended_is_not_resumed(bank: Bank, open_page: Any) -> None:
    bank()
    page: Page = await open_page("bank")
    await asyncio.to_thread(runtime().end_session, page.session.id)
    assert await page.receive_for_close() == 4410
    again = Page("bank", page.http)
    await again.draw()
    assert await refused(again, token=page.welcome["token"]) == 4410
