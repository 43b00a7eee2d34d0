"""An application's own component types are checked on every way into its layout, as the built-in ones are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.operations import Add
from streamsync_django.publishing import drafts, revisions
from tests.layouts_db.conftest import make_tree
from tests.live import write_application
from tests.plugins.live import serve

__all__ = ["serve"]

#: Nothing may be inside it, and it may be in a section only.
STARS = {
    "type": "custom_stars",
    "name": "Stars",
    "category": "Other",
    "since": "0.1.0",
    "description": "So many stars.",
    "allowedParents": ["section"],
    "allowedChildren": [],
    "fields": {},
    "events": {},
}


@pytest.fixture
def shop(db: None, tmp_path: Path, serve: Callable[..., None]) -> str:
    folder = write_application(tmp_path / "shop", "")
    place = folder / "extensions" / "stars"
    place.mkdir(parents=True)
    (place / "component.json").write_text(json.dumps(STARS))
    (place / "index.js").write_text("")
    serve(shop=folder)
    drafts.begin("shop", make_tree())
    return "shop"


def test_an_edit_places_a_custom_component_as_its_definition_allows(shop: str) -> None:
    with pytest.raises(LayoutError):
        drafts.edit(shop, [Add(type="custom_stars", parent_id="home", id="stars")], base=0)
    drafts.edit(shop, [Add(type="custom_stars", parent_id="box", id="stars")], base=0)
    with pytest.raises(LayoutError):
        drafts.edit(shop, [Add(type="text", parent_id="stars")], base=1)
    assert revisions.publish(shop).tree["stars"].type == "custom_stars"


def test_so_does_an_import(shop: str) -> None:
    records: dict[str, dict[str, Any]] = {key: dict(value) for key, value in make_tree().to_records().items()}
    stars = {"id": "stars", "type": "custom_stars", "content": {}, "parentId": "home", "position": 2}
    tree = ComponentTree.from_records({**records, "stars": stars})
    with pytest.raises(LayoutError):
        drafts.replace(shop, tree, base=0)
    assert drafts.load(shop).draft.tree == make_tree()
