"""A browser triggers what its layout offers, with payloads that fit, and nothing else."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.live import Page
from tests.security.conftest import unharmed
from tests.security.watching import watched

CLICK = {"ctrlKey": False, "shiftKey": False, "metaKey": False}


async def outcome(page: Page, target: list[list[Any]], event: str, payload: Any = None) -> str:
    page._number += 1
    number = page._number
    await page.tell(
        {"type": "event", "n": number, "target": target, "event": event, "payload": payload,
         "version": page.version, "layout": page.layout["revision"], "handler": "_private"}
    )  # fmt: skip
    errors = [message for message in page.messages if message["type"] == "error"]
    await page.until(
        lambda: number in page.results or [m for m in page.messages if m["type"] == "error"] != errors
    )
    return str(page.results[number][1]) if number in page.results else "error"


def at(*ids: str) -> list[list[Any]]:
    return [["root", 0], ["page", 0], *([name, 0] for name in ids)]


@pytest.mark.parametrize(
    ("target", "event"),
    [
        (at("nobody"), "ss-click"),
        (at("hidden"), "ss-click"),
        ([["add", 0]], "ss-click"),
        ([["root", 0], ["add", 0]], "ss-click"),
        (at("text", "add"), "ss-click"),
        ([], "ss-click"),
        (at("__class__"), "ss-click"),
        (at("add"), "__init__"),
        (at("add"), "ss-option-change"),
        (at("add"), "increment"),
        (at("add"), ""),
        (at("sly"), "ss-click"),
        (at("gone"), "ss-click"),
    ],
    ids=str,
)
async def test_a_forged_event_runs_nothing(page: Page, target: list[list[Any]], event: str) -> None:
    assert await outcome(page, target, event, CLICK) in ("rejected", "stale", "failed", "error")
    await unharmed(page)


@pytest.mark.parametrize("component", ["thief", "under"])
async def test_a_binding_never_reaches_what_is_private(page: Page, component: str) -> None:
    assert await outcome(page, at(component), "ss-change", "stolen") in ("rejected", "failed")
    await unharmed(page)


@pytest.mark.parametrize(
    ("component", "event", "payload"),
    [
        ("choice", "ss-option-change", "c"),
        ("choice", "ss-option-change", ["a"]),
        ("choice", "ss-option-change", {"a": 1}),
        ("text", "ss-change", {"$": ["binary", "x", "y", 1]}),
        ("text", "ss-change", 5),
        ("add", "ss-click", {"ctrlKey": "yes"}),
        ("add", "ss-click", "javascript:alert(1)"),
        ("file", "ss-file-change", "file:///etc/passwd"),
        ("file", "ss-file-change", [{"name": "x", "type": "t", "data": "file:///etc/passwd"}]),
        ("file", "ss-file-change", [{"name": "x", "type": "t", "data": "http://127.0.0.1:1/"}]),
        ("file", "ss-file-change", [{"name": "x", "type": "t", "data": "jar:http://127.0.0.1:1/x!/y"}]),
        ("file", "ss-file-change", [{"name": "x", "type": "t", "data": "%66ile%253A///etc/passwd"}]),
        ("file", "ss-file-change", [{"name": "x", "type": "t", "upload": "0" * 32}]),
        ("file", "ss-file-change", [{"upload": "../../../../etc/passwd"}]),
        ("file", "ss-file-change", {"upload": ["0" * 32]}),
        ("camera", "ss-webcam", "file:///etc/passwd"),
        ("camera", "ss-webcam", "http://127.0.0.1:1/"),
        ("camera", "ss-webcam", "jar:file:///etc/passwd!/x"),
        ("camera", "ss-webcam", "%66ile:///etc/passwd"),
        ("camera", "ss-webcam", "%2566ile:///etc/passwd"),
        ("camera", "ss-webcam", "data:image/png,%2566ile:///etc/passwd"),
        ("camera", "ss-webcam", "data:text/html;base64,PHNjcmlwdD4="),
        ("file", "ss-file-change", [{"name": "x", "type": "t", "data": "data:;base64,%%%"}]),
    ],
    ids=str,
)  # fmt: skip
async def test_a_payload_that_does_not_fit_runs_nothing_and_reads_and_fetches_nothing(
    page: Page, component: str, event: str, payload: Any
) -> None:
    await page.click("camera")  # what is imported at the first event is no answer to this one
    with watched() as heard:
        assert await outcome(page, at(component), event, payload) in ("rejected", "failed", "error")
    assert heard == []
    await unharmed(page)


def test_the_watch_hears_of_files_and_connections() -> None:
    with watched() as heard, contextlib.suppress(OSError):
        Path("/etc/hostname").read_text()
        socket.create_connection(("127.0.0.1", 9), timeout=0.1)
    assert [line.split()[0] for line in heard if "hostname" in line or "connect" in line][:2] == [
        "open",
        "socket.connect",
    ]
