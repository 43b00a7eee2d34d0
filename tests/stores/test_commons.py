"""What every store promises of pushes and shared elements."""

from __future__ import annotations

from threading import Thread

import pytest

from streamsync_django.stores.base import MAX_PUSHES, SessionStore, StoredElement
from streamsync_django.stores.redis import RedisStore
from tests.stores.making import commit, new_session

X, Y = ("x",), ("y", "deep.er", "")


def test_pushes_are_numbered_one_after_another(store: SessionStore) -> None:
    assert store.last_push("hello") == 0
    assert store.pushes_since("hello", 0) == []
    first = store.add_push("hello", b"a")
    assert store.add_push("hello", b"b") == first + 1
    assert store.add_push("other", b"c") > 0
    assert store.last_push("hello") == first + 1
    assert store.pushes_since("hello", 0) == [(first, b"a"), (first + 1, b"b")]
    assert store.pushes_since("hello", first) == [(first + 1, b"b")]
    assert store.pushes_since("hello", first + 1) == []
    assert store.pushes_since("hello", first + 100) == []


def test_only_the_newest_pushes_are_kept(store: SessionStore) -> None:
    numbers = [store.add_push("hello", b"%d" % number) for number in range(MAX_PUSHES + 3)]
    kept = store.pushes_since("hello", 0)
    assert kept == [(number, b"%d" % at) for at, number in list(enumerate(numbers))[3:]]


@pytest.mark.redis
def test_numbers_of_pushes_go_up_after_redis_was_emptied(redis_store: RedisStore) -> None:
    first = redis_store.add_push("hello", b"a")
    redis_store._connection.run([("DEL", *redis_store._keys.pushes("hello"))])
    assert redis_store.add_push("hello", b"b") > first


def test_a_session_remembers_which_pushes_it_has_had(store: SessionStore) -> None:
    store.create(new_session(pushed=7))
    first = store.claim("s", "there")
    assert first is not None
    assert first.pushed == 7
    store.commit([commit(0, epoch=2, pushed=9), commit(1, epoch=2)])
    second = store.claim("s", "here")
    assert second is not None
    assert second.pushed == 9


def test_shared_elements_have_the_version_of_their_last_write(store: SessionStore) -> None:
    assert store.read_shared("hello") == ("", 0, [])
    written = store.write_shared("hello", {X: b"1", Y: b"2"})
    assert written is not None
    life, version = written
    assert (version, bool(life)) == (1, True)
    assert store.write_shared("hello", {Y: None}) == (life, 2)
    assert store.read_shared("hello") == (life, 2, [StoredElement(X, 1, b"1"), StoredElement(Y, 2, None)])
    assert store.read_shared("hello", life, 1) == (life, 2, [StoredElement(Y, 2, None)])
    assert store.read_shared("hello", life, 2) == (life, 2, [])
    assert len(store.read_shared("hello", "another life", 2).elements) == 2
    assert store.read_shared("other") == ("", 0, [])


def test_a_shared_write_that_builds_on_something_old_is_refused(store: SessionStore) -> None:
    first = store.write_shared("hello", {X: b"1"}, ("", 0))
    assert first is not None
    assert store.write_shared("hello", {X: b"2"}, ("", 0)) is None
    second = store.write_shared("hello", {X: b"2"}, first)
    assert second == (first[0], 2)
    assert store.write_shared("hello", {X: b"3"}, first) is None
    assert store.read_shared("hello").elements == [StoredElement(X, 2, b"2")]


def test_many_writers_that_compare_and_set_lose_nothing(store: SessionStore) -> None:
    def count() -> None:
        for _ in range(20):
            while True:
                state = store.read_shared("hello")
                number = int(state.elements[0].stored or 0) if state.elements else 0
                if store.write_shared("hello", {X: b"%d" % (number + 1)}, (state.life, state.version)):
                    break

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read_shared("hello").elements == [StoredElement(X, 80, b"80")]


@pytest.mark.redis
def test_what_is_shared_has_another_life_after_redis_was_emptied(redis_store: RedisStore) -> None:
    before = redis_store.write_shared("hello", {X: b"1", Y: b"2"})
    redis_store._connection.run([("DEL", redis_store._keys.shared("hello").state)])
    after = redis_store.write_shared("hello", {X: b"3"})
    assert before is not None
    assert after is not None
    assert after[0] != before[0]
    assert redis_store.read_shared("hello", *before).elements == [StoredElement(X, 1, b"3")]
