"""A real PostgreSQL for tests: a cluster of its own on a socket of its own, gone with the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any


class PostgresServer:
    """One server process; `database` is what Django's settings want to know of it."""

    def __init__(self, pg_ctl: str) -> None:
        self._pg_ctl = str(Path(pg_ctl).resolve())
        # A socket's path has to be short, so the system's folder and not pytest's.
        self._folder = Path(tempfile.mkdtemp(prefix="streamsync-pg-", dir="/tmp"))
        self.database: dict[str, Any] = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "tester",
            "HOST": str(self._folder),
        }

    def start(self) -> PostgresServer:
        """Make the cluster, and return once its server answers."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
        self._run("initdb", "-o", "--username=tester --auth=trust --no-sync --encoding=UTF8 --locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c fsync=off"
        self._run("start", "-w", "-l", str(self._folder / "log"), "-o", options)
        return self

    def stop(self) -> None:
        """End the server, if it was started, and remove its files."""
        try:
            if (self._folder / "data" / "postmaster.pid").exists():
                self._run("stop", "-m", "immediate")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, command: str, *arguments: str) -> None:
        # The server refuses to run as root. What it says goes to files: pipes would stay open with it.
        as_user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [*as_user, self._pg_ctl, command, "-s", "-D", self._folder / "data", *arguments],
                cwd="/",
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"pg_ctl {command} failed: {said.read().decode(errors='replace')}")
