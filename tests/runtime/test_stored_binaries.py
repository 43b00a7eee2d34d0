"""Images and files of sessions that live at other instances."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamsync_django.core.files import Binary
from streamsync_django.core.stored import to_stored
from streamsync_django.runtime.ledger import ORDER_BYTES
from streamsync_django.runtime.stored_binaries import find_binary
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.memory import MemoryStore
from streamsync_django.stores.records import Commit, ElementWrite, NewSession
from tests.session_host import make_application

SHOWN, SECRET, MAILED = b"a picture", b"a secret", b"a download"


def digest_of(data: bytes) -> str:
    return Binary.of("application/octet-stream", data).digest


@pytest.fixture
def store() -> Iterator[SessionStore]:
    store = MemoryStore()
    names = {
        "session_id": "s",
        "application": "test",
        "visitor": "ada",
        "owner": "there",
        "ttl_seconds": 60.0,
    }
    store.create(NewSession(**names, base_digest="x", layout_revision="r"))  # type: ignore[arg-type]
    store.put_blobs("s", {digest_of(MAILED): ("text/csv", MAILED)}, 60.0)
    elements = [
        ElementWrite((key,), bytes(ORDER_BYTES) + to_stored(value).data)
        for key, value in (("picture", SHOWN), ("_secret", SECRET))
    ]
    mail = [b'["fileDownload",{"data":{"$":["binary","text/csv","%s",10]}}]' % digest_of(MAILED).encode()]
    commit = Commit(
        session_id="s",
        epoch=1,
        expected_version=0,
        commit_id=b"1" * 16,
        elements=elements,
        mail=mail,
        ttl_seconds=60,
    )
    store.commit([commit])
    yield store
    store.close()


APPLICATION = make_application({"logo": b"a logo"})


def test_what_a_session_shows_and_was_sent_is_found(store: SessionStore) -> None:
    shown = find_binary(store, APPLICATION, "s", "ada", digest_of(SHOWN))
    mailed = find_binary(store, APPLICATION, "s", "ada", digest_of(MAILED))
    assert shown is not None
    assert mailed is not None
    assert (shown.data, mailed.data, mailed.mime) == (SHOWN, MAILED, "text/csv")


def test_what_is_private_or_somebody_else_s_is_not_found(store: SessionStore) -> None:
    assert find_binary(store, APPLICATION, "s", "ada", digest_of(SECRET)) is None
    assert find_binary(store, APPLICATION, "s", "bob", digest_of(SHOWN)) is None
    assert find_binary(store, APPLICATION, "other", "ada", digest_of(SHOWN)) is None
    assert find_binary(store, APPLICATION, "s", "ada", digest_of(b"nowhere")) is None
