from __future__ import annotations

import logging
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
import redis
from redis.connection import AbstractConnection

from streamsync_django.core.errors import StoreError, StoreUnavailable
from streamsync_django.stores.base import Committed, ElementWrite, Refused, StoreFull
from streamsync_django.stores.redis import RedisStore
from streamsync_django.stores.redis.diagnosis import diagnose
from streamsync_django.testing.stores.records import commit, new_session
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
def redis_client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(redis_server.url, decode_responses=True)
    yield client
    client.close()


def test_a_hundred_sessions_are_committed_in_one_round_trip(
    redis_store: RedisStore, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):
        redis_store.create(new_session(str(number)))
    redis_store.commit([commit(0, str(number)) for number in range(100)])
    sends: list[int] = []
    send: Callable[..., None] = AbstractConnection.send_packed_command

    def count(*arguments: Any, **options: Any) -> None:
        sends.append(1)
        send(*arguments, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", count)
    redis_client.config_resetstat()
    sends.clear()
    outcomes = redis_store.commit([commit(1, str(number)) for number in range(100)])
    assert outcomes == [Committed(2)] * 100
    assert len(sends) == 1
    calls = {name: figures["calls"] for name, figures in redis_client.info("commandstats").items()}
    assert calls["cmdstat_evalsha"] == 100
    assert calls.get("cmdstat_multi") is None


def test_lost_scripts_are_loaded_again_and_only_their_commits_resent(
    redis_store: RedisStore, redis_client: redis.Redis
) -> None:
    for session_id in "ab":
        redis_store.create(new_session(session_id))
    redis_client.script_flush()
    group = [commit(0, session_id, elements=[ElementWrite(("a",), b"x", append=True)]) for session_id in "ab"]
    assert redis_store.commit(group) == [Committed(1)] * 2
    for session_id in "ab":
        session = redis_store.claim(session_id, "there")
        assert session is not None
        assert session.elements[0].stored == b"x"


def test_scripts_flushed_all_the_time_lose_nothing(
    redis_store: RedisStore, redis_client: redis.Redis
) -> None:
    redis_store.create(new_session())
    for version in range(50):
        if version % 3 == 0:
            redis_client.script_flush()
        assert redis_store.commit([commit(version)]) == [Committed(version + 1)]


def test_a_full_store_refuses_commits_whole_and_still_hands_sessions_over(
    start_redis: Callable[..., RedisServer],
) -> None:
    server = start_redis("--maxmemory-policy", "noeviction")
    store, client = RedisStore(server.url), redis.Redis.from_url(server.url)
    store.create(new_session())
    store.put_blobs("s", {"d1": ("text/plain", b"x")}, 60)
    store.commit([commit(0, elements=[ElementWrite(("a",), b"1")], mail=[b"m"])])
    client.config_set("maxmemory", 1)
    assert store.commit([commit(1, elements=[ElementWrite(("a",), b"2")])]) == [Refused("full")]
    assert store.commit([commit(1)]) == [Refused("full")]
    assert store.commit([commit(1, forget=[("gone",)], mail_read=1)]) == [Committed(2)], "this makes room"
    with pytest.raises(StoreFull, match="maxmemory"):
        store.create(new_session("t"))
    with pytest.raises(StoreFull):
        store.put_blobs("s", {"d2": ("text/plain", b"x")}, 60)
    assert store.touch(["s"], 60) == {"s"}
    session = store.claim("s", "there")
    assert session is not None
    assert (session.epoch, session.version, session.mail) == (2, 2, [])
    assert [element.stored for element in session.elements] == [b"1"]
    store.release_blobs("s", ["d1"])
    assert any("maxmemory" in finding.hint for finding in store.diagnose())
    client.config_set("maxmemory", 0)
    assert store.commit([commit(2, epoch=2)]) == [Committed(3)]
    assert store.end("s") is True
    store.close()
    client.close()


def test_a_commit_redis_cannot_make_sense_of_fails_alone(
    redis_store: RedisStore, redis_client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    for session_id in "abc":
        redis_store.create(new_session(session_id))
    redis_client.set(redis_store._keys.session("b").elements, "not a hash")
    group = [commit(0, session_id, elements=[ElementWrite(("a",), b"1")]) for session_id in "abc"]
    with caplog.at_level(logging.ERROR):
        assert redis_store.commit(group) == [Committed(1), Refused("failed"), Committed(1)]
        assert redis_store.commit(group) == [Committed(1), Refused("failed"), Committed(1)]
        unstorable = commit(1, "b", elements=[ElementWrite(("\ud800",), b"1")])
        assert redis_store.commit([unstorable, commit(1, "c")]) == [Refused("failed"), Committed(2)]
    assert len(caplog.records) == 3
    summary = redis_store.peek("b")
    assert summary is not None
    assert summary.version == 0


def test_a_new_session_inherits_nothing_from_a_broken_one(
    redis_store: RedisStore, redis_client: redis.Redis
) -> None:
    redis_store.create(new_session())
    redis_store.commit([commit(0, elements=[ElementWrite(("a",), b"1")], mail=[b"m"])])
    redis_client.delete(redis_store._keys.session("s").meta)
    redis_store.create(new_session())
    session = redis_store.claim("s", "there")
    assert session is not None
    assert (session.elements, session.mail) == ([], [])


def test_every_key_expires_but_the_generation(redis_store: RedisStore, redis_client: redis.Redis) -> None:
    redis_store.put_base("b1", b"state", 60, {"d0": ("text/plain", b"x")})
    redis_store.create(new_session())
    redis_store.put_blobs("s", {"d1": ("text/plain", b"x")}, 60)
    redis_store.commit([commit(0, elements=[ElementWrite(("a",), b"1")], mail=[b"m"], running={1: b""})])
    redis_store.post("s", [b"x"])
    redis_store.beat("here", 60)
    redis_store.generation()
    prefix = redis_store._keys.generation.removesuffix(":generation")
    names = [str(key) for key in redis_client.keys(f"*{prefix}*")]
    keys = {name.replace(prefix, "p") for name in names}
    assert keys == {
        *("{p:s}:meta", "{p:s}:elements", "{p:s}:mail", "{p:s}:blobs", "{p:s}:inbox"),
        *(
            "{p:base:b1}",
            "{p:base:b1}:blobs",
            "{p:blob:d0}",
            "{p:blob:d0}:holders",
            "{p:blob:d1}",
            "{p:blob:d1}:holders",
        ),
        *("{p:index}", "{p:index}:hello", "p:beat:here", "p:generation"),
    }
    lasting = {name for name in names if redis_client.ttl(name) == -1}
    assert lasting == {f"{prefix}:generation"}
    redis_store.end("s")
    assert redis_client.keys(f"{{{prefix}:s}}*") == []


def test_a_store_that_was_emptied_has_another_generation(start_redis: Callable[..., RedisServer]) -> None:
    server = start_redis()
    store, client = RedisStore(server.url), redis.Redis.from_url(server.url)
    before = store.generation()
    store.create(new_session())
    client.flushall()
    assert store.commit([commit(0)]) == [Refused("gone")]
    assert store.generation() != before
    store.close()
    client.close()


def test_a_store_that_is_not_there_is_unavailable(start_redis: Callable[..., RedisServer]) -> None:
    server = start_redis()
    store = RedisStore(server.url)
    store.create(new_session())
    server.kill()
    with pytest.raises(StoreUnavailable) as unavailable:
        store.commit([commit(0)])
    assert isinstance(unavailable.value.__cause__, redis.ConnectionError)
    assert [finding.level for finding in store.diagnose()] == ["error"]
    server.start()
    assert store.commit([commit(0)]) == [Refused("gone")], "this server keeps nothing"
    store.close()


def test_a_server_that_never_answers_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        store = RedisStore(f"redis://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.1)
        with pytest.raises(StoreUnavailable):
            store.peek("s")
        store.close()


def test_a_replica_is_unavailable_for_writing_and_says_so(start_redis: Callable[..., RedisServer]) -> None:
    primary = start_redis("--repl-diskless-sync-delay", "0")
    replica = start_redis("--replicaof", "127.0.0.1", str(primary.port))
    store, reader = RedisStore(primary.url), RedisStore(replica.url)
    store.create(new_session())
    deadline = time.monotonic() + 10
    while reader.peek("s") is None and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(StoreUnavailable):
        reader.commit([commit(0)])
    assert any("replica" in finding.message for finding in reader.diagnose())
    store.close()
    reader.close()


def test_a_command_that_fails_for_another_reason_is_an_error(
    redis_store: RedisStore, redis_client: redis.Redis
) -> None:
    redis_client.set(redis_store._keys.session("s").meta, "not a hash")
    with pytest.raises(StoreError) as error:
        redis_store.claim("s", "here")
    assert not isinstance(error.value, StoreUnavailable)


def test_many_threads_share_four_connections(redis_server: RedisServer, redis_client: redis.Redis) -> None:
    store = RedisStore(redis_server.url, prefix=secrets.token_hex(4))
    before = redis_client.info("clients")["connected_clients"]
    threads = [Thread(target=store.create, args=[new_session(str(number))]) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redis_client.info("clients")["connected_clients"] - before <= 4
    assert len(store.sessions()) == 32
    store.close()


def test_the_list_of_sessions_steps_over_those_that_are_gone(
    redis_store: RedisStore, redis_client: redis.Redis
) -> None:
    for number in range(10):
        redis_store.create(new_session(str(number)))
    for number in range(3, 10):
        redis_client.delete(redis_store._keys.session(str(number)).meta)
    assert {summary.session_id for summary in redis_store.sessions(limit=3)} == {"0", "1", "2"}


def test_an_evicting_or_forgetful_server_is_reported(start_redis: Callable[..., RedisServer]) -> None:
    good = RedisStore(start_redis("--appendonly", "yes").url)
    bad = RedisStore(start_redis("--maxmemory-policy", "allkeys-lru").url)
    findings = good.diagnose()
    assert [finding.level for finding in findings] == ["info", "info"], (
        "how fast it answers, and what it is like"
    )
    assert "maxmemory-policy noeviction" in findings[1].message
    messages = [finding.message for finding in bad.diagnose() if finding.level != "info"]
    assert len(messages) == 2
    assert any("allkeys-lru" in message for message in messages)
    assert any("appendonly" in message for message in messages)
    good.close()
    bad.close()


@pytest.mark.parametrize(
    ("command", "level", "said"),
    [
        (("maxmemory", "1"), "error", "full and refuses"),
        (("maxmemory", "{used}"), "warning", "% full"),
        (("requirepass", "another"), "error", "refuses the user or the password"),
    ],
)
def test_what_is_wrong_with_a_server_is_said_in_its_own_words(
    start_redis: Callable[..., RedisServer], command: tuple[str, str], level: str, said: str
) -> None:
    server = start_redis("--appendonly", "yes")
    client = redis.Redis.from_url(server.url)
    client.set("ballast", b" " * 10_000_000)
    used = int(client.info("memory")["used_memory"] * 1.05)
    client.config_set(command[0], command[1].format(used=used))
    store = RedisStore(server.url)
    findings = store.diagnose()
    assert [(finding.level, said in finding.message) for finding in findings if finding.level != "info"] == [
        (level, True)
    ], findings
    store.close()
    client.close()


@pytest.mark.parametrize(
    ("version", "is_too_old"), [("5.0.7", True), ("6.0.16", True), ("6.2.0", False), ("10.0", False)]
)
def test_an_old_server_is_told_to_be_too_old(version: str, is_too_old: bool) -> None:
    class Old:
        sentinels = None

        def run(self, commands: list[tuple[str, ...]]) -> list[Any]:
            now = time.time()
            return [(int(now), int(now % 1 * 1e6)) if commands == [("TIME",)] else {"redis_version": version}]

    connection: Any = Old()
    findings = [finding for finding in diagnose(connection) if "too old" in finding.message]
    assert [(finding.level, "6.2" in finding.hint) for finding in findings] == [("error", True)] * is_too_old
