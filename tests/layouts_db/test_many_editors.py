"""Eight editors on two instances and one database: nothing accepted is lost, nothing refused is silent."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres_server import PostgresServer

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
largest = 0
for edit in Edit.objects.order_by("version"):
    draft = apply_edit(draft, edit.operations, base=draft.version).draft
    assert ComponentTree.from_records(draft.tree.to_records()) == draft.tree
    largest = max(largest, len(draft.tree))
stored = drafts.load("shop").draft
assert stored == draft, (stored, draft)
assert largest > 10  # the operations built something
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
        [sys.executable, "-X", "faulthandler", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output_of(process: "subprocess.Popen[str]") -> str:
    said, errors = process.communicate(
        timeout=1200
    )  # twenty seconds of work; a busy machine may take its time
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
    # Both happen a lot, or nothing was tried.
    assert OPERATIONS < len(accepted) < len(results) - OPERATIONS
    assert sorted(accepted.values()) == list(range(1, len(accepted) + 1))
    assert json.loads(output_of(run(database, "-c", CHECK))) == accepted


def test_on_sqlite_as_django_configures_it(tmp_path: Path) -> None:
    name = str(tmp_path / "editors.sqlite3")
    check_many_editors({"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {"timeout": 600}})


@pytest.fixture
def postgres(postgres_program: str) -> Iterator[dict[str, Any]]:
    """A PostgreSQL server of the test's own."""
    server = PostgresServer(postgres_program)
    try:
        yield server.start().database
    finally:
        server.stop()


@pytest.mark.postgres
def test_on_postgresql(postgres: dict[str, Any]) -> None:
    check_many_editors(postgres)
