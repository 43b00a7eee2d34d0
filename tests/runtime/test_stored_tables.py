"""Tables of sessions that live at other instances."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from streamsync_django.core.serializers import to_wire
from streamsync_django.core.stored import to_stored
from streamsync_django.core.tables import Question
from streamsync_django.runtime.ledger import ORDER_BYTES
from streamsync_django.runtime.loader import Generation
from streamsync_django.runtime.stored_tables import StoredTables
from streamsync_django.stores.records import StoredElement

pl = pytest.importorskip("polars")

APPLICATION: Any = SimpleNamespace(
    slug="shop", base=SimpleNamespace(digest="base", binaries={}), generation=Generation()
)


def frame(start: int) -> Any:
    return pl.DataFrame({"n": range(start, start + 6_000)})


def digest_of(value: Any) -> str:
    return str(json.loads(to_wire(value).json)["$"][2])


class Store:
    """A store that has one session with these elements."""

    def __init__(self, **elements: Any) -> None:
        self.reads = 0
        self.elements = [
            StoredElement((key,), 1, bytes(ORDER_BYTES) + to_stored(value).data)
            for key, value in elements.items()
        ]

    def read(self, session_id: str) -> Any:
        self.reads += 1
        if session_id != "session":
            return None
        return SimpleNamespace(
            visitor="user:1", application="shop", base_digest="base", elements=self.elements, mail=[]
        )


def test_rows_are_served_from_what_the_store_has() -> None:
    store: Any = Store(text="x", table=frame(0), nested=[{"inside": frame(7_000)}])
    tables = StoredTables()
    for start in (0, 7_000):
        table = tables.find(store, APPLICATION, "session", "user:1", digest_of(frame(start)))
        assert table is not None
        assert table.page(Question(), 0, 10)[1] == 6_000
    assert store.reads == 2
    tables.find(store, APPLICATION, "session", "user:1", digest_of(frame(0)))
    assert store.reads == 2, "a table that is being scrolled is read once"


def test_what_is_private_or_somebody_else_s_is_not_found() -> None:
    store: Any = Store(_secret=frame(0), open=frame(9_000))
    tables = StoredTables()
    secret, open_ = digest_of(frame(0)), digest_of(frame(9_000))
    assert tables.find(store, APPLICATION, "session", "user:1", secret) is None
    assert tables.find(store, APPLICATION, "session", "user:1", open_) is not None
    assert tables.find(store, APPLICATION, "session", "user:2", open_) is None, "not even once it is kept"
    assert tables.find(store, APPLICATION, "other", "user:1", open_) is None


def test_only_a_few_tables_are_kept_and_not_for_long() -> None:
    store: Any = Store(**{f"t{n}": frame(n) for n in range(3)})
    tables = StoredTables(max_tables=2)
    for n in (0, 1, 2, 0):
        tables.find(store, APPLICATION, "session", "user:1", digest_of(frame(n)))
    assert store.reads == 4

    forgetful = StoredTables(kept_seconds=0)
    for reads in (5, 6):
        forgetful.find(store, APPLICATION, "session", "user:1", digest_of(frame(0)))
        assert store.reads == reads
