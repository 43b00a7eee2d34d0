"""Operators see what is wrong, who is there, and whether visitors may be sent here."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from streamsync_django.management.operations import doctor
from streamsync_django.stores.redis import RedisStore
from streamsync_django.testing.stores.records import new_session
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import open_page, serve
from tests.plugins.redis import redis_server, start_redis
from tests.redis_server import RedisServer

__all__ = ["open_page", "redis_server", "serve", "start_redis"]

MAIN = (
    'import streamsync_django as ss\nss.init_state({"count": 0})\ndef add(state):\n    state["count"] += 1\n'
)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("streamsync", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def site(redis_server: RedisServer, tmp_path: Path) -> Iterator[RedisStore]:
    """A site with one application and Redis, seen from a process that serves no sockets."""
    prefix = secrets.token_hex(4)
    folder = write_application(tmp_path / "shop", MAIN, [button("add", "add")])
    given = {"APPS": {"shop": str(folder)}, "REDIS_URL": redis_server.url, "KEY_PREFIX": prefix}
    layer = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": redis_server.url, "socket_timeout": None}]},
    }
    store = RedisStore(redis_server.url, prefix=prefix)
    with override_settings(STREAMSYNC=given, CHANNEL_LAYERS={"default": layer}):
        yield store
    store.close()


@pytest.mark.redis
@pytest.mark.django_db
def test_the_doctor_looks_at_application_redis_and_layer(site: RedisStore) -> None:
    said = run("doctor")
    assert "shop loads" in said
    assert "answers in" in said
    assert "over the channel layer" in said
    assert "appendonly" in said


@pytest.mark.redis
@pytest.mark.django_db
def test_the_doctor_fails_when_redis_is_away(site: RedisStore) -> None:
    with (
        override_settings(STREAMSYNC={"REDIS_URL": "redis://127.0.0.1:1/0"}),
        pytest.raises(CommandError, match="Not everything"),
    ):
        run("doctor")
    for arguments in (("list",), ("end", "x"), ("prune",)):
        with (
            override_settings(STREAMSYNC={"REDIS_URL": "redis://127.0.0.1:1/0"}),
            pytest.raises(CommandError, match="did not answer"),
        ):
            run("sessions", *arguments)


@pytest.mark.redis
def test_sessions_are_listed_ended_and_pruned(site: RedisStore) -> None:
    for name in ("one", "two", "three"):
        site.create(new_session(name))
    assert all(name in run("sessions", "list") for name in ("one", "two", "three"))
    assert "one" not in run("sessions", "list", "elsewhere")
    assert "one: ended." in run("sessions", "end", "one")
    assert "no such session" in run("sessions", "end", "one")
    assert "0 sessions" in run("sessions", "prune", "--idle", "60")
    assert "may be more" in run("sessions", "list", "--limit", "1")
    for wrong in (("prune", "--idle", "-1"), ("prune", "--idle", "inf"), ("list", "--limit", "0")):
        with pytest.raises(CommandError, match="it is a number"):
            run("sessions", *wrong)
    assert len(site.sessions()) == 2
    assert "2 sessions" in run("sessions", "prune", "--idle", "0")
    assert "There are no sessions." in run("sessions", "list")
    assert site.sessions() == []


def test_without_redis_the_command_says_where_sessions_are() -> None:
    with pytest.raises(CommandError, match="own process"):
        run("sessions", "list")


async def test_a_healthy_process_says_so_and_one_that_goes_says_that(
    serve: Any, open_page: Any, tmp_path: Path
) -> None:
    serve(shop=write_application(tmp_path / "shop", MAIN, [button("add", "add")]))
    page: Page = await open_page("shop")
    address = reverse("streamsync:health")
    answer = await page.http.get(address)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "sessions": 1})
    runtime().is_leaving = True
    answer = await page.http.get(address)
    assert (answer.status_code, answer.json()["status"]) == (503, "leaving")


def test_a_process_without_its_redis_takes_no_visitors() -> None:
    with override_settings(STREAMSYNC={"REDIS_URL": "redis://127.0.0.1:1/0"}):
        assert Client().get(reverse("streamsync:health")).status_code == 503


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (what is waited for happens in a thread)
            await asyncio.sleep(0.05)


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
async def test_a_store_that_hangs_is_known_and_not_waited_for(
    serve: Any, open_page: Any, tmp_path: Path, start_redis: Any
) -> None:
    server = start_redis()
    folder = write_application(tmp_path / "shop", MAIN, [button("add", "add")])
    serve(shop=folder, REDIS_URL=server.url, KEY_PREFIX=secrets.token_hex(4), METRICS_TOKEN="token")
    page: Page = await open_page("shop")
    health, metrics = reverse("streamsync:health"), reverse("streamsync:metrics")

    async def store_up() -> bytes:
        answer = await page.http.get(metrics, headers={"authorization": "Bearer token"})
        return next(line for line in answer.content.splitlines() if line.startswith(b"streamsync_store_up"))

    assert (await page.http.get(health)).status_code == 200
    assert await store_up() == b"streamsync_store_up 1.0"
    server.freeze()
    try:
        await until(lambda: not runtime().store_answers)
        began = time.monotonic()
        answer = await page.http.get(health)
        assert (answer.status_code, answer.json()["status"]) == (503, "store-unavailable")
        assert await store_up() == b"streamsync_store_up 0.0"
        assert time.monotonic() - began < 2, "a store that hangs is asked nothing"
    finally:
        server.resume()
    await until(lambda: runtime().store_answers)
    assert (await page.http.get(health)).status_code == 200


@pytest.mark.django_db
def test_the_doctor_names_what_a_layer_says_nothing_about(settings: Any) -> None:
    class Silent(Exception):
        pass

    async def fail() -> float:
        raise Silent

    settings.STREAMSYNC = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "somebodys.Layer"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "round_trip", fail)
        assert "The channel layer does not work: Silent" in [finding.message for finding in doctor.examine()]
