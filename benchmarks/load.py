"""The client process: ``python -m benchmarks.load`` puts a server under load and prints one JSON object.

Counter and bare echo take turns against the same server, so that what else the machine does meets both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.processes import Usage, usage_of
from benchmarks.visitors import CounterVisitor, EchoVisitor, Visitor

#: Clicks of each visitor before anything counts: threads start, caches fill.
WARM_UP_SECONDS = 0.3


@dataclass(slots=True)
class Figures:
    """What one kind of visitors measured, over all of its turns."""

    events: int = 0
    seconds: float = 0.0
    server_cpu_seconds: float = 0.0
    redis_cpu_seconds: float = 0.0
    client_cpu_seconds: float = 0.0
    resident_bytes: int = 0
    latencies: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float | int]:
        """Return the figures a report shows; times in milliseconds."""
        points = quantiles(self.latencies, n=100, method="inclusive")
        each = 1000 / max(1, self.events)
        return {
            "events": self.events,
            "seconds": self.seconds,
            "events_per_second": self.events / self.seconds,
            "p50_ms": points[49] * 1000,
            "p95_ms": points[94] * 1000,
            "p99_ms": points[98] * 1000,
            "server_cpu_ms_per_event": self.server_cpu_seconds * each,
            "redis_cpu_ms_per_event": self.redis_cpu_seconds * each,
            "client_cpu_ms_per_event": self.client_cpu_seconds * each,
            "resident_bytes": self.resident_bytes,
        }


@dataclass(frozen=True, slots=True)
class _Reading:
    """The clocks of everybody at one moment."""

    wall: float
    client: float
    server: Usage
    redis: Usage | None


class Load:
    """Visitors of both kinds against one server."""

    def __init__(self, port: int, server: int, redis: int | None, sessions: int) -> None:
        self._port = port
        self._server = server
        self._redis = redis
        self._sessions = sessions

    async def run(self, seconds: float, rounds: int) -> dict[str, dict[str, float | int]]:
        """Let both kinds click for `seconds` each, in `rounds` turns; raises WrongAnswer."""
        figures = {"echo": Figures(), "counter": Figures()}
        kinds: dict[str, type[EchoVisitor | CounterVisitor]] = {
            "echo": EchoVisitor,
            "counter": CounterVisitor,
        }
        for _ in range(rounds):
            for name, kind in kinds.items():
                await self._turn(kind, figures[name], seconds / rounds)
        return {name: taken.summary() for name, taken in figures.items()}

    async def _turn(self, kind: type[EchoVisitor | CounterVisitor], figures: Figures, seconds: float) -> None:
        latencies: list[float] = []
        visitors: list[Visitor] = [
            await kind.arrive(self._port, latencies.append) for _ in range(self._sessions)
        ]
        for visitor in visitors:
            visitor.start()
        await asyncio.sleep(WARM_UP_SECONDS)
        before, known = self._read(), len(latencies)
        await asyncio.sleep(seconds)
        after, until = self._read(), len(latencies)
        ends = await asyncio.gather(*(visitor.stop() for visitor in visitors), return_exceptions=True)
        for error in filter(None, ends):
            raise error
        for visitor in visitors:
            visitor.close()
            await visitor.check_afterwards()
        figures.latencies += latencies[known:until]
        figures.events += until - known
        figures.seconds += after.wall - before.wall
        figures.client_cpu_seconds += after.client - before.client
        figures.server_cpu_seconds += after.server.cpu_seconds - before.server.cpu_seconds
        figures.resident_bytes = after.server.resident_bytes
        if before.redis is not None and after.redis is not None:
            figures.redis_cpu_seconds += after.redis.cpu_seconds - before.redis.cpu_seconds

    def _read(self) -> _Reading:
        redis = usage_of(self._redis) if self._redis is not None else None
        return _Reading(time.perf_counter(), time.process_time(), usage_of(self._server), redis)


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server", type=int, required=True, help="process id")
    parser.add_argument("--redis", type=int, help="process id")
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    arguments = parser.parse_args()
    load = Load(arguments.port, arguments.server, arguments.redis, arguments.sessions)
    print(json.dumps(asyncio.run(load.run(arguments.seconds, arguments.rounds))))


if __name__ == "__main__":
    main()
