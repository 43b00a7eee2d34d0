"""What the package does to its site's database connections."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from streamsync_django.connections import release_connections
from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app
from tests.patience import overload


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_the_caller_is_not_touched() -> None:
    with transaction.atomic():
        Group.objects.create(name="editors")
        release_connections()
        assert Group.objects.filter(name="editors").exists()
    assert Group.objects.filter(name="editors").exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_too_old_is_closed_outside_of_one() -> None:
    assert not Group.objects.exists()
    connection.close_at = 0.0
    release_connections()
    assert connection.connection is None


MAIN = """
import asyncio, sys, threading
import streamsync_django as ss
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import connections

ss.init_state({"count": None})
inside, meeting = threading.Event(), threading.Barrier(2)

def note():
    sys.modules["noted_connections"].append(connections["default"])

async def count(state):
    state["count"] = await Group.objects.acount()
    await sync_to_async(note)()

async def meet(state):
    await sync_to_async(meeting.wait)(5)
    state["met"] = True
"""


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: Any = []
    monkeypatch.setitem(sys.modules, "noted_connections", found)
    return found  # type: ignore[no-any-return]


@pytest.mark.django_db(transaction=True)
def test_the_connections_of_a_coroutines_queries_are_closed_after_it(
    tmp_path: Path, noted: list[Any]
) -> None:
    with Visitor(make_app(tmp_path, MAIN, button("Count", "count"))) as visitor:
        for _ in range(2):
            assert visitor.click("Count").status == "ok", visitor.log
        assert visitor.state["count"] == 0
        assert noted[0] is not noted[1], "each run has a thread of its own"
        deadline = time.monotonic() + 5 * overload()
        while any(each.connection is not None for each in noted) and time.monotonic() < deadline:
            time.sleep(0.01)  # they are closed in their own threads
        assert [each.connection for each in noted] == [None, None]


def test_coroutines_do_not_wait_for_what_others_run_in_threads(tmp_path: Path) -> None:
    with Visitor(make_app(tmp_path, MAIN, button("Meet", "meet"))) as visitor:
        other = visitor.another()
        number = other.start(
            other.find("Meet"), "ss-click", {"ctrlKey": False, "shiftKey": False, "metaKey": False}
        )
        assert visitor.click("Meet").status == "ok", visitor.log
        assert other.wait_for(number).status == "ok"
