"""Write the gallery's layout from the catalogue, so that no type and no field is missing.

python scripts/make_gallery.py           write project/apps/gallery/ui.json
python scripts/make_gallery.py --check   fail if it is not what would be written
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from project.apps.gallery.examples import BOUND_FILLINGS, CATALOGUE, FILLINGS  # noqa: E402 - found through the path above
from streamsync_django.core.catalogue import ComponentDefinition  # noqa: E402

TARGET = ROOT / "project" / "apps" / "gallery" / "ui.json"

#: Pages by the category of the types they show.
PAGES = {
    "Content": ("content", "Content"),
    "Input": ("inputs", "Inputs"),
    "Layout": ("layout", "Layout"),
    "Embed": ("embed", "Embedded"),
    "Other": ("other", "Other"),
    "Extension": ("extensions", "Extensions"),
    "Root": ("application", "Application"),
}
#: Fields whose content is read before there is a state.
LITERAL = {"root": {"appName": "Gallery"}, "page": {"key": "application"}}
#: Types that cannot stand in a card of their own: (what holds them, how many plain siblings).
HELD = {"column": "columns", "tab": "tabs", "step": "steps"}
#: Which type the plain siblings below a container are.
INSIDE = {"columns": "column", "tabs": "tab", "steps": "step"}

VALUES = {
    "first": "Example",
    "changed": "Changed",
    **{name: f"All {name.replace('-', ' ')}" for name in FILLINGS},
}
BOUND_VALUES = {name: name.replace("-", " ").capitalize() for name in BOUND_FILLINGS}


class Layout:
    """Components in the order they are added."""

    def __init__(self) -> None:
        self.components: dict[str, dict[str, Any]] = {}
        self._positions: dict[str | None, int] = {}

    def add(
        self,
        id_: str,
        type_: str,
        parent: str | None,
        content: dict[str, str] | None = None,
        **more: Any,
    ) -> str:
        """Put a component behind its siblings and return its id."""
        position = -2 if CATALOGUE.get(type_) and CATALOGUE[type_].positionless else self._next(parent)
        self.components[id_] = {
            "id": id_,
            "type": type_,
            "content": content or {},
            "parentId": parent,
            "position": position,
            "handlers": {},
            "visible": True,
            **more,
        }
        return id_

    def add_demo(self, definition: ComponentDefinition, parent: str | None, id_: str = "") -> str:
        """Put a type's example somewhere: every field is in the state, every event is echoed."""
        type_ = definition.type
        literal = LITERAL.get(type_, {})
        more: dict[str, Any] = {"handlers": dict.fromkeys(definition.events, "echo")}
        if bindable := definition.bindable_event:
            more["binding"] = {"eventType": bindable, "stateRef": f"values.{type_}"}
        content = {name: literal.get(name, f"@{{fields.{type_}.{name}}}") for name in definition.fields}
        return self.add(id_ or f"demo-{type_}", type_, parent, content, **more)

    def _next(self, parent: str | None) -> int:
        self._positions[parent] = self._positions.get(parent, -1) + 1
        return self._positions[parent]


def make() -> str:
    """Return the text of ui.json."""
    layout = Layout()
    layout.add_demo(CATALOGUE["root"], None, "root")
    for category, (key, title) in PAGES.items():
        types = [definition for definition in CATALOGUE.values() if definition.category == category]
        page = _add_page(layout, key, title, types)
        if category == "Extension":
            _add_extensions(layout, page)
        for definition in types:
            _add_card(layout, page, definition)
    document = {"metadata": {"format": 2, "writer": "streamsync_django"}, "components": layout.components}
    return json.dumps(document, indent=4, ensure_ascii=False) + "\n"


def _add_page(layout: Layout, key: str, title: str, types: list[ComponentDefinition]) -> str:
    if key == "application":
        page = layout.add_demo(CATALOGUE["page"], "root", "demo-page")
    else:
        page = layout.add(f"page-{key}", "page", "root", {"key": key})
    if key == "layout":
        sidebar = layout.add_demo(CATALOGUE["sidebar"], page)
    else:
        sidebar = layout.add(f"sidebar-{key}", "sidebar", page)
    _add_inspector(layout, sidebar, key, types)
    layout.add(f"header-{key}", "header", page, {"text": title})
    links = layout.add(f"links-{key}", "horizontalstack", page)
    for other, name in PAGES.values():
        layout.add(f"link-{key}-{other}", "link", links, {"url": f"#{other}", "text": name})
    return page


