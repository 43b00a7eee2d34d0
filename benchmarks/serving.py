"""Real servers under load: every cell is one server, one store, one number of sessions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from benchmarks.processes import ROOT, Process, redis_server, web_server

Summary = dict[str, float | int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    servers: Sequence[str] = ("daphne", "uvicorn")
    stores: Sequence[str] = ("memory", "redis")
    sessions: Sequence[int] = (1, 50)
    seconds: float = 5.0
    rounds: int = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """What was measured of one server with one store and one number of sessions."""

    server: str
    store: str
    sessions: int
    echo: Summary
    counter: Summary

    @property
    def throughput_ratio(self) -> float:
        """How many events the counter answers for each one that the bare consumer echoes."""
        return self.counter["events_per_second"] / self.echo["events_per_second"]

    @property
    def cpu_ratio(self) -> float:
        """The server's processor time for an event, in echoes."""
        return self.counter["server_cpu_ms_per_event"] / max(1e-9, self.echo["server_cpu_ms_per_event"])

    def to_json(self) -> dict[str, object]:
        """Return the cell with its ratios."""
        return {**asdict(self), "throughput_ratio": self.throughput_ratio, "cpu_ratio": self.cpu_ratio}


def measure(plan: Plan) -> Iterator[Cell]:
    """Start what the plan needs, one server at a time, and yield each cell as soon as it is measured."""
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server()) if "redis" in plan.stores else None
        for server in plan.servers:
            for store in plan.stores:
                used = redis if store == "redis" else None
                url = f"redis://127.0.0.1:{used.port}/0" if used is not None else None
                with web_server(server, url) as process:
                    for sessions in plan.sessions:
                        figures = _load(process, used, sessions, plan)
                        yield Cell(server, store, sessions, figures["echo"], figures["counter"])


def _load(server: Process, redis: Process | None, sessions: int, plan: Plan) -> dict[str, Summary]:
    command = [
        *(sys.executable, "-m", "benchmarks.load"),
        *("--port", str(server.port), "--server", str(server.pid), "--sessions", str(sessions)),
        *("--seconds", str(plan.seconds), "--rounds", str(plan.rounds)),
        *(("--redis", str(redis.pid)) if redis is not None else ()),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the load failed:\n{done.stderr}")
    figures: dict[str, Summary] = json.loads(done.stdout)
    return figures


#: Heading and content of each column of the table.
_COLUMNS: Sequence[tuple[str, Callable[[Cell], str]]] = (
    ("server", lambda cell: cell.server),
    ("store", lambda cell: cell.store),
    ("sessions", lambda cell: str(cell.sessions)),
    ("events/s", lambda cell: f"{cell.counter['events_per_second']:.0f}"),
    ("echo/s", lambda cell: f"{cell.echo['events_per_second']:.0f}"),
    ("ratio", lambda cell: f"{cell.throughput_ratio:.2f}"),
    ("p50 ms", lambda cell: f"{cell.counter['p50_ms']:.2f}"),
    ("p95 ms", lambda cell: f"{cell.counter['p95_ms']:.2f}"),
    ("p99 ms", lambda cell: f"{cell.counter['p99_ms']:.2f}"),
    ("echo p50/p99", lambda cell: f"{cell.echo['p50_ms']:.2f}/{cell.echo['p99_ms']:.2f}"),
    ("CPU ms", lambda cell: f"{cell.counter['server_cpu_ms_per_event']:.3f}"),
    ("echo CPU", lambda cell: f"{cell.echo['server_cpu_ms_per_event']:.3f}"),
    ("ratio", lambda cell: f"{cell.cpu_ratio:.2f}"),
    ("redis CPU", lambda cell: f"{cell.counter['redis_cpu_ms_per_event']:.3f}"),
    ("RSS MB", lambda cell: f"{cell.counter['resident_bytes'] / 1e6:.0f}"),
)
_WIDTHS = [max(len(heading), 8) for heading, _ in _COLUMNS]


def heading() -> str:
    """Return the table's first lines."""
    names = "  ".join(name.rjust(width) for (name, _), width in zip(_COLUMNS, _WIDTHS, strict=True))
    return f"{names}\n{'-' * len(names)}"


def row(cell: Cell) -> str:
    """Return the table's line for a cell."""
    texts = [show(cell) for _, show in _COLUMNS]
    return "  ".join(text.rjust(width) for text, width in zip(texts, _WIDTHS, strict=True))
