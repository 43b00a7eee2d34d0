"""What the documentation promises to list, it lists."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from streamsync_django.conf import StreamsyncSettings
from streamsync_django.core.catalogue import load_catalogue

ROOT = Path(__file__).parent.parent
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [item.name.upper() for item in fields(StreamsyncSettings)])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in SETTINGS


def test_every_system_check_is_documented() -> None:
    sources = [*(ROOT / "streamsync_django").glob("*.py"), *(ROOT / "streamsync_django").glob("*/*.py")]
    ids = {found for path in sources for found in re.findall(r"streamsync\.[EWI]\d{3}", path.read_text())}
    assert ids
    assert {check for check in ids if f"`{check}`" not in SETTINGS} == set()


def test_every_event_is_documented_with_its_payload() -> None:
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    events = {event for definition in load_catalogue().values() for event in definition.events}
    assert {event for event in events if f"`{event}`" not in text} == set()


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]), ids=lambda path: path.name
)
def test_no_link_between_pages_is_dead(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_file_that_the_architecture_names_exists() -> None:
    """Names in it are files below the package, folders with a slash, modules of the top level without .py."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "streamsync_django"
    named = re.findall(r"`([\w/]+(?:/|\.(?:py|ts|vue|json)))`", text)
    assert len(named) > 15
    # `redis/` stands in the row of `stores/`, and the page begins with the package's own name.
    places = (ROOT, package, package / "stores")
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


@pytest.mark.parametrize("script", ["make_docs.py", "make_gallery.py"])
def test_what_scripts_write_from_the_catalogue_is_up_to_date(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
