"""The processes a measurement needs, on free ports, and what they cost."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: How long a process may take to come up on a busy machine.
START_SECONDS = 60
STOP_SECONDS = 10

SERVERS: Mapping[str, tuple[str, ...]] = {
    "daphne": ("daphne", "--bind", "127.0.0.1", "--verbosity", "0", "--port", "{port}"),
    "uvicorn": ("uvicorn", "--host", "127.0.0.1", "--log-level", "warning", "--port", "{port}"),
}


@dataclass(frozen=True, slots=True)
class Process:
    """A process that listens."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used so far, its threads included."""

    cpu_seconds: float
    resident_bytes: int


def usage_of(pid: int) -> Usage:
    """Read what a process has used; Linux only, as the whole package ``benchmarks`` is."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"))


@contextmanager
def web_server(kind: str, redis_url: str | None) -> Iterator[Process]:
    """Run the demo site under Daphne or Uvicorn for as long as the context lasts."""
    port = _free_port()
    module, *options = (part.format(port=port) for part in SERVERS[kind])
    with tempfile.TemporaryDirectory(prefix="streamsync-bench-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "STREAMSYNC_DEMO_DATABASE": str(Path(folder) / "db.sqlite3"),
            "REDIS_URL": redis_url or "",
        }
        command = [sys.executable, "-m", module, *options, "benchmarks.asgi:application"]
        with _running(command, port, Path(folder) / "log", environment) as process:
            yield process


@contextmanager
def redis_server() -> Iterator[Process]:
    """Run a redis-server that keeps nothing; raises FileNotFoundError when there is no such program."""
    program = shutil.which(os.environ.get("STREAMSYNC_TEST_REDIS_SERVER", "redis-server"))
    if program is None:
        raise FileNotFoundError("redis-server is not installed; measure with --stores memory")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="streamsync-bench-redis-") as folder:
        command = [
            *(program, "--port", str(port), "--bind", "127.0.0.1"),
            *("--dir", folder, "--save", "", "--appendonly", "no"),
        ]
        with _running(command, port, Path(folder) / "log", os.environ) as process:
            yield process


@contextmanager
def _running(command: list[str], port: int, log: Path, environment: Mapping[str, str]) -> Iterator[Process]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield Process(process.pid, port)
        if process.poll() is not None:
            raise RuntimeError(f"{command[2]} ended by itself:\n{log.read_text(errors='replace')[-4000:]}")
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
