"""Folders in an application's extensions become component types."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.components import parse_ui_json
from streamsync_django.core.errors import LayoutError
from streamsync_django.core.extensions import read_extensions

COUNTER: dict[str, Any] = {
    "type": "custom_counter",
    "name": "Counter",
    "category": "Content",
    "description": "Counts.",
    "allowedParents": ["section"],
    "fields": {"count": {"label": "Count", "type": "number"}},
    "events": {"count-change": {"payload": "number", "queue": "all", "bindable": True}},
}


def _write(folder: Path, name: str, definition: object, *files: str) -> None:
    place = folder / "extensions" / name
    place.mkdir(parents=True)
    text = definition if isinstance(definition, str) else json.dumps(definition)
    (place / "component.json").write_text(text)
    for file in files:
        (place / file).write_text("")


def test_a_folder_with_a_definition_and_a_module_is_a_type(tmp_path: Path) -> None:
    _write(tmp_path, "counter", COUNTER, "index.js", "style.css")
    extensions = read_extensions(tmp_path)
    assert [(found.module, found.styles) for found in extensions.found] == [
        ("counter/index.js", ("counter/style.css",))
    ]
    assert extensions.catalogue["custom_counter"].bindable_event == "count-change"
    assert "button" in extensions.catalogue
    assert extensions.problems == ()


def test_an_application_without_any_has_the_built_in_types(tmp_path: Path) -> None:
    assert read_extensions(tmp_path).found == ()
    assert "custom_counter" not in read_extensions(tmp_path).catalogue


@pytest.mark.parametrize(
    ("definition", "files", "problem"),
    [
        ("{", ("index.js",), "this is not JSON"),
        ({**COUNTER, "type": "counter"}, ("index.js",), "must begin with 'custom_'"),
        (COUNTER, (), "there is no index.js"),
        ({**COUNTER, "colour": "red"}, ("index.js",), "colour"),
    ],
)
def test_what_is_wrong_is_left_out_and_told(
    tmp_path: Path, definition: object, files: tuple[str, ...], problem: str
) -> None:
    _write(tmp_path, "broken", definition, *files)
    _write(tmp_path, "counter", COUNTER, "index.js")
    extensions = read_extensions(tmp_path)
    assert [found.definition.type for found in extensions.found] == ["custom_counter"]
    (told,) = extensions.problems
    assert told.startswith("extensions/broken: ")
    assert problem in told


def test_a_type_is_declared_once(tmp_path: Path) -> None:
    _write(tmp_path, "a", COUNTER, "index.js")
    _write(tmp_path, "b", COUNTER, "index.js")
    extensions = read_extensions(tmp_path)
    assert [found.module for found in extensions.found] == ["a/index.js"]
    assert "declared by a/index.js already" in extensions.problems[0]


def test_layouts_are_checked_by_the_definition(tmp_path: Path) -> None:
    _write(tmp_path, "counter", COUNTER, "index.js")
    components = {
        "root": {"type": "root", "parentId": None},
        "page": {"type": "page", "parentId": "root"},
        "it": {"type": "custom_counter", "parentId": "page"},
    }
    records = {key: {"id": key, "content": {}, "position": 0, **each} for key, each in components.items()}
    text = json.dumps({"metadata": {}, "components": records})
    assert "it" in parse_ui_json(text)
    with pytest.raises(LayoutError, match="section"):
        parse_ui_json(text, read_extensions(tmp_path).catalogue)
