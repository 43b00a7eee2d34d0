"""A database that fails in the middle of an edit, a publication or a return: all of it is undone, and said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from django.db.models.signals import post_save, pre_save
from django.test import Client

from streamsync_django.layouts.errors import LayoutsUnavailable
from streamsync_django.layouts.operations import Update
from streamsync_django.models import Edit, Layout, Revision
from streamsync_django.publishing import drafts, revisions
from tests.layouts_db.conftest import make_tree


@contextmanager
def failing(signal: Any, model: Any, error: Exception) -> Iterator[None]:
    """Let whoever saves one of these fail, before or after it was written."""

    def fail(**_: object) -> None:
        raise error

    signal.connect(fail, sender=model)
    try:
        yield
    finally:
        signal.disconnect(fail, sender=model)


def sell(text: str, base: int) -> Edit:
    return drafts.edit("shop", [Update(id="buy", content={"text": text})], base=base)


def stored() -> tuple[int, Any, int, int]:
    layout = drafts.load("shop")
    return layout.version, layout.draft.tree, Edit.objects.count(), Revision.objects.count()


@pytest.mark.parametrize("signal", [pre_save, post_save], ids=["before", "after"])
@pytest.mark.parametrize("model", [Layout, Edit], ids=["the draft", "the edit"])
def test_an_edit_is_undone_and_the_next_one_works(shop: str, model: Any, signal: Any) -> None:
    with (
        failing(signal, model, OperationalError("server closed the connection")),
        pytest.raises(LayoutsUnavailable, match=r"did not take the change to 'shop': server closed"),
    ):
        sell("Sell", 0)
    assert stored() == (0, make_tree(), 0, 0)
    assert sell("Sell", 0).version == 1
    assert stored() == (1, make_tree(buy={"text": "Sell"}), 1, 0)


def test_an_error_that_is_not_the_databases_undoes_the_edit_too(shop: str) -> None:
    with (
        failing(post_save, Edit, ZeroDivisionError("a site's own receiver")),
        pytest.raises(ZeroDivisionError),
    ):
        sell("Sell", 0)
    assert stored() == (0, make_tree(), 0, 0)
    assert sell("Sell", 0).version == 1


@pytest.mark.parametrize("model", [Layout, Revision], ids=["the draft", "the revision"])
def test_a_publication_is_undone_and_takes_the_next_number_later(shop: str, model: Any) -> None:
    revisions.publish(shop)
    sell("Sell", 0)
    with failing(post_save, model, DatabaseError("gone")), pytest.raises(LayoutsUnavailable, match="gone"):
        revisions.publish(shop)
    layout = drafts.load(shop)
    assert layout.published is not None
    assert (layout.published.number, layout.is_ahead, Revision.objects.count()) == (1, True, 1)
    assert revisions.publish(shop).number == 2


def test_a_return_that_fails_at_its_end_has_not_begun(shop: str) -> None:
    revisions.publish(shop)
    sell("Sell", 0)
    revisions.publish(shop)
    before = stored()
    with failing(post_save, Revision, DatabaseError("gone")), pytest.raises(LayoutsUnavailable):
        revisions.revert(shop, 1)
    assert stored() == before
    assert revisions.revert(shop, 1).number == 3


def test_the_admin_says_it_in_a_sentence(shop: str, make_user: Callable[..., Any]) -> None:
    client = Client()
    client.force_login(make_user("ada", "view_application", "publish_layout", is_staff=True))
    address = "/admin/streamsync_django/application/shop/publish/"
    with failing(post_save, Revision, DatabaseError("gone")):
        answer = client.post(address, {"version": "0"}, follow=True)
    assert "did not take the change" in answer.content.decode()
    assert Revision.objects.count() == 0
    client.post(address, {"version": "0"})
    assert Revision.objects.count() == 1
