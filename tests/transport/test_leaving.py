"""Browsers leave at any moment, also while something is being sent to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live import button, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import streamsync_django as ss

ss.init_state({"count": 0})

def add(state):
    state["count"] += 1
"""


async def test_a_browser_that_left_while_it_was_sent_to_is_no_error(
    tmp_path: Path, serve: Callable[..., None], open_page: Any, caplog: pytest.LogCaptureFixture
) -> None:
    serve(shop=write_application(tmp_path / "shop", MAIN, [button("add", "add")]))
    page = await open_page("shop")
    conversation = page.session.connection
    refused: list[str] = []
    is_closed = asyncio.Event()

    async def refuse(message: dict[str, Any]) -> None:
        refused.append(message["type"])
        if message["type"] == "websocket.close":
            is_closed.set()
        raise ConnectionResetError("the socket is closed")

    conversation._send = refuse
    with caplog.at_level(logging.INFO):
        await page.trigger("add")
        await asyncio.wait_for(is_closed.wait(), 30)
    assert refused[0] == "websocket.send"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
