"""Drafts and revisions in the database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from django.utils import timezone

from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.errors import EditConflict, LayoutsUnavailable, UnmanagedLayout
from streamsync_django.layouts.operations import Delete, Update
from streamsync_django.models import Edit, Layout, Revision
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.signals import draft_edited, layout_published
from tests.layouts_db.conftest import make_tree

MakeUser = Callable[..., Any]


def sell(text: str) -> Update:
    return Update(id="buy", content={"text": text})


def test_an_edit_is_written_down_with_who_what_and_how_it_was(shop: str, make_user: MakeUser) -> None:
    ada = make_user("ada")
    edit = drafts.edit(shop, [sell("Sell")], base=0, author=ada)
    layout = drafts.load(shop)
    assert layout.draft.tree["buy"].content["text"] == "Sell"
    assert (layout.version, layout.changed_by) == (1, "ada")
    stored = Edit.objects.get()
    assert stored == edit
    assert list(stored.operations) == [sell("Sell")]
    assert stored.touched == {"buy": ["content.text"]}
    before = stored.before["buy"]
    assert before is not None
    assert before["content"] == {"text": "Buy"}
    ada.delete()
    assert Edit.objects.get().author_name == "ada"


def test_a_refused_edit_leaves_nothing_behind(shop: str) -> None:
    drafts.edit(shop, [sell("Sell")], base=0, client="ada")
    with pytest.raises(EditConflict, match="the server"):
        drafts.edit(shop, [sell("Give")], base=0, client="bob")
    with pytest.raises(LayoutError):
        drafts.edit(shop, [], base=1)
    with pytest.raises(UnmanagedLayout):
        drafts.edit("nobody", [sell("x")], base=0)
    assert Edit.objects.count() == 1


def test_an_edit_sent_twice_is_applied_once(shop: str) -> None:
    first = drafts.edit(shop, [sell("Sell")], base=0, client="ada", key="1")
    again = drafts.edit(shop, [sell("Sell")], base=0, client="ada", key="1")
    other = drafts.edit(shop, [Delete(id="other")], base=0, client="bob", key="1")
    assert again == first
    assert other != first
    assert drafts.load(shop).version == 2


def test_a_database_that_goes_down_midway_leaves_the_draft_as_it_was(shop: str) -> None:
    with (
        patch.object(Edit.objects, "create", side_effect=DatabaseError("gone")),
        pytest.raises(LayoutsUnavailable, match="gone"),
    ):
        drafts.edit(shop, [sell("Sell")], base=0)
    assert drafts.load(shop).draft.tree == make_tree()
    assert drafts.load(shop).version == 0


def test_old_edits_are_forgotten_and_edits_that_build_on_them_refused(shop: str) -> None:
    for number in range(5):
        drafts.edit(shop, [sell(str(number))], base=number)
    Edit.objects.update(created=timezone.now() - timedelta(days=100))
    assert drafts.prune(timedelta(days=90), keep=2) == 3
    with pytest.raises(LayoutError, match="load the draft again"):
        drafts.edit(shop, [Delete(id="other")], base=1)
    drafts.edit(shop, [Delete(id="other")], base=3)


def test_publishing_makes_a_revision_of_the_draft_once(shop: str, make_user: MakeUser) -> None:
    assert drafts.load(shop).is_ahead
    first = revisions.publish(shop, author=make_user("ada"), message=" opening ")
    assert (first.number, first.author_name, first.message) == (1, "ada", "opening")
    assert first.tree == make_tree()
    assert not drafts.load(shop).is_ahead
    assert revisions.publish(shop) == first
    drafts.edit(shop, [sell("Sell")], base=0)
    assert drafts.load(shop).is_ahead
    assert revisions.publish(shop).number == 2


def test_exactly_the_draft_that_was_looked_at_is_published(shop: str) -> None:
    drafts.edit(shop, [sell("Sell")], base=0)
    with pytest.raises(EditConflict, match="'buy'"):
        revisions.publish(shop, version=0)
    assert revisions.publish(shop, version=1).number == 1


def test_a_revision_never_changes(shop: str) -> None:
    revision = revisions.publish(shop)
    revision.message = "other"
    for change in (
        revision.save,
        lambda: Revision.objects.update(message="x"),
        lambda: Revision.objects.filter(pk=revision.pk).update(tree_text=""),
        lambda: Revision.objects.bulk_update([revision], ["message"]),
    ):
        with pytest.raises(TypeError, match="never changed"):
            change()


def test_going_back_is_a_new_revision_with_the_old_layout(shop: str) -> None:
    revisions.publish(shop)
    drafts.edit(shop, [sell("Sell")], base=0)
    revisions.publish(shop)
    back = revisions.revert(shop, 1)
    assert (back.number, back.message) == (3, "Back to revision 1")
    assert back.tree == make_tree()
    assert drafts.load(shop).draft.tree == make_tree()
    assert not drafts.load(shop).is_ahead
    with pytest.raises(UnmanagedLayout, match="revision 9"):
        revisions.revert(shop, 9)


def test_going_back_overwrites_no_edit_that_was_not_seen(shop: str) -> None:
    revisions.publish(shop)
    drafts.edit(shop, [sell("Sell")], base=0)
    with pytest.raises(EditConflict):
        revisions.revert(shop, 1, base=0)
    with pytest.raises(EditConflict):
        revisions.restore(shop, 1, base=0)
    assert drafts.load(shop).draft.tree["buy"].content["text"] == "Sell"
    revisions.restore(shop, 1, base=1)
    assert drafts.load(shop).draft.tree == make_tree()
    assert Revision.objects.count() == 1


def test_who_waits_hears_of_edits_and_revisions_after_the_commit(
    shop: str, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[str] = []

    def hear_edit(slug: str, edit: Edit, **_: object) -> None:
        heard.append(f"{slug} edit {edit.version}")

    def hear_revision(slug: str, revision: Revision, **_: object) -> None:
        heard.append(f"{slug} revision {revision.number}")

    draft_edited.connect(hear_edit)
    layout_published.connect(hear_revision)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            drafts.edit(shop, [sell("Sell")], base=0)
            revisions.publish(shop)
            assert heard == []
        assert heard == ["shop edit 1", "shop revision 1"]
    finally:
        draft_edited.disconnect(hear_edit)
        layout_published.disconnect(hear_revision)


def test_a_draft_the_catalogue_no_longer_allows_can_be_replaced(shop: str) -> None:
    broken = drafts.load(shop).draft_text.replace('"type":"button"', '"type":"gone"')
    Layout.objects.update(draft_text=broken)
    with pytest.raises(LayoutError, match="gone"):
        revisions.publish(shop)
    drafts.replace(shop, make_tree(), base=0)
    assert revisions.publish(shop).tree == make_tree()


def test_beginning_twice_keeps_the_first(shop: str) -> None:
    assert drafts.begin(shop, make_tree(buy={"text": "x"})).draft.tree == make_tree()
