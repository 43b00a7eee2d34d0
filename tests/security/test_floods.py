"""Too large, too deep, too many, or no message at all: an answer with a code, and a closed socket on repetition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.live import Page, runtime
from tests.plugins.live import ServeFolder
from tests.security.conftest import unharmed

EVENT = (
    '{"type":"event","n":1,"target":[["root",0],["page",0],["text",0]],"event":"ss-change","payload":null}'
)


async def error_code(page: Page, text: str) -> str:
    await page._socket.send_to(text_data=text)
    await page.until(lambda: page.messages[-1]["type"] == "error")
    return str(page.messages[-1]["code"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "frame.not-json"),
        ("[" * 1_000_000, "frame.unknown"),
        (EVENT.replace("null", "[" * 500_000 + "]" * 500_000), "frame.not-json"),
        (EVENT.replace("null", '{"a":' * 150_000 + "1" + "}" * 150_000), "frame.not-json"),
        (EVENT.replace("null", "[" * 65 + "]" * 65), "frame.too-deep"),
        (EVENT.replace("null", '{"a":[' * 40 + "1" + "]}" * 40), "frame.too-deep"),
        ('{"type":"edit","key":"k","base":0,"operations":' + "[" * 500_000, "frame.not-json"),
        (
            '{"type":"edit","key":"k","base":0,"operations":' + "[" * 500_000 + "]" * 400_000 + "}",
            "frame.not-json",
        ),
        ('{"type":"edit","key":"k","base":0}', "frame.unknown"),
        ("[]", "frame.unknown"),
        ('{"type":"commit"}', "frame.unknown"),
        ('{"type":"event","n":0,"target":[],"event":"x"}', "frame.unknown"),
        ('{"type":"event","n":1e400,"target":[],"event":"x"}', "frame.unknown"),
        ('{"type":"hello","protocol":1,"ticket":"x"}', "frame.unexpected"),
    ],
    ids=lambda value: value[:30],
)
async def test_a_broken_frame_is_told_and_the_session_goes_on(page: Page, text: str, code: str) -> None:
    assert await error_code(page, text) == code
    await unharmed(page)


async def test_a_frame_over_the_limit_closes_the_socket(page: Page) -> None:
    await page._socket.send_to(text_data=" " * (2 * 1024 * 1024))
    assert await page.receive_for_close() == 4429


async def test_broken_frames_again_and_again_close_the_socket(page: Page) -> None:
    for _ in range(11):
        await page._socket.send_to(text_data="{")
    assert await page.receive_for_close() == 4429


async def test_more_messages_than_the_allowance_close_the_socket(page: Page) -> None:
    session = page.session
    event = {
        "type": "event",
        "target": [["root", 0], ["page", 0], ["text", 0]],
        "event": "ss-change",
        "payload": "x",
    }
    for number in range(1, 1500):
        await page._socket.send_to(text_data=json.dumps({**event, "n": number}))
    assert await page.receive_for_close() == 4429
    assert len(session.order) <= 1000


async def test_who_does_not_read_is_sent_no_more_whatever_it_says(page: Page) -> None:
    """60 updates of 100 KB, each asked for again, and acknowledged by somebody who has not seen their receipts."""
    click = {"type": "event", "target": [["root", 0], ["page", 0], ["much", 0]], "event": "ss-click"}
    for number in range(1, 61):
        for message in (
            {**click, "n": number, "payload": {}, "ack": 10**6, "receipt": number},
            {"type": "ack", "version": 10**6, "receipt": 0},
            {"type": "ack", "version": 0, "resync": True},
        ):
            await page._socket.send_to(text_data=json.dumps(message))
        await until(lambda number=number: page.session.state["count"] == number)  # type: ignore[misc]
    await until(lambda: not page.session.is_busy)
    frames = [page._socket.output_queue.get_nowait() for _ in range(page._socket.output_queue.qsize())]
    sent = sum(len(frame.get("text", "")) for frame in frames)
    assert 1_000_000 < sent < 1_300_000, "as much as may be on its way"
    for frame in frames:
        page._take(frame)
    acknowledged = {"type": "ack", "version": page.version, "receipt": page.receipt, "resync": True}
    await page._socket.send_to(text_data=json.dumps(acknowledged))
    await page.until(lambda: page.state["count"] == 60)
    assert page.state["name"].startswith("60 ")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (handlers run in threads)
            await asyncio.sleep(0.005)


async def test_others_notice_nothing_of_a_flood(page: Page, open_page: Any) -> None:
    other = await open_page("bank")
    for _ in range(900):
        await page._socket.send_to(text_data='{"type":"ack","version":0}')
    async with asyncio.timeout(2):
        assert (await other.click("add"))[1] == "ok"


async def test_a_visitor_has_so_many_sessions_and_no_more(
    page: Page, serve: ServeFolder, open_page: Any
) -> None:
    custody = runtime().custody
    limit = 5
    custody._host.settings = _with(custody._host.settings, max_sessions_per_visitor=limit)  # type: ignore[misc]
    tabs = [page]
    for _ in range(limit - 1):
        tab = Page("bank", page.http)
        await tab.draw()
        await tab.connect()
        tabs.append(tab)
    refused = Page("bank", page.http)
    await refused.draw()
    with pytest.raises(AssertionError, match="4429"):
        await refused.connect()
    first = tabs[1].session
    await tabs[1].close()
    late = Page("bank", page.http)
    await late.draw()
    await late.connect()
    assert first.id not in runtime().sessions
    for tab in [*tabs[2:], late]:
        await tab.close()
    assert (await (await open_page("bank")).click("add"))[1] == "ok"  # another visitor


def _with(options: Any, **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(options, **changes)
