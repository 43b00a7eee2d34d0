from __future__ import annotations

import pytest

from streamsync_django.stores.base import StoreFull
from streamsync_django.stores.memory import PRUNE_INTERVAL_SECONDS, MemoryStore
from streamsync_django.testing.stores.records import commit, new_session


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bounded_store_refuses_new_sessions_until_one_ends() -> None:
    store = MemoryStore(max_sessions=2)
    store.create(new_session("a"))
    store.create(new_session("b"))
    with pytest.raises(StoreFull, match="2 sessions"):
        store.create(new_session("c"))
    store.end("a")
    assert store.create(new_session("c")) == 1


def test_a_bounded_store_makes_room_by_dropping_what_has_expired() -> None:
    clock = Clock()
    store = MemoryStore(max_sessions=1, clock=clock)
    store.create(new_session("a", ttl_seconds=1))
    clock.now += 1.5
    assert store.create(new_session("b")) == 1


def test_everything_expired_leaves_memory() -> None:
    clock = Clock()
    store = MemoryStore(clock=clock)
    store.put_base("b1", b"state", 10, {"d0": ("text/plain", b"x")})
    store.create(new_session(ttl_seconds=10))
    store.put_blobs("s", {"d1": ("text/plain", b"x")}, 10)
    store.beat("here", 10)
    assert (len(store._sessions), len(store._beats)) == (1, 1)
    assert len(store._shelf) > 0
    clock.now += 10 + PRUNE_INTERVAL_SECONDS
    store.commit([])
    assert (len(store._sessions), len(store._beats), len(store._shelf)) == (0, 0, 0)


def test_it_says_that_live_sessions_need_no_encoding() -> None:
    store = MemoryStore()
    assert (store.is_shared, store.stores_elements) == (False, False)
    assert store.create(new_session()) == 1
    store.commit([commit(0)])
    (finding,) = store.diagnose()
    assert finding.level == "info"
