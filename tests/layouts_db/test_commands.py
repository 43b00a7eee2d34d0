"""Commands of manage.py: layouts between files and the database, and a new application."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from streamsync_django.layouts.files import FileLayouts
from streamsync_django.layouts.operations import Update
from streamsync_django.layouts.ui_json import export_ui_json, import_ui_json
from streamsync_django.publishing import drafts
from streamsync_django.publishing.mirror import has_changed_on_disk
from streamsync_django.runtime.loader import load_application
from tests.layouts_db.conftest import make_tree

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, db: None) -> Iterator[Path]:
    """The small shop as files, in the settings."""
    (tmp_path / "main.py").write_text("")
    (tmp_path / "ui.json").write_text(export_ui_json(make_tree()))
    with override_settings(STREAMSYNC={"APPS": {"shop": str(tmp_path)}, "RELOAD": False}):
        yield tmp_path


def layout(*arguments: str) -> str:
    out = io.StringIO()
    call_command("streamsync", "layout", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def edit(text: str) -> None:
    version = drafts.load("shop").version
    drafts.edit("shop", [Update(id="buy", content={"text": text})], base=version)


def published_text() -> Any:
    published = drafts.load("shop").published
    return published and published.tree["buy"].content["text"]


def test_a_deploy_takes_over_what_came_with_the_code(folder: Path) -> None:
    assert "imported and published" in layout("import", "--if-changed")
    assert published_text() == "Buy"
    assert "unchanged" in layout("import", "--if-changed")
    (folder / "ui.json").write_text(export_ui_json(make_tree(buy={"text": "Sell"})))
    assert "imported and published" in layout("import", "--if-changed")
    assert published_text() == "Sell"


def test_a_deploy_never_overwrites_edits_of_the_database(folder: Path) -> None:
    layout("import", "--if-changed")
    edit("Edited")
    (folder / "ui.json").write_text(export_ui_json(make_tree(buy={"text": "Pulled"})))
    assert "NOT imported" in layout("import", "--if-changed")
    with pytest.raises(CommandError, match="--force"):
        layout("import", "shop")
    assert drafts.load("shop").draft.tree["buy"].content["text"] == "Edited"
    assert "'Edited' -> 'Pulled'" in layout("diff", "shop", "draft", "file")
    layout("import", "shop", "--force", "--publish")
    assert published_text() == "Pulled"


def test_publish_diff_and_revert(folder: Path) -> None:
    layout("import", "shop")
    assert published_text() is None
    assert "revision 1" in layout("publish", "shop", "--message", "opening")
    edit("Sell")
    assert "'Buy' -> 'Sell'" in layout("diff", "shop")
    assert "revision 2" in layout("publish", "shop")
    assert "no difference" in layout("diff", "shop")
    assert "revision 3" in layout("revert", "shop", "1")
    assert published_text() == "Buy"
    assert "'Sell' -> 'Buy'" in layout("diff", "shop", "2", "3")


def test_export_writes_the_draft_or_a_revision(folder: Path, tmp_path: Path) -> None:
    layout("import", "shop", "--publish")
    edit("Sell")
    assert layout("export", "shop") == export_ui_json(drafts.load("shop").draft.tree)
    assert layout("export", "shop", "--revision", "1") == export_ui_json(make_tree())
    assert '"streamsync_version": "0.5.0"' in layout("export", "shop", "--old")
    layout("export", "shop", "--output", str(tmp_path / "other.json"))
    assert import_ui_json((tmp_path / "other.json").read_bytes())["buy"].content["text"] == "Sell"
    layout("export", "shop", "--output", "-")
    assert import_ui_json((folder / "ui.json").read_bytes())["buy"].content["text"] == "Sell"
    (folder / "ui.json").write_text(export_ui_json(make_tree()))
    with pytest.raises(CommandError, match="not written"):
        layout("export", "shop", "--output", "-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "nothing"), "no application 'nothing'"),
        (("diff", "shop", "yesterday"), "not draft, file, published"),
        (("publish", "shop"), "no layout"),
        (("import", "shop", "--file", "/nowhere/ui.json"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        layout(*arguments)


def test_a_place_that_cannot_be_written_is_named(folder: Path) -> None:
    layout("import", "shop")
    for place in (folder / "nowhere" / "ui.json", folder):
        with pytest.raises(CommandError, match="cannot be written"):
            layout("export", "shop", "--output", str(place))
    assert {path.name for path in folder.iterdir()} == {"main.py", "ui.json"}  # and nothing is left behind


def test_a_deployed_file_that_says_what_the_draft_says_is_published(folder: Path) -> None:
    layout("import", "--if-changed")
    edit("Sell")
    (folder / "ui.json").write_text(export_ui_json(drafts.load("shop").draft.tree))
    assert published_text() == "Buy"
    assert "imported and published" in layout("import", "--if-changed")
    assert published_text() == "Sell"
    assert not has_changed_on_disk(drafts.load("shop"), folder)
    assert "unchanged" in layout("import", "--if-changed")


def test_old_edits_are_pruned(folder: Path) -> None:
    layout("import", "shop")
    edit("Sell")
    assert "0 edits" in layout("prune")


def test_a_new_application_loads_and_its_test_passes(tmp_path: Path) -> None:
    folder = tmp_path / "my_shop"
    call_command("startstreamsync", "my_shop", str(folder), stdout=io.StringIO())
    loaded = load_application("my_shop", folder, FileLayouts())
    assert loaded.title == "My shop"
    assert loaded.tree["button"].handlers == {"ss-click": "increment"}
    test = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_my_shop.py")]
    done = subprocess.run(
        test, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stdout
    with pytest.raises(CommandError, match="not empty"):
        call_command("startstreamsync", "my_shop", str(folder))
    with pytest.raises(CommandError, match="no name"):
        call_command("startstreamsync", "My Shop")


def test_importing_another_file_does_not_make_the_applications_own_look_changed(folder: Path) -> None:
    layout("import", "--if-changed")
    other = folder / "other.json"
    other.write_text(export_ui_json(make_tree(buy={"text": "Sell"})))
    layout("import", "shop", "--file", str(other))
    assert drafts.load("shop").draft.tree["buy"].content["text"] == "Sell"
    assert not has_changed_on_disk(drafts.load("shop"), folder)
