"""What the engine itself costs, in one thread and without a network, against the targets of the design."""

from __future__ import annotations

import gc
import os
import secrets
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import django

from benchmarks.engine_room import EngineRoom
from benchmarks.visitors import WrongAnswer

#: What a browser sends along when it opens a socket; a session keeps it for its handlers.
HEADERS = [
    (b"host", b"www.example.org"),
    (b"connection", b"Upgrade"),
    (b"pragma", b"no-cache"),
    (b"cache-control", b"no-cache"),
    (
        b"user-agent",
        b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    ),
    (b"upgrade", b"websocket"),
    (b"origin", b"https://www.example.org"),
    (b"sec-websocket-version", b"13"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"accept-language", b"en-GB,en;q=0.9,de;q=0.8"),
]


@dataclass(frozen=True, slots=True)
class Result:
    """One figure, and what it should be."""

    name: str
    value: float
    unit: str
    target: float | None = None
    """The most it may be; None for figures that others are compared with."""

    @property
    def is_met(self) -> bool:
        return self.target is None or self.value <= self.target

    def to_json(self) -> dict[str, object]:
        """Return the figure, and whether the target is met."""
        return {**asdict(self), "is_met": self.is_met}


def measure(*, is_quick: bool = False) -> Iterator[Result]:
    """Yield each figure as soon as it is known; quick ones show only that the measurement works."""
    events, sessions, table_bytes = (50, 20, 1_000_000) if is_quick else (5000, 1000, 100_000_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    room = EngineRoom()
    try:
        yield from _events(room, events)
        yield from _sessions(room, sessions, table_bytes)
        yield from _appends(room, events // 5)
        yield from _large_states(room, events // 5)
    finally:
        room.close()
    yield from _events_in_django(events)


def _events(room: EngineRoom, repetitions: int) -> Iterator[Result]:
    session = room.session(room.counter)
    yield Result(
        "one counter event, from frame to frame", _event_us(*room.clicks(session), repetitions), "µs"
    )
    if session.state["count"] != session.version:
        raise WrongAnswer(f"{session.version} clicks counted to {session.state['count']}")
    session = room.session(room.counter)
    click, handle = room.handlings(session)
    yield Result("… check, bind, call, mutations, encode", _event_us(click, handle, repetitions), "µs", 40)
    if session.state["count"] != (done := click().event.number - 1):
        raise WrongAnswer(f"{done} clicks counted to {session.state['count']}")


def _events_in_django(repetitions: int) -> Iterator[Result]:
    """The same within what Django needs around a handler: connections, language, time zone."""
    from streamsync_django.hosting import around_handlers

    room = EngineRoom(around_handlers)
    try:
        clicks = room.clicks(room.session(room.counter, {"language": "en"}))
        yield Result("one counter event, within Django's surroundings", _event_us(*clicks, repetitions), "µs")
    finally:
        room.close()


def _sessions(room: EngineRoom, count: int, table_bytes: int) -> Iterator[Result]:
    yield Result("creating a session", _median_us(lambda: room.session(room.counter), count), "µs", 50)
    cases: tuple[tuple[str, Callable[[], dict[str, Any]], int], ...] = (
        ("an untouched session", dict, 0),
        ("… and its cookies and headers", _info, 0),
        (f"… over a base with a table of {table_bytes / 1e6:.0f} MB", _info, table_bytes),
    )
    for name, info, size in cases:
        yield Result(name, _session_bytes(count, info, size), "bytes", 4096)


def _session_bytes(count: int, info: Callable[[], dict[str, Any]], table_bytes: int) -> float:
    """Measure in a room of its own: dicts that grow in steps would count for whoever made them grow."""
    room = EngineRoom()
    try:
        application = room.counter
        if table_bytes:
            application = room.application({"table": _table(table_bytes), "count": 0}, _increment)
        return _bytes_each(lambda: room.session(application, info()), count)
    finally:
        room.close()


def _appends(room: EngineRoom, repetitions: int) -> Iterator[Result]:
    def append(state: Any) -> None:
        state["items"].append(1)

    def assign(state: Any) -> None:
        state["items"] = [*state["items"], 1]

    def measured(length: int, handler: Callable[..., None], repetitions: int = repetitions) -> float:
        application = room.application({"items": list(range(length))}, handler)
        return _event_us(*room.clicks(room.session(application)), repetitions)

    few = measured(10, append)
    yield Result("append to a list of 10", few, "µs")
    many = measured(10_000, append)
    yield Result("append to a list of 10,000", many, "µs", 1.25 * few)
    yield Result("assign a list of 10,000", measured(10_000, assign, max(10, repetitions // 20)), "µs")


def _large_states(room: EngineRoom, repetitions: int) -> Iterator[Result]:
    def count(state: Any) -> None:
        state["cells"]["c5"] += 1

    def measured(size: int) -> float:
        cells = {f"c{number}": number for number in range(size)}
        application = room.application({"cells": cells}, count)
        return _event_us(*room.clicks(room.session(application)), repetitions)

    few = measured(10)
    yield Result("one mutation among 10 elements", few, "µs")
    many = measured(100_000)
    yield Result("one mutation among 100,000 elements", many, "µs", 1.25 * few)


def _increment(state: Any) -> None:
    state["count"] += 1


def _info() -> dict[str, Any]:
    """Return what the consumer keeps of a new socket's handshake."""
    from streamsync_django.transport.introductions import session_info

    headers = [(bytes(bytearray(name)), bytes(bytearray(value))) for name, value in HEADERS]
    key = (b"sec-websocket-key", secrets.token_urlsafe(16).encode())
    cookies = {"streamsync_visitor": secrets.token_urlsafe(24)}
    return session_info({"headers": [*headers, key], "cookies": cookies, "path": "/counter/socket/"})


def _table(size: int) -> Any:
    """Return a table of about `size` bytes."""
    import numpy
    import pandas

    columns = 10
    rows = size // (8 * columns)
    return pandas.DataFrame({f"column {n}": numpy.arange(rows, dtype="float64") for n in range(columns)})


def _event_us(click: Callable[[], Any], answer: Callable[[Any], object], repetitions: int) -> float:
    """Return the median of what the engine takes for an event, the browser's part aside."""
    taken = []
    for _ in range(repetitions + max(20, repetitions // 10)):
        frame = click()
        started = time.perf_counter_ns()
        answer(frame)
        taken.append(time.perf_counter_ns() - started)
    return median(taken[-repetitions:]) / 1000


def _median_us(work: Callable[[], object], repetitions: int) -> float:
    for _ in range(max(20, repetitions // 10)):
        work()
    taken = []
    for _ in range(repetitions):
        started = time.perf_counter_ns()
        work()
        taken.append(time.perf_counter_ns() - started)
    return median(taken) / 1000


def _bytes_each(make: Callable[[], object], count: int) -> float:
    kept = [make() for _ in range(10)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept += [make() for _ in range(count)]
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return (after - before) / count


def heading() -> str:
    """Return the table's first lines."""
    text = f"{'':54}  {'measured':>12}  {'target':>12}"
    return f"{text}\n{'-' * len(text)}"


def row(result: Result) -> str:
    """Return the table's line for a figure."""
    digits = 0 if result.unit == "bytes" else 1
    target = "" if result.target is None else f"{result.target:,.{digits}f} {result.unit}"
    missed = "" if result.is_met else "  missed"
    return f"{result.name:54}  {f'{result.value:,.{digits}f} {result.unit}':>12}  {target:>12}{missed}"
