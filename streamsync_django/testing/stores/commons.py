"""What every store promises of pushes and shared elements."""

from __future__ import annotations

from threading import Thread

from streamsync_django.stores.base import MAX_PUSHES, SessionStore, StoredElement
from streamsync_django.testing.stores.records import commit, new_session

X, Y = ("x",), ("y", "deep.er", "")


class CommonsContract:
    """Pushes and shared elements."""

    def test_pushes_are_numbered_one_after_another(self, store: SessionStore) -> None:
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

    def test_only_the_newest_pushes_are_kept(self, store: SessionStore) -> None:
        numbers = [store.add_push("hello", b"%d" % number) for number in range(MAX_PUSHES + 3)]
        kept = store.pushes_since("hello", 0)
        assert kept == [(number, b"%d" % at) for at, number in list(enumerate(numbers))[3:]]

    def test_a_session_remembers_which_pushes_it_has_had(self, store: SessionStore) -> None:
        store.create(new_session(pushed=7))
        first = store.claim("s", "there")
        assert first is not None
        assert first.pushed == 7
        store.commit([commit(0, epoch=2, pushed=9), commit(1, epoch=2)])
        second = store.claim("s", "here")
        assert second is not None
        assert second.pushed == 9

    def test_shared_elements_have_the_version_of_their_last_write(self, store: SessionStore) -> None:
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

    def test_a_shared_write_that_builds_on_something_old_is_refused(self, store: SessionStore) -> None:
        first = store.write_shared("hello", {X: b"1"}, ("", 0))
        assert first is not None
        assert store.write_shared("hello", {X: b"2"}, ("", 0)) is None
        second = store.write_shared("hello", {X: b"2"}, first)
        assert second == (first[0], 2)
        assert store.write_shared("hello", {X: b"3"}, first) is None
        assert store.read_shared("hello").elements == [StoredElement(X, 2, b"2")]

    def test_many_writers_that_compare_and_set_lose_nothing(self, store: SessionStore) -> None:
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
