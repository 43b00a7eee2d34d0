"""Sessions that keep the layout they began with, where the site wants that."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.components import ComponentTree
from streamsync_django.hosting import get_registry
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.source import DatabaseLayouts
from tests.layouts_db.conftest import make_tree
from tests.live import Page, button, write_application, write_layout
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = "import streamsync_django as ss\nss.init_state({'sold': 0})\ndef buy(state): state['sold'] += 1\n"


def relabelled(text: str) -> ComponentTree:
    """Return the running layout with another text on its button."""
    records = get_registry().get("shop").tree.to_records()
    records["buy"] = {**records["buy"], "content": {"text": text}}
    return ComponentTree.from_records(records)


@pytest.mark.parametrize("pins", [True, False])
async def test_an_open_page_keeps_its_layout_only_where_revisions_are_pinned(
    pins: bool, tmp_path: Path, serve: Callable[..., None], open_page: Callable[..., Any]
) -> None:
    folder = write_application(tmp_path / "shop", MAIN, [button("buy", "buy", text="Buy")])
    serve(shop=folder, PIN_REVISIONS=pins)
    page: Page = await open_page("shop")
    get_registry().replace_layout("shop", relabelled("Sell"))
    assert (await page.click("buy"))[1] == "ok"
    assert page.session.tree["buy"].content["text"] == ("Buy" if pins else "Sell")
    later: Page = await open_page("shop")
    assert later.session.tree["buy"].content["text"] == "Sell"

    (folder / "main.py").write_text(MAIN.replace("+= 1", "+= 10"))
    write_layout(folder, [button("buy", "buy", text="Take")])
    get_registry().reload("shop")
    assert (await page.click("buy"))[1] == "ok"
    await page.sees("sold", 11)
    assert page.session.tree["buy"].content["text"] == ("Buy" if pins else "Take")


def test_a_session_that_comes_back_finds_the_revision_it_began_with(shop: str, tmp_path: Path) -> None:
    first = revisions.publish(shop)
    drafts.replace(shop, make_tree(buy={"text": "Sell"}), base=0)
    revisions.publish(shop)
    layouts = DatabaseLayouts()
    assert layouts.find(shop, tmp_path, first.digest) == make_tree()
    assert layouts.find(shop, tmp_path, "0" * 32) is None


def test_a_process_asks_for_another_revision_only_when_it_has_to(
    shop: str, tmp_path: Path, serve: Callable[..., None]
) -> None:
    serve(shop=write_application(tmp_path / "shop", MAIN))
    first = revisions.publish(shop)
    drafts.replace(shop, make_tree(buy={"text": "Sell"}), base=0)
    revisions.publish(shop)
    registry = get_registry()
    now = registry.get("shop")
    assert registry.at_revision("shop", now.tree.revision) is now
    assert registry.at_revision("shop", "0" * 32) is now
    pinned = registry.at_revision("shop", first.digest)
    assert (pinned.base, pinned.tree["buy"].content["text"]) == (now.base, "Buy")
