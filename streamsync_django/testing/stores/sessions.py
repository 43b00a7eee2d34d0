"""What every store promises, asked of each of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread

import pytest

from streamsync_django.core.errors import StoreError
from streamsync_django.stores.base import (
    Committed,
    ElementWrite,
    Refused,
    SessionHeld,
    SessionStore,
    StoredElement,
    StoredMail,
    StoredSession,
)
from streamsync_django.testing.stores.records import commit, new_session

A, B = ("a",), ("cart", "with.dot", "")


def claimed(store: SessionStore, session_id: str = "s", owner: str = "there") -> StoredSession:
    session = store.claim(session_id, owner)
    assert session is not None
    return session


def elements(session: StoredSession) -> dict[tuple[str, ...], tuple[int, bytes | None]]:
    return {element.path: (element.version, element.stored) for element in session.elements}


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class SessionsContract:
    """Sessions, their commits, bases and blobs, and their owners."""

    def shorten_grace(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        """Make the grace of blobs this short, for tests have no minute; override it if the store's is elsewhere."""
        monkeypatch.setattr("streamsync_django.stores.base.BLOB_GRACE_SECONDS", seconds)

    def test_a_new_session_is_claimed_as_it_was_created(self, store: SessionStore) -> None:
        before = time.time()
        assert store.create(new_session()) == 1
        session = claimed(store)
        assert (session.epoch, session.version) == (2, 0)
        assert (session.application, session.visitor, session.info) == ("hello", "user:1", b"notes")
        assert (session.base_digest, session.layout_revision) == ("b1", "r1")
        assert session.elements == []
        assert session.mail == []
        assert session.running == {}
        assert (session.acknowledged_low, session.acknowledged_above, session.forgotten_version) == (0, (), 0)
        assert before - 1 <= session.created_at <= time.time() + 1

    def test_creating_twice_is_harmless_until_the_first_commit(self, store: SessionStore) -> None:
        store.create(new_session())
        assert store.create(new_session()) == 1
        with pytest.raises(StoreError, match="exists"):
            store.create(new_session(owner="there"))
        store.commit([commit(0)])
        with pytest.raises(StoreError, match="exists"):
            store.create(new_session())

    def test_nobody_claims_what_is_not_there(self, store: SessionStore) -> None:
        assert store.claim("never", "here") is None
        assert store.peek("never") is None
        assert store.end("never") is False
        assert store.touch(["never"], 60) == set()
        assert store.post("never", [b"x"]) is None
        assert store.drain("never") == []
        assert store.commit([commit(0, "never")]) == [Refused("gone")]

    def test_a_commit_keeps_all_it_carries(self, store: SessionStore) -> None:
        store.create(new_session())
        written = [ElementWrite(A, b"1"), ElementWrite(B, b"\x00\xff"), ElementWrite(("empty",), b"")]
        carried = commit(
            0,
            elements=written,
            acknowledged_low=3,
            acknowledged_above=(5, 9),
            mail=[b"m", b"m"],
            running={4: b"slow"},
        )
        assert store.commit([carried]) == [Committed(1)]
        session = claimed(store)
        assert elements(session) == {A: (1, b"1"), B: (1, b"\x00\xff"), ("empty",): (1, b"")}
        assert (session.version, session.acknowledged_low, session.acknowledged_above) == (1, 3, (5, 9))
        assert session.mail == [StoredMail(1, b"m"), StoredMail(1, b"m")]
        assert session.running == {4: b"slow"}

    def test_only_what_changed_gets_the_new_version(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, elements=[ElementWrite(A, b"1"), ElementWrite(B, b"1")])])
        assert store.commit([commit(1, elements=[ElementWrite(B, b"2")])]) == [Committed(2)]
        assert elements(claimed(store)) == {A: (1, b"1"), B: (2, b"2")}

    def test_a_deleted_element_leaves_a_tombstone_until_forgotten(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, elements=[ElementWrite(A, b"1"), ElementWrite(B, b"1")])])
        store.commit([commit(1, elements=[ElementWrite(A, None)])])
        assert elements(claimed(store)) == {A: (2, None), B: (1, b"1")}
        store.commit(
            [commit(2, epoch=2, elements=[ElementWrite(B, b"2")], forget=[A, B], forgotten_version=2)]
        )
        session = claimed(store)
        assert elements(session) == {B: (3, b"2")}, "what is written in the same commit stays"
        assert session.forgotten_version == 2
        store.commit([commit(3, epoch=3)])
        assert claimed(store).forgotten_version == 2

    def test_appended_bytes_follow_those_stored(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, elements=[ElementWrite(A, b"one"), ElementWrite(B, None)])])
        appended = [ElementWrite(A, b"+two", append=True), ElementWrite(B, b"new", append=True)]
        store.commit([commit(1, elements=[*appended, ElementWrite(("c",), b"first", append=True)])])
        assert elements(claimed(store)) == {A: (2, b"one+two"), B: (2, b"new"), ("c",): (2, b"first")}

    @pytest.mark.parametrize(
        ("writes", "expected"),
        [
            ([ElementWrite(A, b"x"), ElementWrite(A, b"y", append=True)], b"xy"),
            ([ElementWrite(A, b"x", append=True), ElementWrite(A, b"y", append=True)], b"oldxy"),
            ([ElementWrite(A, b"x", append=True), ElementWrite(A, b"y")], b"y"),
            ([ElementWrite(A, None), ElementWrite(A, b"y", append=True)], b"y"),
            ([ElementWrite(A, b"x", append=True), ElementWrite(A, None)], None),
        ],
    )
    def test_writes_to_one_element_count_in_their_order(
        self, store: SessionStore, writes: list[ElementWrite], expected: bytes | None
    ) -> None:
        store.create(new_session())
        store.commit([commit(0, elements=[ElementWrite(A, b"old")])])
        store.commit([commit(1, elements=writes)])
        assert elements(claimed(store)) == {A: (2, expected)}

    def test_thousands_of_elements_and_mails_fit_into_one_commit(self, store: SessionStore) -> None:
        store.create(new_session())
        many = [ElementWrite((str(number),), b"x") for number in range(9_000)]
        mail = [str(number).encode() for number in range(9_000)]
        assert store.commit([commit(0, elements=many, mail=mail)]) == [Committed(1)]
        session = claimed(store)
        assert len(session.elements) == 9_000
        assert [payload for _, payload in session.mail] == mail
        assert store.commit([commit(1, epoch=2, forget=[write.path for write in many])]) == [Committed(2)]
        assert claimed(store).elements == []

    def test_a_commit_of_an_old_epoch_is_refused_and_writes_nothing(self, store: SessionStore) -> None:
        store.create(new_session())
        claimed(store)
        late = commit(0, elements=[ElementWrite(A, b"late")], mail=[b"late"], running={1: b""})
        assert store.commit([late]) == [Refused("epoch", 2, 0)]
        session = claimed(store)
        assert (session.version, session.elements, session.mail, session.running) == (0, [], [], {})

    def test_a_commit_on_another_version_is_refused(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0)])
        assert store.commit([commit(0), commit(7)]) == [Refused("version", 1, 1)] * 2

    def test_the_same_commit_sent_again_succeeds_without_being_written_twice(
        self, store: SessionStore
    ) -> None:
        store.create(new_session())
        once = commit(0, elements=[ElementWrite(A, b"x", append=True)], mail=[b"m"])
        assert store.commit([once]) == [Committed(1)]
        assert store.commit([once]) == [Committed(1)]
        session = claimed(store)
        assert elements(session) == {A: (1, b"x")}
        assert len(session.mail) == 1
        assert store.commit([once]) == [Committed(1)], "also when another owner has taken over since"

    def test_one_refusal_does_not_touch_its_group(self, store: SessionStore) -> None:
        for session_id in "abc":
            store.create(new_session(session_id))
        outcomes = store.commit([commit(0, "a"), commit(5, "b"), commit(0, "gone"), commit(0, "c")])
        assert outcomes == [Committed(1), Refused("version", 1, 0), Refused("gone"), Committed(1)]
        assert store.commit([]) == []

    def test_mail_is_kept_with_its_version_until_read(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, mail=[b"b", b"a"])])
        store.commit([commit(1, mail=[b"c"])])
        assert claimed(store).mail == [(1, b"b"), (1, b"a"), (2, b"c")]
        store.commit([commit(2, epoch=2, mail=[b"d"], mail_read=1)])
        assert claimed(store).mail == [(2, b"c"), (3, b"d")]

    def test_running_marks_are_replaced_or_left_alone(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, running={1: b"x", 2: b"y"})])
        store.commit([commit(1, running=None)])
        assert claimed(store).running == {1: b"x", 2: b"y"}
        store.commit([commit(2, epoch=2, running={2: b"z"})])
        assert claimed(store).running == {2: b"z"}
        store.commit([commit(3, epoch=3, running={})])
        assert claimed(store).running == {}

    def test_a_claim_may_spare_running_handlers(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, running={1: b""})])
        with pytest.raises(SessionHeld) as held:
            store.claim("s", "there", spare_running=True)
        assert (held.value.owner, held.value.epoch) == ("here", 1)
        assert store.commit([commit(1)]) == [Committed(2)], "the owner goes on undisturbed"
        taken = store.claim("s", "here", spare_running=True)
        assert taken is not None
        assert taken.epoch == 2
        assert store.commit([commit(2, epoch=2, running={})]) == [Committed(3)]
        moved = store.claim("s", "there", spare_running=True)
        assert moved is not None
        assert moved.epoch == 3

    def test_claims_at_the_same_moment_get_different_epochs(self, store: SessionStore) -> None:
        store.create(new_session())
        epochs: list[int] = []
        threads = [Thread(target=lambda: epochs.append(claimed(store).epoch)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(epochs) == list(range(2, 10))

    def test_a_session_expires_unless_something_keeps_it(self, store: SessionStore) -> None:
        for session_id in ("idle", "touched", "committed"):
            store.create(new_session(session_id, ttl_seconds=0.3))
        assert store.touch(["touched", "never"], 60) == {"touched"}
        store.commit([commit(0, "committed", elements=[ElementWrite(A, b"1")], mail=[b"m"])])
        wait_until(lambda: store.peek("idle") is None)
        time.sleep(0.1)
        assert store.claim("idle", "there") is None
        assert store.commit([commit(0, "idle")]) == [Refused("gone")]
        assert claimed(store, "touched").version == 0
        assert elements(claimed(store, "committed")) == {A: (1, b"1")}
        assert store.create(new_session("idle")) == 1, "its id is free again"

    def test_an_ended_session_is_gone_at_once(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, elements=[ElementWrite(A, b"1")])])
        store.post("s", [b"x"])
        assert store.end("s") is True
        assert store.end("s") is False
        assert store.commit([commit(1)]) == [Refused("gone")]
        assert store.sessions() == []
        store.create(new_session())
        assert claimed(store).elements == []
        assert store.drain("s") == []

    def test_a_summary_shows_a_session_without_disturbing_it(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, running={1: b"slow"})])
        summary = store.peek("s")
        assert summary is not None
        assert (summary.session_id, summary.application, summary.visitor) == ("s", "hello", "user:1")
        assert (summary.owner, summary.epoch, summary.version) == ("here", 1, 1)
        assert (summary.base_digest, summary.layout_revision, summary.info) == ("b1", "r1", b"notes")
        assert summary.running == {1: b"slow"}
        assert 0 <= summary.idle_seconds < 5
        assert store.commit([commit(1)]) == [Committed(2)]

    def test_live_sessions_are_listed_by_application(self, store: SessionStore) -> None:
        for number in range(3):
            store.create(new_session(f"h{number}"))
        store.create(new_session("other", application="other"))
        store.create(new_session("short", ttl_seconds=0.05))
        wait_until(lambda: store.peek("short") is None)
        assert {summary.session_id for summary in store.sessions()} == {"h0", "h1", "h2", "other"}
        assert [summary.session_id for summary in store.sessions("other")] == ["other"]
        assert len(store.sessions("hello", limit=2)) == 2
        assert store.sessions("unknown") == []

    def test_a_whole_session_is_restored_from_its_owners_memory(self, store: SessionStore) -> None:
        whole = StoredSession(
            session_id="s",
            epoch=3,
            version=17,
            application="hello",
            visitor="user:1",
            base_digest="b1",
            layout_revision="r1",
            elements=[StoredElement(A, 4, b"1"), StoredElement(B, 17, None)],
            acknowledged_low=8,
            acknowledged_above=(11,),
            mail=[StoredMail(16, b"m"), StoredMail(17, b"n")],
            running={10: b"slow"},
            forgotten_version=2,
            created_at=1234.5,
            info=b"notes",
        )
        assert store.restore(whole, "here", 60) is True
        assert store.restore(whole, "here", 60) is True, "asking again is harmless"
        assert store.commit([commit(17, epoch=3)]) == [Committed(18)]
        session = claimed(store)
        assert (session.epoch, session.version, session.created_at) == (4, 18, 1234.5)
        assert elements(session) == {A: (4, b"1"), B: (17, None)}
        assert (session.mail, session.running) == (whole.mail, whole.running)
        assert (session.acknowledged_low, session.forgotten_version) == (0, 2)

    def test_a_restored_session_never_replaces_a_newer_one(self, store: SessionStore) -> None:
        store.create(new_session())
        first = claimed(store, owner="first")
        store.commit([commit(0, epoch=2, elements=[ElementWrite(A, b"1")])])
        assert store.restore(first, "first", 60) is False, "an older version"
        second = claimed(store, owner="second")
        assert store.restore(second, "third", 60) is False, "the same point, from another owner"
        assert store.commit([commit(1, epoch=3)]) == [Committed(2)]
        zombie = StoredSession(
            session_id="s",
            epoch=2,
            version=99,
            application="hello",
            visitor="v",
            base_digest="b",
            layout_revision="r",
            created_at=1,
        )
        assert store.restore(zombie, "first", 60) is False, "an older epoch"
        ahead = StoredSession(
            session_id="s",
            epoch=3,
            version=9,
            application="hello",
            visitor="v",
            base_digest="b",
            layout_revision="r",
            created_at=1,
        )
        assert store.restore(ahead, "second", 60) is True, "the store went back in time"
        assert claimed(store).elements == []

    def test_bases_and_blobs_are_found_by_digest(self, store: SessionStore) -> None:
        store.create(new_session())
        store.put_base("b1", b"state", 60, {"d0": ("image/png", b"png")})
        store.put_blobs("s", {"d1": ("text/plain", b"one"), "d2": ("application/x-ü", b"")}, 60)
        store.put_blobs("s", {}, 60)
        assert store.get_base("b1") == b"state"
        assert store.get_base("b2") is None
        assert store.get_blob("d0") == ("image/png", b"png")
        assert store.get_blob("d1") == ("text/plain", b"one")
        assert store.get_blob("d2") == ("application/x-ü", b"")
        assert store.get_blob("d3") is None

    @pytest.mark.parametrize("way", ["touch", "commit"])
    def test_sessions_keep_their_base_and_blobs_alive(self, store: SessionStore, way: str) -> None:
        life = 1.0  # long enough for a machine that is busy with something else
        store.put_base("b1", b"state", life, {"d0": ("image/png", b"png")})
        store.put_base("b2", b"nobody's", life)
        store.create(new_session(ttl_seconds=life))
        store.put_blobs("s", {"d1": ("text/plain", b"one")}, life)
        store.put_blobs("other", {"d2": ("text/plain", b"two")}, life)
        for version in range(5):
            time.sleep(0.3 * life)
            if way == "touch":
                assert store.touch(["s"], life) == {"s"}
            else:
                assert store.commit([commit(version, ttl_seconds=life)]) == [Committed(version + 1)]
        assert store.get_base("b1") == b"state"
        assert store.get_blob("d0") is not None
        assert store.get_blob("d1") is not None
        assert (store.get_base("b2"), store.get_blob("d2")) == (None, None)
        wait_until(
            lambda: (
                store.get_base("b1") is None and store.get_blob("d0") is None and store.get_blob("d1") is None
            )
        )

    def test_a_blob_outlives_its_last_holder_by_a_minute_only(
        self, store: SessionStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.shorten_grace(monkeypatch, 0.15)
        for session_id in "ab":
            store.create(new_session(session_id))
            store.put_blobs(session_id, {"shared": ("text/plain", b"x")}, 60)
        store.put_blobs("a", {"own": ("text/plain", b"x")}, 60)
        store.release_blobs("a", ["shared", "own"])
        store.release_blobs("a", [])
        assert store.get_blob("own") is not None, "a browser may be about to fetch it"
        wait_until(lambda: store.get_blob("own") is None)
        assert store.get_blob("shared") is not None, "b still holds it"
        store.commit([commit(0, "a")])
        store.end("b")
        wait_until(lambda: store.get_blob("shared") is None)

    def test_an_owner_lives_as_long_as_it_beats(self, store: SessionStore) -> None:
        store.beat("here", 60)
        store.beat("dying", 0.05)
        wait_until(lambda: store.living(["here", "dying", "never"]) == {"here"})
        assert store.living([]) == set()

    def test_messages_wait_in_the_inbox_for_whoever_owns_the_session(self, store: SessionStore) -> None:
        store.create(new_session())
        assert store.post("s", [b"1", b"2"]) == "here"
        claimed(store)
        assert store.post("s", [b"3"]) == "there"
        assert store.drain("s") == [b"1", b"2", b"3"]
        assert store.drain("s") == []

    def test_what_serves_once_serves_again_when_its_time_is_over(self, store: SessionStore) -> None:
        assert store.use_once("ticket", 0.05)
        assert not store.use_once("ticket", 0.05)
        assert store.use_once("another", 60)
        wait_until(lambda: store.use_once("ticket", 60))
        assert not store.use_once("ticket", 60)
        assert not store.use_once("another", 60)

    def test_the_generation_stays_the_same(self, store: SessionStore) -> None:
        assert store.generation() == store.generation() != ""

    def test_a_store_can_be_diagnosed(self, store: SessionStore) -> None:
        findings = store.diagnose()
        assert all(finding.message for finding in findings)
        assert all(finding.hint for finding in findings if finding.level != "info")

    def test_reading_a_session_leaves_it_to_its_owner(self, store: SessionStore) -> None:
        store.create(new_session())
        store.commit([commit(0, running={1: b"x"})])
        read = store.read("s")
        assert read is not None
        assert (read.epoch, read.version, read.running) == (1, 1, {1: b"x"})
        assert store.commit([commit(1)]) == [Committed(2)], "the epoch is still the owner's"
        assert store.read("nobody") is None
