"""Several real server processes with one Redis, to be killed, frozen, stopped and started again."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from project.settings import SECRET_KEY
from tests.patience import overload
from tests.redis_failover import Failover
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
ServerKind = Literal["daphne", "uvicorn"]
_COMMANDS: Mapping[ServerKind, tuple[str, ...]] = {
    "daphne": ("daphne", "--bind", "127.0.0.1", "--verbosity", "0", "--port", "{port}"),
    "uvicorn": ("uvicorn", "--host", "127.0.0.1", "--log-level", "warning", "--port", "{port}"),
}
_START_SECONDS = 60


class Instance:
    """One server process; its port stays the same however often it is started."""

    def __init__(self, kind: ServerKind, folder: Path, environment: Mapping[str, str]) -> None:
        self.kind = kind
        self._environment = environment
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._log = folder / f"{kind}-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the process has printed so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self, **environment: str) -> None:
        """Start the process and return at once."""
        module, *options = (part.format(port=self.port) for part in _COMMANDS[self.kind])
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *options, "project.asgi:application"],
                cwd=ROOT,
                env={**self._environment, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def ready(self) -> None:
        """Return once it answers; raises RuntimeError with its log if it does not."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                if not self.is_running or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.kind} did not start:\n{self.log[-4000:]}") from None
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to go, as a deployment would; returns at once."""
        self._signal(signal.SIGTERM)

    async def gone(self, seconds: float) -> float:
        """Wait until the process has ended, and return how long that took."""
        assert self._process is not None
        began = time.monotonic()
        while self._process.poll() is None:
            if time.monotonic() - began > seconds * overload():
                raise AssertionError(f"{self.kind} still runs after {seconds} s:\n{self.log[-3000:]}")
            await asyncio.sleep(0.02)
        self._process = None
        return time.monotonic() - began

    def resident_bytes(self) -> int:
        """Return how much memory the process uses."""
        assert self._process is not None
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


class Cluster:
    """Instances behind an imagined round-robin balancer; `next_port` is whom it sends a request to."""

    def __init__(self, redis: RedisServer | Failover, database: Path, settings: Mapping[str, object]) -> None:
        self._redis = redis
        self._folder = Path(tempfile.mkdtemp(prefix="streamsync-cluster-"))
        shutil.copy(database, self._folder / "db.sqlite3")
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.cluster.settings",
            "SECRET_KEY": SECRET_KEY,
            "STREAMSYNC_DEMO_DATABASE": str(self._folder / "db.sqlite3"),
            "REDIS_URL": redis.url,
            "CLUSTER_SETTINGS": json.dumps(settings),
            # Where `sitecustomize` is, which sets an instance's clock.
            "PYTHONPATH": str(Path(__file__).parent / "skewed"),
            "PYTHONUNBUFFERED": "1",
        }
        self.instances: list[Instance] = []
        self._turn = itertools.count()

    @property
    def redis(self) -> RedisServer:
        """The one server that is the cluster's own."""
        assert isinstance(self._redis, RedisServer)
        return self._redis

    async def start(self, *kinds: ServerKind, **environment: str) -> None:
        """Start instances, all at once; each keeps its environment when it is launched again."""
        new = [Instance(kind, self._folder, {**self._environment, **environment}) for kind in kinds]
        for instance in new:
            instance.launch()
        self.instances += new
        await asyncio.gather(*(instance.ready() for instance in new))

    async def manage(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        """Start one of manage.py's commands beside the instances; it can be spoken to."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "manage.py", *arguments),
            cwd=ROOT,
            env={**self._environment, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    def next_port(self) -> int:
        """Return the port of the instance whose turn it is."""
        return self.instances[next(self._turn) % len(self.instances)].port

    def at(self, port: int) -> Instance:
        return next(instance for instance in self.instances if instance.port == port)

    def close(self) -> None:
        """End everything."""
        for instance in self.instances:
            instance.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def make_database(folder: Path) -> Path:
    """Return a migrated database, to be copied."""
    path = folder / "cluster.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.cluster.settings",
        "SECRET_KEY": SECRET_KEY,
        "STREAMSYNC_DEMO_DATABASE": str(path),
    }
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return path
