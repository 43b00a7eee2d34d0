"""An operator who reads the log can tell whose doing a line is."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.logs import HandlerRunFilter
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import logging, threading
import streamsync_django as ss

ss.init_state({"count": 0})

def work(state):
    print("said")
    logging.getLogger("library").warning("of a library")
    thread = threading.Thread(target=lambda: logging.getLogger("library").warning("of a thread"))
    thread.start()
    thread.join()
    raise ValueError("broken")
"""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The site's log, as docs/deployment.md sets it up."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(HandlerRunFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(streamsync)s%(name)s %(message)s"))
    root, application = logging.getLogger(), logging.getLogger("streamsync_django.application")
    level = application.level
    application.setLevel(logging.INFO)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    application.setLevel(level)


async def test_every_line_of_a_handler_has_its_session_and_event(
    log: io.StringIO, serve: Any, open_page: Any, tmp_path: Path
) -> None:
    serve(shop=write_application(tmp_path / "shop", MAIN, [button("work", "work")]))
    page: Page = await open_page("shop")
    await page.click("work")
    await page.click("work")
    logging.getLogger("elsewhere").warning("of nobody")
    session = page.session.id[:8]
    lines = log.getvalue().splitlines()
    for event in (1, 2):
        mark = rf"\[shop session={session} event={event}\]"
        for text in ("said", "of a library", "of a thread", "work failed"):
            assert [line for line in lines if re.search(f"{mark}.*{text}", line)], (event, text, lines)
    assert "WARNING elsewhere of nobody" in lines


async def test_trouble_of_the_package_itself_names_the_session(
    log: io.StringIO, serve: Any, open_page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(shop=write_application(tmp_path / "shop", MAIN, [button("work", "work")]))
    page: Page = await open_page("shop")
    session = page.session

    def fail(*arguments: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(runtime(), "perform", fail)
    await page.click("work")
    assert f"event 1 of session {session.id[:8]} could not be handled" in log.getvalue()
    session.lose("it was ended in a test")
    assert f"session {session.id[:8]} is over here: it was ended in a test" in log.getvalue()
