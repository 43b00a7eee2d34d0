"""What the engine itself costs, in one thread and without a network, against the targets of the design."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.engine_room import EngineRoom

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
    (b"sec-websocket-key", b"x3JJHMbDL1EzLkh9GBhXDw=="),
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
    click = room.clicks(room.session(room.counter))
    yield Result("one counter event", _median_us(click, repetitions), "µs", 40)


def _events_in_django(repetitions: int) -> Iterator[Result]:
    """The same within what Django needs around a handler: connections, language, time zone."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    from streamsync_django.hosting import around_handlers

    room = EngineRoom(around_handlers)
    try:
        click = room.clicks(room.session(room.counter, {"language": "en"}))
        yield Result("one counter event, within Django's surroundings", _median_us(click, repetitions), "µs")
    finally:
        room.close()


def _sessions(room: EngineRoom, count: int, table_bytes: int) -> Iterator[Result]:
    yield Result("creating a session", _median_us(lambda: room.session(room.counter), count), "µs", 50)
    yield Result(
        "an untouched session", _bytes_each(lambda: room.session(room.counter), count), "bytes", 4096
    )
    yield Result(
        "… and its cookies and headers",
        _bytes_each(lambda: room.session(room.counter, _info()), count),
        "bytes",
        4096,
    )
    table = room.application({"table": _table(table_bytes), "count": 0}, _increment)
    yield Result(
        f"… over a base with a table of {table_bytes / 1e6:.0f} MB",
        _bytes_each(lambda: room.session(table, _info()), count),
        "bytes",
        4096,
    )


def _appends(room: EngineRoom, repetitions: int) -> Iterator[Result]:
    def append(state: Any) -> None:
        state["items"].append(1)

    def assign(state: Any) -> None:
        state["items"] = [*state["items"], 1]

    def click(length: int, handler: Callable[..., None]) -> Callable[[], object]:
        return room.clicks(room.session(room.application({"items": list(range(length))}, handler)))

    few = _median_us(click(10, append), repetitions)
    yield Result("append to a list of 10", few, "µs")
    many = _median_us(click(10_000, append), repetitions)
    yield Result("append to a list of 10,000", many, "µs", 1.25 * few)
    yield Result(
        "assign a list of 10,000", _median_us(click(10_000, assign), max(10, repetitions // 20)), "µs"
    )


def _large_states(room: EngineRoom, repetitions: int) -> Iterator[Result]:
    def count(state: Any) -> None:
        state["cells"]["c5"] += 1

    def click(size: int) -> Callable[[], object]:
        cells = {f"c{number}": number for number in range(size)}
        return room.clicks(room.session(room.application({"cells": cells}, count)))

    few = _median_us(click(10), repetitions)
    yield Result("one mutation among 10 elements", few, "µs")
    many = _median_us(click(100_000), repetitions)
    yield Result("one mutation among 100,000 elements", many, "µs", 1.25 * few)


def _increment(state: Any) -> None:
    state["count"] += 1


def _info() -> dict[str, Any]:
    """Return what the consumer keeps of a socket's headers, made anew as for a new socket."""
    return {
        "cookies": {"streamsync_visitor": "k" * 32},
        "headers": {name.decode(): value.decode() for name, value in HEADERS},
        "userinfo": {},
        "language": "en",
    }


def _table(size: int) -> Any:
    """Return a table of about `size` bytes."""
    import numpy
    import pandas

    columns = 10
    rows = size // (8 * columns)
    return pandas.DataFrame({f"column {n}": numpy.arange(rows, dtype="float64") for n in range(columns)})


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
