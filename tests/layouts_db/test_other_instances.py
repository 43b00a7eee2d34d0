"""What one process publishes, the open pages of another one get, with nothing between them but the database."""

import json
from pathlib import Path

from tests.layouts_db.test_many_editors import output_of, run

MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
PUBLISH = """
import django, time
django.setup()
from streamsync_django.layouts.operations import Update
from streamsync_django.publishing import drafts, revisions
drafts.edit("shop", [Update(id="buy", content={"text": "Sell"})], base=0)
revisions.publish("shop")
print(time.time())
"""


def test_an_open_page_gets_what_another_process_publishes_and_keeps_its_state(tmp_path: Path) -> None:
    name = str(tmp_path / "instances.sqlite3")
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {"timeout": 60}}
    output_of(run(database, "-c", MIGRATE))
    instance = run(database, "-m", "tests.layouts_db.an_instance", str(tmp_path))
    try:
        assert instance.stdout is not None
        assert instance.stdout.readline() == "ready\n"
        published = float(output_of(run(database, "-c", PUBLISH)))
        report = json.loads(output_of(instance))
    finally:
        instance.kill()
        instance.wait()
    assert report.pop("seen") - published < 5
    assert report == {"is_same_session": True, "welcomes": 1, "has_its_page": True, "sold": 2}
