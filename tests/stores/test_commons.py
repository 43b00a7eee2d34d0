"""What Redis adds to the promises of pushes and shared elements: it may be emptied."""

from __future__ import annotations

import pytest

from streamsync_django.stores.base import StoredElement
from streamsync_django.stores.redis import RedisStore

X, Y = ("x",), ("y", "deep.er", "")


@pytest.mark.redis
def test_numbers_of_pushes_go_up_after_redis_was_emptied(redis_store: RedisStore) -> None:
    first = redis_store.add_push("hello", b"a")
    redis_store._connection.run([("DEL", *redis_store._keys.pushes("hello"))])
    assert redis_store.add_push("hello", b"b") > first


@pytest.mark.redis
def test_what_is_shared_has_another_life_after_redis_was_emptied(redis_store: RedisStore) -> None:
    before = redis_store.write_shared("hello", {X: b"1", Y: b"2"})
    redis_store._connection.run([("DEL", redis_store._keys.shared("hello").state)])
    after = redis_store.write_shared("hello", {X: b"3"})
    assert before is not None
    assert after is not None
    assert after[0] != before[0]
    assert redis_store.read_shared("hello", *before).elements == [StoredElement(X, 1, b"3")]
