from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from streamsync_django.core.errors import StoreError, StoreUnavailable
from streamsync_django.runtime.committer import GROUP_LIMIT, Committer, Outcome
from streamsync_django.stores.base import Commit, Committed, ElementWrite, NewSession, Refused
from streamsync_django.stores.memory import MemoryStore
from streamsync_django.stores.redis import RedisStore
from tests.patience import overload
from tests.redis_server import RedisServer


class Listener:
    """Remembers what a committer tells."""

    def __init__(self) -> None:
        self.batches: list[list[Outcome]] = []
        self.troubles: list[StoreError | None] = []

    @property
    def outcomes(self) -> list[Committed | Refused]:
        return [outcome for batch in self.batches for _, outcome in batch]

    def wait_for(self, count: int, seconds: float = 20) -> None:
        wait_until(lambda: len(self.outcomes) >= count, seconds)


class ScriptedStore(MemoryStore):
    """A memory store that can be held, and told to fail before or after it commits."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[Sequence[Commit]] = []
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.indigestible: bytes | None = None
        self.open = threading.Event()
        self.open.set()

    def commit(self, commits: Sequence[Commit]) -> list[Committed | Refused]:
        self.groups.append(list(commits))
        assert self.open.wait(10)
        if self.before:
            raise self.before.pop(0)
        if any(commit.commit_id == self.indigestible for commit in commits):
            raise TypeError("cannot digest this")
        outcomes = super().commit(commits)
        if self.after:
            raise self.after.pop(0)
        return outcomes


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def new_session(session_id: str) -> NewSession:
    return NewSession(
        session_id=session_id,
        application="hello",
        visitor="v",
        base_digest="b",
        layout_revision="r",
        owner="here",
        ttl_seconds=60,
    )


def commit(session_id: str, version: int = 0, stored: bytes = b"x") -> Commit:
    return Commit(
        session_id=session_id,
        epoch=1,
        expected_version=version,
        commit_id=secrets.token_bytes(16),
        elements=[ElementWrite(("log",), stored, append=True)],
        ttl_seconds=60,
    )


@pytest.fixture
def store() -> ScriptedStore:
    return ScriptedStore()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def committer(store: ScriptedStore, listener: Listener) -> Iterator[Committer]:
    committer = Committer(store, listener.batches.append, listener.troubles.append)
    yield committer
    store.open.set()
    committer.close(5)


@pytest.fixture
def start_redis() -> Iterator[Callable[..., RedisServer]]:
    with ExitStack() as stack:

        def start(*options: str) -> RedisServer:
            server = RedisServer(*options)
            stack.callback(server.stop)
            return server.start()

        yield start


def create(store: MemoryStore | RedisStore, count: int) -> None:
    for number in range(count):
        store.create(new_session(str(number)))


def test_a_commit_is_stored_and_told(store: ScriptedStore, listener: Listener, committer: Committer) -> None:
    create(store, 1)
    first = commit("0")
    committer.submit(first)
    listener.wait_for(1)
    assert listener.batches == [[(first, Committed(1))]]
    assert listener.troubles == []


def test_what_piles_up_during_a_round_trip_goes_in_the_next(
    store: ScriptedStore, listener: Listener, committer: Committer
) -> None:
    create(store, 50)
    store.open.clear()
    for number in range(50):
        committer.submit(commit(str(number)))
    wait_until(lambda: len(store.groups) == 1)
    store.open.set()
    listener.wait_for(50)
    assert len(store.groups) <= 2
    assert len(listener.batches) == len(store.groups)
    assert set(listener.outcomes) == {Committed(1)}


def test_a_group_has_a_limit(store: ScriptedStore, listener: Listener, committer: Committer) -> None:
    store.open.clear()
    for number in range(2 * GROUP_LIMIT + 10):
        committer.submit(commit(str(number)))
    store.open.set()
    listener.wait_for(2 * GROUP_LIMIT + 10)
    assert max(len(group) for group in store.groups) <= GROUP_LIMIT


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_unavailable_store_gets_the_same_commits_again(
    store: ScriptedStore, listener: Listener, committer: Committer, moment: str
) -> None:
    create(store, 2)
    getattr(store, moment).extend(StoreUnavailable("away") for _ in range(3))
    committer.submit(commit("0"))
    wait_until(lambda: bool(listener.troubles))
    committer.submit(commit("1"))
    listener.wait_for(2)
    assert store.groups[0] == store.groups[1] == store.groups[2] == store.groups[3]
    assert listener.outcomes == [Committed(1)] * 2
    assert [str(trouble) for trouble in listener.troubles] == ["away", "None"], "once each way"
    session = store.claim("0", "there")
    assert session is not None
    assert session.elements[0].stored == b"x"


def test_a_commit_the_store_chokes_on_fails_alone(
    store: ScriptedStore, listener: Listener, committer: Committer, caplog: pytest.LogCaptureFixture
) -> None:
    create(store, 3)
    commits = [commit(str(number)) for number in range(3)]
    store.indigestible = commits[1].commit_id
    store.open.clear()
    for one in commits:
        committer.submit(one)
    store.open.set()
    listener.wait_for(3)
    outcomes = {outcome[0].session_id: outcome[1] for batch in listener.batches for outcome in batch}
    assert outcomes == {"0": Committed(1), "1": Refused("failed"), "2": Committed(1)}
    assert "cannot digest" in caplog.text


def test_a_listener_that_fails_stops_nobody(store: ScriptedStore, caplog: pytest.LogCaptureFixture) -> None:
    create(store, 1)
    told: list[list[Outcome]] = []

    def listen(outcomes: list[Outcome]) -> None:
        told.append(outcomes)
        raise RuntimeError("the listener broke")

    def panic(error: StoreError | None) -> None:
        raise RuntimeError("so did this one")

    committer = Committer(store, listen, panic)
    store.before.append(StoreUnavailable("away"))
    committer.submit(commit("0"))
    wait_until(lambda: len(told) == 1)
    committer.submit(commit("0", 1))
    wait_until(lambda: len(told) == 2)
    assert committer.close(5) == []
    assert told[1][0][1] == Committed(2)
    assert "the listener broke" in caplog.text


def test_the_thread_starts_again_after_a_bug_and_keeps_its_group(
    store: ScriptedStore,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    create(store, 1)
    ask, failures = Committer._ask, [RuntimeError("a bug"), RuntimeError("a bug")]

    def broken(self: Committer, group: Sequence[Commit]) -> list[Outcome]:
        if failures:
            raise failures.pop()
        return ask(self, group)

    monkeypatch.setattr(Committer, "_ask", broken)
    committer = Committer(store, listener.batches.append, listener.troubles.append)
    committer.submit(commit("0"))
    listener.wait_for(1)
    assert listener.outcomes == [Committed(1)]
    assert caplog.text.count("starts again") == 2
    assert committer.close(5) == []


def test_closing_commits_what_is_queued(
    store: ScriptedStore, listener: Listener, committer: Committer
) -> None:
    create(store, 300)
    for number in range(300):
        committer.submit(commit(str(number)))
    assert committer.close(10) == []
    assert listener.outcomes == [Committed(1)] * 300
    with pytest.raises(StoreError, match="closed"):
        committer.submit(commit("0", 1))


def test_closing_without_a_store_returns_what_may_be_lost(
    store: ScriptedStore, listener: Listener, committer: Committer
) -> None:
    store.before.extend(StoreUnavailable("away") for _ in range(1_000))
    commits = [commit(str(number)) for number in range(GROUP_LIMIT + 20)]
    for one in commits:
        committer.submit(one)
    wait_until(lambda: bool(listener.troubles))
    started = time.monotonic()
    left = committer.close(0.3)
    assert time.monotonic() - started < 2 * overload()
    assert sorted(one.commit_id for one in left) == sorted(one.commit_id for one in commits)
    wait_until(lambda: not committer._thread.is_alive())


@pytest.mark.redis
def test_a_redis_killed_under_the_committer_loses_nothing_it_acknowledged(
    listener: Listener, start_redis: Callable[..., RedisServer]
) -> None:
    server = start_redis("--appendonly", "yes", "--appendfsync", "always")
    store = RedisStore(server.url, timeout=2)
    create(store, 20)
    versions = dict.fromkeys(map(str, range(20)), 0)
    finished = threading.Event()

    def go_on(outcomes: list[Outcome]) -> None:
        """Submit each session's next commit as soon as its last one is stored."""
        listener.batches.append(outcomes)
        for one, outcome in outcomes:
            assert outcome == Committed(one.expected_version + 1)
            versions[one.session_id] = outcome.version
            if not finished.is_set():
                ours.submit(commit(one.session_id, outcome.version, b"%d;" % outcome.version))

    ours = Committer(store, go_on, listener.troubles.append)
    for session_id in versions:
        ours.submit(commit(session_id, 0, b"0;"))
    for _ in range(2):
        listener.wait_for(len(listener.outcomes) + 200)
        server.kill()
        wait_until(lambda: bool(listener.troubles) and listener.troubles[-1] is not None)
        server.start()
        wait_until(lambda: listener.troubles[-1] is None)
    listener.wait_for(len(listener.outcomes) + 200)
    finished.set()
    assert ours.close(10) == []
    assert all(type(trouble) is StoreUnavailable for trouble in listener.troubles[::2])
    for session_id, version in versions.items():
        session = store.claim(session_id, "there")
        assert session is not None
        assert session.version == version
        assert session.elements[0].stored == b"".join(b"%d;" % number for number in range(version))
    store.close()
