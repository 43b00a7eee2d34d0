"""Eight editors on two instances and one database: nothing accepted is lost, nothing refused is silent."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import IN_CI

ROOT = Path(__file__).resolve().parents[2]
EDITORS, OPERATIONS = 4, 250

CHECK = """
import django, json
django.setup()
from streamsync_django.core.components import ComponentTree
from streamsync_django.layouts.drafts import Draft, apply_edit
from streamsync_django.models import Edit
from streamsync_django.publishing import drafts
from tests.layouts_db.conftest import make_tree
draft = Draft(make_tree(), 0)
for edit in Edit.objects.order_by("version"):
    draft = apply_edit(draft, edit.operations, base=draft.version).draft
    assert ComponentTree.from_records(draft.tree.to_records()) == draft.tree
stored = drafts.load("shop").draft
assert stored == draft, (stored, draft)
print(json.dumps({edit.key: edit.version for edit in Edit.objects.all()}))
"""
BEGIN = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from streamsync_django.publishing import drafts
from tests.layouts_db.conftest import make_tree
drafts.begin("shop", make_tree())
"""


def run(database: dict[str, Any], *arguments: str) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.layouts_db.concurrent_settings",
        "STREAMSYNC_TEST_DATABASE": json.dumps(database),
    }
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output_of(process: "subprocess.Popen[str]") -> str:
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return said


def check_many_editors(database: dict[str, Any]) -> None:
    output_of(run(database, "-c", BEGIN))
    instances = [
        run(database, "-m", "tests.layouts_db.editors", name, str(EDITORS), str(OPERATIONS))
        for name in ("one", "two")
    ]
    results = [result for process in instances for result in json.loads(output_of(process))]
    assert len(results) == 2 * EDITORS * OPERATIONS
    accepted = {result["key"]: result["version"] for result in results if "version" in result}
    assert all(result["refused"] for result in results if "version" not in result)
    assert len(accepted) > OPERATIONS
    assert sorted(accepted.values()) == list(range(1, len(accepted) + 1))
    assert json.loads(output_of(run(database, "-c", CHECK))) == accepted


def test_on_sqlite_as_django_configures_it(tmp_path: Path) -> None:
    name = str(tmp_path / "editors.sqlite3")
    check_many_editors({"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {"timeout": 60}})


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A PostgreSQL server of the test's own."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/bin")]
    said = os.environ.get("STREAMSYNC_TEST_POSTGRES")
    folder = Path(said) if said else next((place for place in places if (place / "initdb").exists()), None)
    try:
        import psycopg  # noqa: F401 (only whether it is there)
    except ImportError:
        folder = None
    if folder is None:
        message = "no PostgreSQL server, or no psycopg: run `make setup-dev` or set STREAMSYNC_TEST_POSTGRES"
        pytest.fail(message, pytrace=False) if IN_CI else pytest.skip(message)
    # PostgreSQL refuses to run as root, and its socket's path must be short.
    as_user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    data = Path(f"/tmp/streamsync-pg-{os.getpid()}")
    data.mkdir()
    try:
        if as_user:
            shutil.chown(data, "nobody")
        options = f"-c listen_addresses= -c unix_socket_directories={data} -c fsync=off"
        done = {"check": True, "capture_output": True, "cwd": "/"}
        subprocess.run(
            [*as_user, folder / "initdb", "-D", data / "db", "-U", "tester", "-A", "trust"], **done
        )
        subprocess.run(
            [
                *as_user,
                folder / "pg_ctl",
                "-D",
                data / "db",
                "-l",
                data / "log",
                "-o",
                options,
                "-w",
                "start",
            ],
            **done,
        )
        yield {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "tester",
            "HOST": str(data),
        }
        subprocess.run([*as_user, folder / "pg_ctl", "-D", data / "db", "-m", "immediate", "stop"], **done)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def test_on_postgresql(postgres: dict[str, Any]) -> None:
    check_many_editors(postgres)
