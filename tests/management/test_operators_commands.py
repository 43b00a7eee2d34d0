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
import redis
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
from tests.test_doc_examples import block

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


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
async def test_the_documented_store_of_a_sites_own_has_its_sessions_and_is_asked_by_commands(
    serve: Any, open_page: Any, tmp_path: Path, start_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_redis()
    with redis.Redis.from_url(server.url) as client:
        client.config_set("requirepass", "sesame")
    (tmp_path / "password").write_text("sesame\n")
    example = block("deployment.md", "def make_store")
    example = example.replace("/run/secrets/redis", str(tmp_path / "password"))
    (tmp_path / "own_sessions.py").write_text(example.replace("10.0.0.5:6379", f"127.0.0.1:{server.port}"))
    monkeypatch.syspath_prepend(tmp_path)
    folder = write_application(tmp_path / "shop", MAIN, [button("add", "add")])
    serve(shop=folder, STORE="own_sessions.make_store")
    page: Page = await open_page("shop")
    assert (await page.click("add"))[1] == "ok"
    own = RedisStore(f"redis://:sesame@127.0.0.1:{server.port}/0", prefix="shop")
    try:
        summary = own.peek(page.session.id)
        assert summary is not None
        assert summary.version == 1
    finally:
        own.close()
    listed = await asyncio.to_thread(run, "sessions", "list", "shop")
    assert page.session.id in listed
    assert (await page.http.get(reverse("streamsync:health"))).status_code == 200


@pytest.mark.django_db
def test_the_doctor_says_that_a_sites_own_store_cannot_be_made(settings: Any) -> None:
    settings.STREAMSYNC = {"STORE": "os.path.getsize"}
    messages = [finding.message for finding in doctor.examine() if finding.level == "error"]
    assert any(message.startswith("STREAMSYNC['STORE'] makes no store: TypeError") for message in messages)