def _add_inspector(layout: Layout, sidebar: str, key: str, types: list[ComponentDefinition]) -> None:
    """Add the list of a chosen component's fields, each with an input."""
    layout.add(f"inspector-{key}", "heading", sidebar, {"text": "Fields", "headingType": "h2"})
    layout.add(
        f"hint-{key}",
        "text",
        sidebar,
        {
            "text": "Choose a component to change its fields while you look at it.",
            "primaryTextColor": "var(--secondaryTextColor)",
        },
    )
    layout.add(
        f"inspected-{key}",
        "dropdowninput",
        sidebar,
        {
            "label": "Component",
            "options": json.dumps({definition.type: definition.name for definition in types}),
        },
        binding={"eventType": "ss-option-change", "stateRef": "inspected.type"},
        handlers={"ss-option-change": "inspect"},
    )
    each = layout.add(
        f"each-{key}",
        "repeater",
        sidebar,
        {"repeaterObject": "@{inspected.fields}", "keyVariable": "fieldName", "valueVariable": "field"},
    )
    layout.add(
        f"field-{key}",
        "textinput",
        each,
        {"label": "@{field.label}"},
        binding={"eventType": "ss-change", "stateRef": "field.content"},
        handlers={"ss-change": "edit_field"},
    )


def _add_card(layout: Layout, page: str, definition: ComponentDefinition) -> None:
    type_ = definition.type
    card = layout.add(f"card-{type_}", "section", page, {"title": definition.name})
    layout.add(
        f"about-{type_}",
        "text",
        card,
        {"text": definition.description, "primaryTextColor": "var(--secondaryTextColor)"},
    )
    if type_ not in ("root", "page", "sidebar"):
        _add_example(layout, card, definition)
        layout.add(f"line-{type_}", "separator", card)
    bar = layout.add(f"bar-{type_}", "horizontalstack", card, {"contentVAlign": "end"})
    values = VALUES | (BOUND_VALUES if definition.bindable_event else {})
    if "isDisabled" in definition.fields:
        values = values | {"disabled": "Disabled"}
    layout.add(
        f"set-{type_}",
        "dropdowninput",
        bar,
        {"label": f"Values of {definition.name}", "options": json.dumps(values)},
        handlers={"ss-option-change": "set_values"},
        binding={"eventType": "ss-option-change", "stateRef": f"chosen.{type_}"},
    )
    if definition.events:
        layout.add(f"echo-{type_}", "text", bar, {"text": f"Last events: @{{events.{type_}}}"})


def _add_example(layout: Layout, card: str, definition: ComponentDefinition) -> None:
    type_ = definition.type
    if holder := HELD.get(type_):
        parent = layout.add(f"holder-{type_}", holder, card)
        demo = layout.add_demo(definition, parent)
        _add_text(layout, demo, "What it holds")
        sibling = layout.add(f"sibling-{type_}", type_, parent, {"title": "Beside it", "name": "Beside it"})
        for name in set(layout.components[sibling]["content"]) - set(definition.fields):
            del layout.components[sibling]["content"][name]
        _add_text(layout, sibling, "What that holds")
        return
    demo = layout.add_demo(definition, card)
    if inside := INSIDE.get(type_):
        for name in ("One", "Two"):
            field = "title" if inside == "column" else "name"
            part = layout.add(f"{demo}-{name.lower()}", inside, demo, {field: name})
            _add_text(layout, part, f"Inside {name.lower()}")
    elif type_ == "repeater":
        layout.add(f"{demo}-each", "text", demo, {"text": "@{itemId}: @{item.desc}"})
    elif type_ == "reuse":
        store = layout.add("store", "section", card, {"title": "Where the reused ones are kept"})
        layout.add("reused", "message", store, {"message": "The reused message"})
        layout.add("reused-too", "message", store, {"message": "!Another message"})
    elif type_ in ("section", "header", "horizontalstack"):
        for name in ("One", "Two"):
            layout.add(f"{demo}-{name.lower()}", "button", demo, {"text": name})


def _add_text(layout: Layout, parent: str, text: str) -> None:
    layout.add(f"{parent}-text", "text", parent, {"text": text})


def _add_extensions(layout: Layout, page: str) -> None:
    """Show the custom components of extensions/, as docs/custom-components.md explains them."""
    counter = layout.add("card-counter", "section", page, {"title": "An anywidget"})
    layout.add(
        "demo-counter",
        "custom_counter",
        counter,
        {"count": "@{counter.count}", "step": "@{counter.step}", "label": "Beans"},
        handlers={"count-change": "tell_counter"},
        binding={"eventType": "count-change", "stateRef": "counter.count"},
    )
    layout.add(
        "counter-count", "text", counter, {"text": "In Python: @{counter.count}, told: @{counter.told}"}
    )
    gauge = layout.add("card-gauge", "section", page, {"title": "A custom element"})
    layout.add("demo-gauge", "custom_gauge", gauge, {"value": "@{counter.count}", "max": "20"})
    badge = layout.add("card-badge", "section", page, {"title": "A Vue component"})
    layout.add(
        "demo-badge",
        "custom_badge",
        badge,
        {"text": "Beans: @{counter.count}"},
        handlers={"badge-click": "tell_counter"},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if anything would change")
    text = make()
    if not parser.parse_args().check:
        TARGET.write_text(text, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != text:
        sys.exit("project/apps/gallery/ui.json is old: run python scripts/make_gallery.py")


if __name__ == "__main__":
    main()
