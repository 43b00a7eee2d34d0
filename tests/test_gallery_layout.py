"""The gallery shows everything that the catalogue has."""

import json
from pathlib import Path

import pytest

from streamsync_django.core.catalogue import load_catalogue

ROOT = Path(__file__).parent.parent
LAYOUT = json.loads((ROOT / "project" / "apps" / "gallery" / "ui.json").read_text(encoding="utf-8"))
#: Read before there is a state: the application's title and the key of a page.
LITERAL = {("root", "appName"), ("page", "key")}


def _demo(type_name: str) -> dict[str, object]:
    record: dict[str, object] = LAYOUT["components"]["root" if type_name == "root" else f"demo-{type_name}"]
    return record


@pytest.mark.parametrize("type_name", sorted(load_catalogue()))
def test_every_type_is_shown_with_every_field_and_event(type_name: str) -> None:
    definition, record = load_catalogue()[type_name], _demo(type_name)
    assert record["type"] == type_name
    content, handlers = record["content"], record["handlers"]
    assert isinstance(content, dict)
    assert isinstance(handlers, dict)
    for field in definition.fields:
        if (type_name, field) in LITERAL:
            assert content[field]
        else:
            assert content[field] == f"@{{fields.{type_name}.{field}}}"
    assert set(handlers) == set(definition.events)
