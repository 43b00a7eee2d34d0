"""The demo's account."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(database: Path, *command: str, debug: str = "1") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "STREAMSYNC_DEMO_DATABASE": str(database),
        "STREAMSYNC_DEMO_DEBUG": debug,
        "SECRET_KEY": "x" * 50,
    }
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def users(database: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(database) as connection:
        found = connection.execute("select username, is_superuser from auth_user").fetchall()
    connection.close()
    return found


def test_the_demo_has_one_account_and_only_while_debugging(tmp_path: Path) -> None:
    database = tmp_path / "demo.sqlite3"
    run(database, "manage.py", "migrate", "--verbosity", "0").check_returncode()
    refused = run(database, "scripts/load_demo.py", debug="0")
    assert (refused.returncode, users(database)) == (1, [])
    assert "demo" in run(database, "scripts/load_demo.py").stdout
    assert run(database, "scripts/load_demo.py").stdout == "", "nothing is left to do"
    assert users(database) == [("demo", 1)]
