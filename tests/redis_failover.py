"""A real primary with a replica, and the sentinels that make the one the other."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from tests.redis_server import RedisServer, find_redis_server, free_port

SERVICE = "mymaster"
#: How many sentinels there are, and how many have to agree that the primary is gone.
SENTINELS, QUORUM = 3, 2


class Failover:
    """One primary, one replica, three sentinels; `url` is what a site is given."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="streamsync-sentinel-")
        self.primary = RedisServer("--repl-diskless-sync-delay", "0")
        self.replica = RedisServer("--replicaof", "127.0.0.1", str(self.primary.port))
        self.sentinel_ports = [free_port() for _ in range(SENTINELS)]
        places = ",".join(f"127.0.0.1:{port}" for port in self.sentinel_ports)
        self.url = f"redis+sentinel://{places}/{SERVICE}/0"
        self._sentinels: list[subprocess.Popen[bytes]] = []

    def start(self) -> Failover:
        """Return once the replica follows and every sentinel knows it and its peers."""
        self.primary.start()
        self.replica.start()
        _until(lambda: _asked(self.replica.port, lambda client: client.info())["master_link_status"] == "up")
        for port in self.sentinel_ports:
            self._start_sentinel(port)
        _until(lambda: all(self._is_ready(port) for port in self.sentinel_ports))
        return self

    def fail(self) -> None:
        """Kill the primary; returns once a sentinel names the replica instead."""
        self.primary.kill()
        self.wait_for(self.replica)

    def cut_replication(self) -> None:
        """Let the replica hear nothing more of the primary: what is written from now on is only there."""
        _asked(self.replica.port, lambda client: client.config_set("masterauth", "none is asked for"))
        _asked(self.primary.port, lambda client: client.execute_command("CLIENT", "KILL", "TYPE", "replica"))
        _until(
            lambda: _asked(self.replica.port, lambda client: client.info())["master_link_status"] == "down"
        )

    def wait_for(self, server: RedisServer) -> None:
        """Return once every living sentinel names this server as the primary, and it takes writes."""
        living = [
            port
            for port, process in zip(self.sentinel_ports, self._sentinels, strict=True)
            if process.poll() is None
        ]
        _until(lambda: all(self._named(port) == server.port for port in living))
        _until(lambda: _asked(server.port, lambda client: client.info())["role"] == "master")

    def kill_sentinel(self) -> None:
        """End the sentinel that is named first."""
        self._sentinels[0].kill()
        self._sentinels[0].wait()

    def stop(self) -> None:
        """End everything."""
        for process in self._sentinels:
            process.kill()
            process.wait()
        self.replica.stop()
        self.primary.stop()
        self._directory.cleanup()

    def _start_sentinel(self, port: int) -> None:
        path = Path(self._directory.name) / f"{port}.conf"
        path.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {self._directory.name}\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary.port} {QUORUM}\n"
            f"sentinel down-after-milliseconds {SERVICE} 500\n"
            f"sentinel failover-timeout {SERVICE} 2000\n"
        )
        command = [find_redis_server(), str(path), "--sentinel"]
        self._sentinels.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )

    def _is_ready(self, port: int) -> bool:
        facts = _asked(port, lambda client: client.execute_command("SENTINEL", "MASTER", SERVICE))
        known = dict(zip(facts[::2], facts[1::2], strict=True))
        return (known[b"num-slaves"], known[b"num-other-sentinels"]) == (b"1", b"%d" % (SENTINELS - 1))

    def _named(self, port: int) -> int:
        return int(
            _asked(
                port, lambda client: client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
            )[1]
        )


def _asked(port: int, question: Callable[[Any], Any]) -> Any:
    with redis.Redis("127.0.0.1", port, protocol=2) as client:
        return question(client)


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except (redis.RedisError, KeyError):
            pass
        assert time.monotonic() < deadline, "Redis, or its sentinels, did not get there in time"
        time.sleep(0.05)
