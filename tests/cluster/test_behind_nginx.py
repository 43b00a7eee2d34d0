"""`make cluster`: instances behind a real nginx, with the configuration of deploy/."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from project.settings import SECRET_KEY
from tests.cluster.tabs import Tab
from tests.patience import overload

pytestmark = pytest.mark.nginx

ROOT = Path(__file__).resolve().parents[2]


class Show:
    """The script as it runs, and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.printed = ""

    async def prints(self, pattern: str, times: int = 1, seconds: float = 60) -> list[str]:
        """Read on until something has been printed so often."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds * overload()):
            while len(found := re.findall(pattern, self.printed)) < times:
                line = await self.process.stdout.readline()
                assert line, f"it has ended: {self.printed}"
                self.printed += line.decode()
        return found


@pytest.fixture
async def show(
    redis_server_program: str, nginx_program: str, cluster_database: Path, tmp_path: Path
) -> AsyncIterator[Show]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PORT": str(port),
        "STREAMSYNC_TEST_REDIS_SERVER": redis_server_program,
        "STREAMSYNC_TEST_NGINX": nginx_program,
        "DJANGO_SETTINGS_MODULE": "tests.cluster.settings",
        "SECRET_KEY": SECRET_KEY,
        "STREAMSYNC_DEMO_DATABASE": str(cluster_database),
    }
    with (tmp_path / "errors").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "scripts/cluster.py"),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    show = Show(process, port)
    try:
        await show.prints(f"http://127.0.0.1:{port}/")
        yield show
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 60 * overload())
        print(show.printed, (tmp_path / "errors").read_text())


async def test_clicks_through_nginx_count_once_whichever_instance_dies(show: Show) -> None:
    tabs = [await Tab.open("lab", lambda: show.port) for _ in range(6)]
    try:
        pids = [int(pid) for pid in await show.prints(r"instance on port \d+: process (\d+)", 2)]
        for restarts, pid in enumerate(pids, start=1):
            await asyncio.gather(*(click(tab) for tab in tabs))
            os.kill(pid, signal.SIGKILL)
            await asyncio.gather(*(click(tab) for tab in tabs))
            await show.prints(r"instance on port \d+: process \d+", 2 + restarts)
        await asyncio.gather(*(tab.settle() for tab in tabs))
        for tab in tabs:
            interrupted = sum(status == "interrupted" for status, _ in tab.results.values())
            assert {status for status, _ in tab.results.values()} <= {"ok", "interrupted"}
            assert tab.sent - interrupted <= tab.state["count"] <= tab.sent == 80
            assert tab.ended is None
    finally:
        await asyncio.gather(*(tab.close() for tab in tabs))
    show.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(show.process.wait(), 60 * overload()) == 0


async def click(tab: Tab) -> None:
    """Click for four seconds: the script takes an instance that ends sooner for one that cannot start."""
    for _ in range(20):
        await tab.trigger("increment")
        await asyncio.sleep(0.2)
