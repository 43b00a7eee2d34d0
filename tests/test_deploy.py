"""What is in deploy/ names what exists, and the programs that will read it understand it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"


def test_the_image_copies_what_exists_and_starts_a_server_that_hears_signals() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    ignored = {line.strip("/*") for line in (ROOT / ".dockerignore").read_text().splitlines()}
    assert ignored.isdisjoint(copied)
    (command,) = [line for line in lines if line.startswith("CMD ")]
    assert command.startswith('CMD ["daphne"'), "a shell in front would keep SIGTERM to itself"
    assert "project.asgi:application" in command


def test_the_composition_names_files_and_variables_that_are_there() -> None:
    text = (DEPLOY / "docker-compose.yml").read_text()
    for mounted in re.findall(r'"(\./[^:"]+):', text):
        assert (DEPLOY / mounted).is_file(), mounted
    (dockerfile,) = set(re.findall(r"dockerfile: ([\w/]+)", text))
    assert (ROOT / dockerfile).is_file()
    settings = (ROOT / "project" / "settings.py").read_text()
    for variable in set(re.findall(r"^ +((?:STREAMSYNC|REDIS|SECRET)_\w+):", text, re.MULTILINE)):
        assert variable in settings, variable
    assert "noeviction" in text
    assert int(re.findall(r"stop_grace_period: (\d+)s", text)[0]) > 10, "longer than DRAIN_SECONDS"
    changed = "server 127.0.0.1:8001", "127.0.0.1:8002"
    assert all(f"/{name}/" in text and name in (DEPLOY / "nginx.conf").read_text() for name in changed)


def test_units_leave_handlers_the_time_to_end() -> None:
    unit = (DEPLOY / "streamsync@.service").read_text()
    assert int(re.findall(r"^TimeoutStopSec=(\d+)", unit, re.MULTILINE)[0]) > 10
    ports = re.findall(r"streamsync@(\d+)\.service", (DEPLOY / "streamsync.target").read_text())
    assert ports == re.findall(r"server 127\.0\.0\.1:(\d+)", (DEPLOY / "nginx.conf").read_text())


@pytest.mark.nginx
def test_nginx_understands_its_configuration(tmp_path: Path, nginx_program: str) -> None:
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{ access_log off; include {DEPLOY}/nginx.conf; }}\n"
    )
    done = subprocess.run(
        [nginx_program, "-t", "-p", tmp_path, "-c", configuration], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_instances_are_replaced_one_after_the_other_and_it_stops_at_one_that_does_not_come_up(
    tmp_path: Path,
) -> None:
    """`systemctl` restarts nothing here, `curl` finds the first instance back at its second look, the other never."""
    log = tmp_path / "log"
    write_program(tmp_path / "systemctl", f'echo "systemctl $*" >> {log}')
    write_program(
        tmp_path / "curl",
        f'echo "curl $*" >> {log}\n'
        f'case "$*" in *:8001/*) [ "$(grep -c ":8001/" {log})" -ge 2 ] ;; *) exit 22 ;; esac',
    )
    write_program(tmp_path / "sleep", "exit 0")
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "STREAMSYNC_HEALTH_HOST": "shop.test",
    }
    command = ["sh", DEPLOY / "rolling-restart.sh", "8001", "8002", "8003"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "port 8002 does not come up" in done.stderr
    said = log.read_text().splitlines()
    assert [line for line in said if line.startswith("systemctl")] == [
        "systemctl restart streamsync@8001",
        "systemctl restart streamsync@8002",
    ], "8003 goes on serving"
    looks = [line for line in said if line.startswith("curl")]
    assert all("Host: shop.test" in line and line.endswith("/-/health/") for line in looks)
    assert [":8001/" in line for line in looks] == [True] * 2 + [False] * 120


def write_program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
