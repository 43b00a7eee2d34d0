"""A real redis-server for tests: on a free port, in a directory of its own, stopped with the test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest


def find_redis_server() -> str:
    """Return the server's executable; without one, skip the test on a laptop and fail it in CI."""
    named = os.environ.get("STREAMSYNC_TEST_REDIS_SERVER", "redis-server")
    found = shutil.which(named)
    if found is not None:
        return found
    reason = f"{named} not found: install Redis, or name it in STREAMSYNC_TEST_REDIS_SERVER"
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """One server process that can be killed and started again on the same port and files."""

    def __init__(self, *options: str) -> None:
        self._executable = find_redis_server()
        self._options = options
        self._directory = tempfile.TemporaryDirectory(prefix="streamsync-redis-")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> RedisServer:
        """Start the server and return once it answers and has loaded its files."""
        log = Path(self._directory.name) / "redis.log"
        self._process = subprocess.Popen(
            [
                *(self._executable, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", self._directory.name, "--logfile", str(log), "--save", "", *self._options),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End the server as a crash would (SIGKILL); its files stay."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Have the server hang: connections stay, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def clear(self) -> None:
        """Remove the files of a killed server: it comes back empty."""
        for path in Path(self._directory.name).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def stop(self) -> None:
        """End the server and remove its files."""
        self.kill()
        self._directory.cleanup()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
