"""Which layout visitors get, and when a running page gets another one."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import override_settings

from streamsync_django import hosting
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import ApplicationError
from streamsync_django.layouts.operations import Update
from streamsync_django.layouts.ui_json import export_ui_json, import_ui_json
from streamsync_django.models import Layout
from streamsync_django.publishing import drafts, revisions, source
from streamsync_django.publishing.mirror import has_changed_on_disk, read_layout, write_draft
from streamsync_django.publishing.source import DatabaseLayouts, file_digest
from streamsync_django.publishing.watching import PublicationWatch
from tests.layouts_db.conftest import make_tree
from tests.live import Page, button, write_application
from tests.plugins.live import serve

__all__ = ["serve"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small shop as files."""
    (tmp_path / "main.py").write_text("import streamsync_django as ss\nss.init_state({'sold': 0})\n")
    (tmp_path / "ui.json").write_text(export_ui_json(make_tree()))
    return tmp_path


@pytest.fixture
def managed(folder: Path, db: None) -> str:
    """The shop, whose draft came from its file."""
    tree, digest = read_layout(folder)
    drafts.begin("shop", tree, file_digest=digest)
    return "shop"


def sell(text: str) -> list[Update]:
    return [Update(id="buy", content={"text": text})]


def text_of(tree: ComponentTree) -> str:
    return tree["buy"].content["text"]


@pytest.mark.django_db
def test_an_application_the_database_does_not_know_has_its_file(folder: Path) -> None:
    assert DatabaseLayouts().load("shop", folder) == make_tree()


def test_before_publishing_visitors_have_the_file_and_then_the_revision(managed: str, folder: Path) -> None:
    layouts = DatabaseLayouts()
    drafts.edit(managed, sell("Sell"), base=0)
    assert text_of(layouts.load(managed, folder)) == "Buy"
    revisions.publish(managed)
    drafts.edit(managed, sell("Give"), base=1)
    assert text_of(layouts.load(managed, folder)) == "Sell"


def test_before_migrating_there_is_the_file(folder: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_known_tables", set())
    with patch.object(source, "_has_table", return_value=False):
        assert DatabaseLayouts().load("shop", folder) == make_tree()


def test_a_database_that_is_down_leaves_the_layout_known_last(
    managed: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    layouts = DatabaseLayouts()
    drafts.edit(managed, sell("Sell"), base=0)
    revisions.publish(managed)
    layouts.load(managed, folder)
    with patch.object(Layout.objects, "filter", side_effect=OperationalError("connection refused")):
        assert text_of(layouts.load(managed, folder)) == "Sell"
        with pytest.raises(ApplicationError, match="connection refused"):
            DatabaseLayouts().load(managed, folder)
    assert "keeps the layout it has" in caplog.text


@override_settings(DEBUG=True)
def test_while_debugging_the_newer_of_draft_and_file_shows(managed: str, folder: Path) -> None:
    layouts = DatabaseLayouts()
    (folder / "ui.json").write_text(export_ui_json(make_tree(buy={"text": "Pulled"})))
    assert text_of(layouts.load(managed, folder)) == "Pulled"
    drafts.edit(managed, sell("Edited"), base=0)
    assert text_of(layouts.load(managed, folder)) == "Edited"


def test_a_draft_is_written_to_its_file_unless_somebody_else_wrote_there(managed: str, folder: Path) -> None:
    path = folder / "ui.json"
    drafts.edit(managed, sell("Sell"), base=0)
    assert write_draft(managed, folder)
    assert text_of(import_ui_json(path.read_bytes())) == "Sell"
    assert not has_changed_on_disk(drafts.load(managed), folder)

    path.write_text(export_ui_json(make_tree(buy={"text": "Pulled"})))
    drafts.edit(managed, sell("Give"), base=1)
    assert not write_draft(managed, folder)
    assert text_of(import_ui_json(path.read_bytes())) == "Pulled"
    assert has_changed_on_disk(drafts.load(managed), folder)

    tree, digest = read_layout(folder)
    drafts.replace(managed, tree, base=2, file_digest=digest)
    assert not has_changed_on_disk(drafts.load(managed), folder)
    assert digest == file_digest(path)


def test_an_accepted_edit_is_in_the_file_while_developing(
    managed: str, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        override_settings(STREAMSYNC={"APPS": {"shop": str(folder)}, "WRITE_LAYOUTS": True}),
        django_capture_on_commit_callbacks(execute=True),
    ):
        drafts.edit(managed, sell("Sell"), base=0)
    assert text_of(import_ui_json((folder / "ui.json").read_bytes())) == "Sell"


@pytest.fixture
def at_files(managed: str, folder: Path) -> Iterator[str]:
    with override_settings(STREAMSYNC={"APPS": {"shop": str(folder)}, "RELOAD": False}):
        yield managed


def test_what_is_published_here_is_served_here_at_once(
    at_files: str, django_capture_on_commit_callbacks: Any
) -> None:
    registry = hosting.get_registry()
    seen: list[str] = []
    assert text_of(registry.get("shop").tree) == "Buy"
    base = registry.get("shop").base
    registry.follow(lambda old, new: seen.append(text_of(new.tree)))
    drafts.edit(at_files, sell("Sell"), base=0)
    with django_capture_on_commit_callbacks(execute=True):
        revisions.publish(at_files)
    assert seen == ["Sell"]
    assert registry.get("shop").base is base


def test_what_another_process_publishes_is_taken_at_the_next_look(at_files: str) -> None:
    registry = hosting.get_registry()
    watch = PublicationWatch(registry, poll_seconds=1)
    assert text_of(registry.get("shop").tree) == "Buy"
    watch.look()
    drafts.edit(at_files, sell("Sell"), base=0)
    revisions.publish(at_files)  # its signal waits for a commit that this test never makes
    assert text_of(registry.get("shop").tree) == "Buy"
    watch.look()
    assert text_of(registry.get("shop").tree) == "Sell"
    with patch.object(Layout.objects, "filter", side_effect=OperationalError("down")):
        watch.look()
    assert text_of(registry.get("shop").tree) == "Sell"


async def test_a_running_page_gets_the_published_layout_and_keeps_its_state(
    tmp_path: Path, transactional_db: None, serve: Callable[..., None]
) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({"sold": 0})
        def buy(state):
            state["sold"] += 1
        """
    folder = write_application(tmp_path / "shop", main, [button("buy", "buy", text="Buy")])
    await asyncio.to_thread(drafts.begin, "shop", read_layout(folder)[0])
    serve(shop=folder, RELOAD=False)
    page = await Page.open("shop")
    try:
        await page.trigger("buy")
        await page.until(lambda: page.state["sold"] == 1)
        await asyncio.to_thread(drafts.edit, "shop", sell("Sell"), base=0)
        await asyncio.to_thread(revisions.publish, "shop")
        await page.until(lambda: page.layout["components"]["buy"]["content"]["text"] == "Sell")
        await page.trigger("buy")
        await page.until(lambda: page.state["sold"] == 2)
    finally:
        await page.close()
