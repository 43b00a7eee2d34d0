"""A Redis behind sentinels: whoever is the primary now is the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis

from streamsync_django.core.errors import StoreError, StoreUnavailable
from streamsync_django.stores.base import Committed, ElementWrite
from streamsync_django.stores.redis import RedisStore
from streamsync_django.stores.redis.address import channel_layer_host, parse
from streamsync_django.testing.stores.records import commit, new_session
from streamsync_django.testing.stores.sessions import wait_until
from tests.plugins.redis import start_failover
from tests.redis_failover import Failover

__all__ = ["start_failover"]


@pytest.mark.parametrize(
    ("url", "sentinels", "service", "options"),
    [
        ("redis+sentinel://a,b:1/main", (("a", 26379), ("b", 1)), "main", {}),
        (
            "redis+sentinel://a/main/3?socket_timeout=2",
            (("a", 26379),),
            "main",
            {"db": 3, "socket_timeout": 2.0},
        ),
        (
            "redis+sentinel://u:p%40%2F@[::1]:7,[fe80::1]/main",
            (("::1", 7), ("fe80::1", 26379)),
            "main",
            {"username": "u", "password": "p@/"},
        ),
        ("redis://:x@h:1/2", (), "", {"password": "x", "host": "h", "port": 1, "db": 2}),
    ],
)
def test_an_address_is_taken_apart(
    url: str, sentinels: tuple[tuple[str, int], ...], service: str, options: dict[str, Any]
) -> None:
    address = parse(url)
    assert (address.sentinels, address.service, dict(address.options)) == (sentinels, service, options)


def test_sentinels_have_credentials_of_their_own_and_the_same_certificates() -> None:
    address = parse(
        "rediss+sentinel://:server@a/main?sentinel_username=s&sentinel_password=t&ssl_ca_certs=/ca"
    )
    assert address.sentinel_options == {"username": "s", "password": "t", "ssl": True, "ssl_ca_certs": "/ca"}
    assert address.options["password"] == "server"
    assert "sentinel_password" not in address.options
    assert "server" not in repr(address)
    host = channel_layer_host(address.url)
    assert (host["sentinels"], host["master_name"], host["ssl"], host["socket_timeout"]) == (
        [("a", 26379)],
        "main",
        True,
        None,
    )


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "begins with none"),
        ("localhost:6379", "begins with none"),
        ("http://localhost", "begins with none"),
        ("redis://h:secret/ret@h", "port is not a number"),
        ("redis://h/one", "database is a number"),
        ("redis://h?socket_timeout=soon", "socket_timeout"),
        ("redis+sentinel://a:26379", "what the sentinels call the primary"),
        ("redis+sentinel://a:26379/", "what the sentinels call the primary"),
        ("redis+sentinel://a/main/one", "database is a number"),
        ("redis+sentinel://a:x/main", "no host:port"),
        ("redis+sentinel://a,,b/main", "no host:port"),
        ("redis+sentinel:///main", "no host:port"),
        ("redis+sentinel://a:99999/main", "no host:port"),
    ],
)
def test_a_wrong_address_is_explained_without_a_password(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as found:
        parse(url)
    assert "secret" not in str(found.value)
    with pytest.raises(StoreError, match="REDIS_URL cannot be used"):
        RedisStore(url)


@pytest.mark.redis
def test_the_store_follows_a_failover_and_keeps_what_was_committed(
    start_failover: Callable[[], Failover],
) -> None:
    failover = start_failover()
    store = RedisStore(failover.url)
    store.create(new_session())
    assert store.commit([commit(0, elements=[ElementWrite(("a",), b"1")])]) == [Committed(1)]
    generation = store.generation()
    findings = {finding.message: finding.level for finding in store.diagnose()}
    assert f"The primary is 127.0.0.1:{failover.primary.port}: 3 of 3 sentinels know it, 2 decide" in "".join(
        findings
    )
    assert "error" not in findings.values()
    with redis.Redis("127.0.0.1", failover.primary.port) as client:
        assert client.wait(1, 5000) == 1

    failover.kill_sentinel()
    failover.fail()
    assert store.commit([commit(1, elements=[ElementWrite(("a",), b"2")])]) == [Committed(2)]
    assert store.generation() == generation
    session = store.claim("s", "there")
    assert session is not None
    assert [element.stored for element in session.elements] == [b"2"]
    assert any("does not answer" in finding.message for finding in store.diagnose())
    store.close()


@pytest.mark.redis
def test_a_connection_leaves_a_server_that_became_a_replica(start_failover: Callable[[], Failover]) -> None:
    failover = start_failover()
    store = RedisStore(failover.url)
    store.create(new_session())
    with redis.Redis("127.0.0.1", failover.sentinel_ports[0]) as sentinel:
        sentinel.execute_command("SENTINEL", "FAILOVER", "mymaster")
    failover.wait_for(failover.replica)

    def is_committed() -> bool:
        try:
            return store.commit([commit(0)]) == [Committed(1)]
        except StoreUnavailable:
            return False

    wait_until(is_committed, 10)
    store.close()


@pytest.mark.redis
def test_sentinels_are_asked_and_let_go_and_one_that_does_not_know_the_name_is_reported(
    start_failover: Callable[[], Failover],
) -> None:
    failover = start_failover()
    store = RedisStore(failover.url)
    store.create(new_session())
    for port in failover.sentinel_ports:
        with redis.Redis("127.0.0.1", port) as sentinel:
            asking = [client for client in sentinel.client_list() if client["cmd"].startswith("sentinel")]
        assert asking == []
    store.close()

    wrong = RedisStore(failover.url.replace("mymaster", "other"))
    with pytest.raises(StoreUnavailable, match="knows no 'other'"):
        wrong.generation()
    (first, *_) = wrong.diagnose()
    assert (first.level, "called 'other'" in first.message) == ("error", True)
    wrong.close()
