"""`make cluster`: the demo site on two instances behind nginx, with Redis, all on this machine.

Everything runs in the foreground and ends with Ctrl-C. Kill an instance by the process id that is printed, and
watch pages go on at the other one; it is started again.
"""

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

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("PORT", "8080"))
INSTANCES = int(os.environ.get("INSTANCES", "2"))
#: As DRAIN_SECONDS, and time to notice.
STOP_SECONDS = 15


class Program:
    """One process, started again when it ends."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._started_at = 0.0
        self._process = self._start()

    def look_after(self) -> None:
        """Start it again if it has ended; raises RuntimeError when it does not stay up."""
        if self._process.poll() is None:
            return
        if time.monotonic() - self._started_at < 3:
            raise RuntimeError(f"{self.name} ended at once, with code {self._process.returncode}")
        self._process = self._start()

    def stop(self) -> None:
        """Let it end by itself, or kill it when it takes too long."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._started_at = time.monotonic()
        # A session of its own: Ctrl-C reaches this script only, which stops things in their order.
        process = subprocess.Popen(
            self._command, cwd=ROOT, env=dict(self._environment), start_new_session=True
        )
        print(f"{self.name}: process {process.pid}", flush=True)
        return process


def main() -> None:
    """Start everything, and keep it up until Ctrl-C."""
    redis = _program("redis-server", "STREAMSYNC_TEST_REDIS_SERVER")
    nginx = _program("nginx", "STREAMSYNC_TEST_NGINX")
    with tempfile.TemporaryDirectory(prefix="streamsync-cluster-") as name:
        folder = Path(name)
        ports = [_free_port() for _ in range(INSTANCES + 1)]
        environment = {**os.environ, "REDIS_URL": f"redis://127.0.0.1:{ports[0]}/0", "PYTHONUNBUFFERED": "1"}
        programs = []
        try:
            programs.append(Program("redis", _redis(redis, ports[0], folder), environment))
            _wait_for(ports[0])
            for port in ports[1:]:
                command = [sys.executable, "-m", "daphne", "--bind", "127.0.0.1", "--port", str(port)]
                command += ["--verbosity", "0", "project.asgi:application"]
                programs.append(Program(f"instance on port {port}", command, environment))
            for port in ports[1:]:
                _wait_for(port)
            programs.append(Program("nginx", _nginx(nginx, ports[1:], folder), environment))
            _wait_for(PORT)
            print(f"\nhttp://127.0.0.1:{PORT}/  (Ctrl-C ends everything)\n", flush=True)
            while True:
                for program in programs:
                    program.look_after()
                time.sleep(0.5)
        except KeyboardInterrupt:
            print("\nending: running handlers may finish", flush=True)
        finally:
            for program in reversed(programs):
                program.stop()


def _redis(program: str, port: int, folder: Path) -> list[str]:
    return [
        *(program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
        *("--appendonly", "yes", "--maxmemory-policy", "noeviction", "--loglevel", "warning"),
    ]


def _nginx(program: str, ports: list[int], folder: Path) -> list[str]:
    """Write the configuration of deploy/, with the ports that are free here."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    lines = [line for line in text.splitlines() if "127.0.0.1:8002" not in line]
    servers = "\n".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in ports)
    site = "\n".join(servers if "127.0.0.1:8001" in line else line for line in lines)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{PORT};")
    # With debugging on, the instances serve static files themselves.
    before, _, rest = site.partition("    location /static/ {")
    site = before + rest.partition("    }\n")[2]
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log stderr warn;\nevents {{}}\n"
        f"http {{\n    access_log off;\n{temporary}\n{site}\n}}\n"
    )
    return [program, "-c", str(path), "-p", str(folder)]


def _program(name: str, variable: str) -> str:
    found = shutil.which(os.environ.get(variable, name)) or shutil.which(f"/usr/sbin/{name}")
    if found is None:
        sys.exit(f"{name} is not installed: install it, or name it in {variable}")
    return found


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
