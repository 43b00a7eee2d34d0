"""The pool: one thread for many quick pieces of work, as many as needed for slow ones."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from streamsync_django.runtime.executor import Executor
from tests.patience import overload


@pytest.fixture
def executor() -> Iterator[Executor]:
    executor = Executor(1100)
    yield executor
    executor.close()


def wait_until(condition: object, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds * overload()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.001)


def test_all_work_is_done_once(executor: Executor) -> None:
    done: list[int] = []
    for number in range(5000):
        executor.submit(lambda number=number: done.append(number))  # type: ignore[misc]
    wait_until(lambda: len(done) == 5000)
    assert sorted(done) == list(range(5000))


def test_quick_work_is_left_to_few_threads(executor: Executor) -> None:
    done: list[int] = []
    for number in range(1000):
        executor.submit(lambda number=number: done.append(number))  # type: ignore[misc]
    wait_until(lambda: len(done) == 1000)
    assert executor.threads < 50


def test_behind_a_thousand_sleepers_the_next_one_is_served_at_once(executor: Executor) -> None:
    morning = threading.Event()
    asleep = threading.Semaphore(0)

    def sleep() -> None:
        asleep.release()
        morning.wait()

    for _ in range(1000):
        executor.submit(sleep)
    for _ in range(1000):
        assert asleep.acquire(timeout=20)
    served = threading.Event()
    started = time.monotonic()
    executor.submit(served.set)
    assert served.wait(5 * overload())
    assert time.monotonic() - started < overload()
    morning.set()


def test_a_slow_piece_of_work_holds_up_nothing_that_was_submitted_with_it(executor: Executor) -> None:
    end, served = threading.Event(), threading.Event()
    executor.submit(lambda: end.wait() and None)
    executor.submit(served.set)
    assert served.wait(5)
    end.set()


def test_there_are_never_more_threads_than_allowed() -> None:
    executor = Executor(3)
    end = threading.Event()
    started = threading.Semaphore(0)
    done: list[int] = []

    def work() -> None:
        started.release()
        end.wait()
        done.append(1)

    for _ in range(10):
        executor.submit(work)
    for _ in range(3):
        assert started.acquire(timeout=5)
    time.sleep(0.05)
    assert executor.threads == 3
    end.set()
    wait_until(lambda: len(done) == 10)
    executor.close()


def test_threads_that_were_slow_take_part_again(executor: Executor) -> None:
    for _ in range(20):
        barrier = threading.Barrier(6)
        for _ in range(5):
            executor.submit(lambda barrier=barrier: barrier.wait() and None)  # type: ignore[misc]
        barrier.wait(timeout=5)
    done = threading.Event()
    executor.submit(done.set)
    assert done.wait(5)
    assert executor.threads < 20


def test_work_that_fails_or_exits_leaves_the_pool_alone(executor: Executor) -> None:
    done = threading.Event()
    executor.submit(lambda: 1 / 0 and None)
    executor.submit(lambda: sys.exit("a handler must not do this"))
    executor.submit(done.set)
    assert done.wait(5)


def test_idle_threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamsync_django.runtime.executor.IDLE_SECONDS", 0.05)
    executor = Executor(10)
    done = threading.Event()
    executor.submit(done.set)
    assert done.wait(5)
    wait_until(lambda: executor.threads == 0)
    again = threading.Event()
    executor.submit(again.set)
    assert again.wait(5)
    executor.close()


def test_after_closing_nothing_is_taken_and_idle_threads_end() -> None:
    executor = Executor(10)
    done = threading.Event()
    executor.submit(done.set)
    assert done.wait(5)
    executor.close()
    wait_until(lambda: executor.threads == 0)
    late = threading.Event()
    executor.submit(late.set)
    assert not late.wait(0.05)
