"""A table that only the session's owner has: other instances send the browser on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, override_settings

from streamsync_django.stores.redis import RedisStore
from streamsync_django.table_view import MAX_HOPS
from streamsync_django.testing.stores.records import new_session
from streamsync_django.visitors import make_blob_query, visitor_of
from tests.live import write_application
from tests.plugins.redis import redis_server
from tests.redis_server import RedisServer

__all__ = ["redis_server"]

pytestmark = [pytest.mark.redis, pytest.mark.django_db]

MAIN = 'import streamsync_django as ss\nss.init_state({"count": 0})\n'
COOKIE = "v" * 32
DIGEST = "0" * 32


@pytest.fixture
def store(redis_server: RedisServer, tmp_path: Path) -> Iterator[RedisStore]:
    """The store of an instance without sessions; one of this visitor's is at `there`."""
    prefix = secrets.token_hex(4)
    folder = write_application(tmp_path / "shop", MAIN)
    given = {"APPS": {"shop": str(folder)}, "REDIS_URL": redis_server.url, "KEY_PREFIX": prefix}
    store = RedisStore(redis_server.url, prefix=prefix)
    visitor = visitor_of(None, {"streamsync_visitor": COOKIE})
    assert visitor is not None
    store.create(new_session("s", application="shop", visitor=visitor.id, owner="there"))
    with override_settings(STREAMSYNC=given):
        yield store
    store.close()


def ask(cookie: str = COOKIE, **query: str) -> tuple[int, str]:
    """Return status and code, or where the browser is sent."""
    client = Client()
    client.cookies["streamsync_visitor"] = cookie
    signature = parse_qs(make_blob_query("s"))["s"][0]
    answer = client.get(f"/shop/blob/{DIGEST}/rows/", {"s": signature, "offset": "200", **query})
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, answer["Location"] if answer.status_code == 307 else answer.json()["code"]


def test_the_browser_looks_for_the_living_owner_with_the_same_question_and_not_for_ever(
    store: RedisStore,
) -> None:
    store.beat("there", 60)
    status, where = ask(sort="name", search="ä&b")
    assert status == 307
    query = parse_qs(urlsplit(where).query)
    assert urlsplit(where).path == f"/shop/blob/{DIGEST}/rows/"
    assert (query["offset"], query["sort"], query["search"], query["hops"]) == (
        ["200"],
        ["name"],
        ["ä&b"],
        ["1"],
    )
    assert ask(hops=str(MAX_HOPS - 1))[0] == 307
    assert ask(hops=str(MAX_HOPS)) == (503, "table.unreachable")
    for forged in ("-1", "x", "", "9" * 30, "٣"):
        assert ask(hops=forged) == (503, "table.unreachable")


def test_nobody_is_sent_looking_for_what_is_not_there(store: RedisStore) -> None:
    assert ask() == (404, "table.gone"), "its owner is dead"
    store.beat("there", 60)
    assert ask(cookie="w" * 32) == (404, "table.gone"), "somebody else's session"
    store.end("s")
    assert ask() == (404, "table.gone")
