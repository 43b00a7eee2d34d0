"""Publications at the same time, on two instances and one database: each is a revision, or told why not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.layouts_db.test_many_editors import BEGIN, output_of, postgres, run

__all__ = ["postgres"]

PUBLISHERS, TIMES = 3, 20

CHECK = """
import django, json
django.setup()
from streamsync_django.models import Revision
from streamsync_django.publishing import drafts
found = list(Revision.objects.order_by("number").select_related("layout"))
assert [revision.number for revision in found] == list(range(1, len(found) + 1))
assert all(revision.tree.revision == revision.digest for revision in found)
assert all(one.digest != next_.digest for one, next_ in zip(found, found[1:]))
assert drafts.load("shop").published == found[-1]
print(json.dumps({revision.number: revision.digest for revision in found}))
"""


def check_many_publishers(database: dict[str, Any]) -> None:
    output_of(run(database, "-c", BEGIN))
    instances = [
        run(
            database,
            "-m",
            "tests.layouts_db.publishers",
            name,
            str(PUBLISHERS),
            str(TIMES),
        )
        for name in ("one", "two")
    ]
    results = [result for process in instances for result in json.loads(output_of(process))]
    assert len(results) == 2 * PUBLISHERS * TIMES
    published = {result["number"]: result["digest"] for result in results if "number" in result}
    assert all(result["refused"] for result in results if "number" not in result)
    assert all(published[result["number"]] == result["digest"] for result in results if "number" in result)
    revisions = {
        int(number): digest for number, digest in json.loads(output_of(run(database, "-c", CHECK))).items()
    }
    assert revisions == published
    # Both happen, or nothing was tried.
    assert 5 < len(published) < len(results)


def test_on_sqlite_as_django_configures_it(tmp_path: Path) -> None:
    name = str(tmp_path / "publishers.sqlite3")
    check_many_publishers({"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {"timeout": 600}})


@pytest.mark.postgres
def test_on_postgresql(postgres: dict[str, Any]) -> None:
    check_many_publishers(postgres)
