"""What a handler prints, logs and warns of goes to the log of its own run, whichever thread says it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest

from streamsync_django.core.handlers import Handler, call_handler
from streamsync_django.core.journal import LogEntry, Run
from streamsync_django.runtime import output
from streamsync_django.runtime.registry import ApplicationLog

LINES = 2500


@contextlib.contextmanager
def routing() -> Iterator[None]:
    """Route within a test: pytest has its own streams by then, and takes them back afterwards."""
    uninstall = output.install()
    try:
        yield
    finally:
        uninstall()


def test_runtimes_of_one_process_end_in_any_order_and_route_once() -> None:
    start, stream = threading.Thread.start, sys.stdout
    first, second = output.install(), output.install()
    routed_start = threading.Thread.start
    first()
    first()
    run, entries = run_of("a")
    with output.routed(run):
        in_threads(lambda: print("once"))
    assert lines(entries) == ["once"]
    assert threading.Thread.start is routed_start is not start
    second()
    assert threading.Thread.start is start
    assert sys.stdout is stream


def run_of(name: str) -> tuple[Run, list[LogEntry]]:
    entries: list[LogEntry] = []
    return Run("test", entries.append, session=name), entries


def lines(entries: list[LogEntry]) -> list[str]:
    return [line for entry in entries if entry.kind == "print" for line in entry.message.split("\n")]


def in_threads(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@routing()
def test_four_threads_print_ten_thousand_lines_and_none_leaks_or_is_lost() -> None:
    runs = {name: run_of(name) for name in "abcd"}

    def handler(name: str) -> None:
        with output.routed(runs[name][0]):
            for number in range(LINES):
                print(name, number)

    in_threads(*(lambda name=name: handler(name) for name in runs))
    for name, (_, entries) in runs.items():
        assert lines(entries) == [f"{name} {number}" for number in range(LINES)]


@routing()
def test_threads_and_pools_that_a_handler_starts_belong_to_its_run() -> None:
    runs = {name: run_of(name) for name in "ab"}
    shared_pool = ThreadPoolExecutor(2)

    def say(text: str) -> None:
        for number in range(500):
            print(text, number)

    def handler(name: str) -> None:
        with output.routed(runs[name][0]):
            threads = [threading.Thread(target=say, args=(f"{name} thread{n}",)) for n in range(2)]
            timer = threading.Timer(0.001, say, args=(f"{name} timer",))
            for thread in (*threads, timer):
                thread.start()
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(say, [f"{name} pool{n}" for n in range(2)]))
            list(shared_pool.map(say, [f"{name} shared{n}" for n in range(2)]))
            asyncio.run(asyncio.to_thread(say, f"{name} asyncio"))
            for thread in (*threads, timer):
                thread.join()

    in_threads(*(lambda name=name: handler(name) for name in runs))
    shared_pool.shutdown()
    for name, (_, entries) in runs.items():
        said = ["thread0", "thread1", "timer", "pool0", "pool1", "shared0", "shared1", "asyncio"]
        assert sorted(lines(entries)) == sorted(f"{name} {who} {n}" for who in said for n in range(500))


def test_a_pool_of_the_module_keeps_nothing_of_the_run_that_started_its_threads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with routing(), ThreadPoolExecutor(1) as pool:
        run, entries = run_of("a")
        with output.routed(run):
            pool.submit(print, "inside").result()
        pool.submit(print, "outside").result()
    assert lines(entries) == ["inside"]
    assert capsys.readouterr().out == "outside\n"


@routing()
def test_async_handlers_that_share_a_thread_keep_their_output_apart() -> None:
    async def handler(session: str) -> None:
        await asyncio.sleep(0)
        print("from", session)

    said = {}
    for name in "ab":
        run, entries = run_of(name)
        with output.routed(run):
            call_handler(Handler.of("handler", handler), {"session": name})
        said[name] = lines(entries)
    assert said == {"a": ["from a"], "b": ["from b"]}


@routing()
def test_a_line_without_end_is_not_lost() -> None:
    run, entries = run_of("a")
    with output.routed(run):
        print("progress: ", end="")
        print("50 %", end="")
        sys.stderr.write("trouble")
    assert "".join(entry.message for entry in entries) == "progress: 50 %trouble"


def test_logging_and_warnings_become_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: shown.append(str(message)))
    run, entries = run_of("a")
    with routing(), output.routed(run):
        logging.getLogger("shop").warning("stock is %d", 0)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", DeprecationWarning, stacklevel=1)
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("shop").exception("failed")
    assert (entries[0].kind, entries[0].title, entries[0].message) == ("warning", "shop", "stock is 0")
    assert (entries[1].kind, entries[1].title, entries[1].message) == ("warning", "DeprecationWarning", "old")
    assert shown == ["old"], "whoever showed warnings before still does"
    failed = entries[-1]
    assert (failed.kind, failed.message) == ("error", "failed")
    assert "ValueError: broken" in (failed.traceback or "")
    assert all(entry.session == "a" for entry in entries)


def test_two_runtimes_in_one_process_log_once() -> None:
    run, entries = run_of("a")
    with routing(), routing(), output.routed(run):
        logging.getLogger("shop").warning("stock is low")
        print("once")
    assert [entry.message.strip() for entry in entries] == ["stock is low", "once"]


def test_outside_of_runs_nothing_changes(capsys: pytest.CaptureFixture[str]) -> None:
    with routing():
        print("plain")
    assert capsys.readouterr().out == "plain\n"


@routing()
def test_a_very_long_write_is_cut() -> None:
    run, entries = run_of("a")
    with output.routed(run):
        print("x" * 100_000)
    assert len(entries[0].message) == output.MAX_MESSAGE + 1


def test_a_warning_is_one_entry_though_python_also_writes_it_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def to_stderr(message: object, *_: object) -> None:
        sys.stderr.write(f"{message}\n")

    monkeypatch.setattr(warnings, "showwarning", to_stderr)
    run, entries = run_of("a")
    with routing(), output.routed(run), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert [(entry.kind, entry.message) for entry in entries] == [("warning", "old")]
    assert capsys.readouterr().err == "old\n"


@contextlib.contextmanager
def server_without_logging() -> Iterator[list[str]]:
    """Be a site that has set up no logging; at the end, tell what lines its log got."""
    lines: list[str] = []
    with contextlib.ExitStack() as quiet:
        for name in ("", "streamsync_django.application"):  # pytest has handlers, and the demo site
            quiet.enter_context(mock.patch.object(logging.getLogger(name), "handlers", []))
        stderr = quiet.enter_context(mock.patch.object(sys, "stderr", io.StringIO()))
        yield lines
        lines += stderr.getvalue().splitlines()


def test_a_record_is_in_the_servers_log_once_with_session_and_event() -> None:
    log = ApplicationLog()
    run = Run("shop", log.add, session="abcdefgh-and-more", event=3)
    with server_without_logging() as lines, routing(), output.routed(run):
        logging.getLogger("stock").warning("%d %% left", 5)
        logging.getLogger("stock").error("100 % gone")
        logging.getLogger("stock").error(ValueError("no stock"))
    where = "[shop session=abcdefgh event=3]"
    assert lines == [f"{where} 5 % left", f"{where} 100 % gone", f"{where} no stock"]
    assert [(entry.kind, entry.title, entry.message) for entry in log.entries("shop")] == [
        ("warning", "stock", "5 % left"),
        ("error", "stock", "100 % gone"),
        ("error", "stock", "no stock"),
    ]


def test_a_failure_is_in_the_log_of_a_server_that_set_up_no_logging() -> None:
    log = ApplicationLog()
    run = Run("shop", log.add, session="abcdefgh-and-more", event=3)
    with server_without_logging() as lines, routing(), output.routed(run):
        run.write(run.entry("error", "buy failed", "ValueError: no stock", "Traceback"))
    assert lines == ["[shop session=abcdefgh event=3] buy failed: Traceback"]
    assert len(log.entries("shop")) == 1


def test_records_outside_of_runs_are_what_they_are_without_us() -> None:
    with server_without_logging() as lines, routing():
        logging.getLogger("library").warning("look out")
    assert lines == ["look out"]


def test_a_handler_that_main_py_sets_up_does_not_log_into_the_run() -> None:
    run, entries = run_of("abcdefgh")
    stock = logging.getLogger("stock")
    with server_without_logging() as lines, routing(), output.routed(run):
        handler = logging.StreamHandler()  # has the routed sys.stderr
        stock.addHandler(handler)
        try:
            stock.warning("low")
        finally:
            stock.removeHandler(handler)
    assert [(entry.kind, entry.message) for entry in entries] == [("warning", "low")]
    assert lines == ["[test session=abcdefgh] low"]


def test_a_record_that_does_not_fit_its_arguments_is_logged_and_raises_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    run, entries = run_of("abcdefgh")
    with routing(), output.routed(run):
        logging.getLogger("stock").warning("%d left", "few")
    assert [entry.message for entry in entries] == ["%d left"]


@routing()
def test_what_ends_a_handlers_thread_is_in_the_log_of_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    hooked: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: hooked.append(args.exc_value))
    run, entries = run_of("a")

    def broken() -> None:
        raise ValueError("deep inside")

    def leaving() -> None:
        sys.exit(1)  # ends a thread quietly, here as anywhere

    with output.routed(run):
        in_threads(broken, leaving)
    assert [(entry.kind, entry.message) for entry in entries] == [("error", "ValueError: deep inside")]
    assert "in broken" in (entries[0].traceback or "")
    assert sorted(str(error) for error in hooked) == ["1", "deep inside"], "the process hears of it, too"
