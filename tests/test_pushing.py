"""Handlers that Django calls in open sessions."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

import streamsync_django as ss
from streamsync_django import hosting
from streamsync_django.core.errors import PushError
from streamsync_django.pushing import push_end, push_message
from tests.live import Page, button, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import streamsync_django as ss

ss.init_state({"orders": [], "clicks": 0})

def new_order(state, payload):
    state["orders"] += [payload]

def broken(state):
    state["clicks"] += 10
    raise ValueError("no")

def click(state):
    state["clicks"] += 1

def _hidden(state):
    pass
"""


@pytest.fixture
def shop(tmp_path: Path, serve: Callable[..., None]) -> None:
    serve(shop=write_application(tmp_path / "shop", MAIN, [button("click", "click")]), bar=tmp_path / "shop")


async def test_a_push_runs_in_every_session_of_its_application(shop: None, open_page: Any) -> None:
    first, second, other = await open_page("shop"), await open_page("shop"), await open_page("bar")
    await ss.apush("shop", "new_order", {"id": 7})
    await first.sees("orders", [{"id": 7}])
    await second.sees("orders", [{"id": 7}])
    await other.receive_for(0.1)
    assert other.state["orders"] == []
    assert other.results == {}


async def test_pushes_of_one_handler_run_in_order(shop: None, open_page: Any) -> None:
    page = await open_page("shop")
    for number in range(50):
        ss.push("shop", "new_order", number)
    await page.sees("orders", list(range(50)))
    assert page.results == {}, "no browser waits for a push"
    assert (await page.click("click"))[1] == "ok", "and its own events count as before"


async def test_a_session_that_begins_later_gets_no_earlier_push(shop: None, open_page: Any) -> None:
    first = await open_page("shop")
    await ss.apush("shop", "new_order", 1)
    await first.sees("orders", [1])
    second = await open_page("shop")
    await ss.apush("shop", "new_order", 2)
    await second.sees("orders", [2])


async def test_a_page_that_lost_its_socket_finds_what_was_pushed(shop: None, open_page: Any) -> None:
    page = await open_page("shop")
    await page.close()
    await ss.apush("shop", "new_order", 1)
    again = Page("shop", page.http)
    await again.draw()
    await again.connect(token=page.welcome["token"], version=page.version)
    await again.sees("orders", [1])
    await again.close()


async def test_only_the_named_users_sessions_run_it(shop: None, open_page: Any) -> None:
    ada, bob = await open_page("shop"), await open_page("shop")
    for page, key in ((ada, 1), (bob, 2)):
        page.session.visitor = SimpleNamespace(id=f"user:{key}", user=None)
    await ss.apush("shop", "new_order", "for Ada", users=[User(pk=1)])
    await ss.apush("shop", "new_order", "for Bob", users=[2])
    await ss.apush("shop", "new_order", "for nobody", users=[])
    await ada.sees("orders", ["for Ada"])
    await bob.sees("orders", ["for Bob"])


async def test_a_failing_push_is_in_the_log_and_keeps_what_it_changed(shop: None, open_page: Any) -> None:
    page = await open_page("shop")
    await ss.apush("shop", "broken")
    await page.sees("clicks", 10)
    entries = hosting.get_registry().log.entries("shop")
    assert any(entry.kind == "error" and entry.handler == "broken" for entry in entries)


@pytest.mark.django_db(transaction=True)
def test_a_push_waits_for_the_transaction(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr("streamsync_django.pushing._send", lambda slug, data: sent.append(slug))
    monkeypatch.setattr(hosting, "_serves_sockets", True)
    with transaction.atomic():
        ss.push("shop", "new_order", 1)
        assert sent == []
    assert sent == ["shop"]
    with transaction.atomic():
        ss.push("shop", "new_order", 2)
        transaction.set_rollback(True)
    assert sent == ["shop"]


@pytest.mark.parametrize(
    ("slug", "handler", "payload", "message"),
    [
        ("nowhere", "new_order", None, "no application 'nowhere'"),
        ("shop", "missing", None, "no handler 'missing'; it has: broken, click, new_order"),
        ("shop", "_hidden", None, "no handler '_hidden'"),
        ("shop", len, None, "no handler of application"),
        ("shop", "new_order", object(), "JSON"),
    ],
)
def test_what_cannot_be_pushed_is_refused_at_once(
    shop: None, slug: str, handler: Any, payload: Any, message: str
) -> None:
    with pytest.raises(PushError, match=message):
        ss.push(slug, handler, payload)


async def test_a_handler_may_be_named_by_its_function(shop: None, open_page: Any) -> None:
    page = await open_page("shop")
    function = hosting.get_registry().get("shop").application.handlers["new_order"].function
    await ss.apush("shop", function, 1)
    await page.sees("orders", [1])


def test_another_process_without_redis_is_told_what_to_configure() -> None:
    code = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'project.settings'; django.setup()\n"
        "import streamsync_django as ss; ss.push('counter', 'increment')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PushError" in done.stderr
    assert "REDIS_URL" in done.stderr


def test_without_django_nobody_can_push() -> None:
    code = "import streamsync_django as ss; ss.push('counter', 'increment')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "django.setup()" in done.stderr


async def test_operators_reach_the_sessions_of_other_instances_as_pushes_do(
    shop: None, open_page: Any
) -> None:
    ended, other = await open_page("shop"), await open_page("shop")
    await asyncio.to_thread(push_message, "shop", "Soon", "We close")
    for page in (ended, other):
        await page.until(lambda page=page: "We close" in str(page.messages))
    session = ended.session
    await asyncio.to_thread(push_end, "shop", session.id, session.visitor.id)
    assert await ended.receive_for_close() == 4410
    assert (await other.click("click"))[1] == "ok"
