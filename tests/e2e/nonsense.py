"""An application made from the catalogue: every component many times, each with nonsense in another field."""

import json
import textwrap
from pathlib import Path
from typing import Any

from streamsync_django.core.catalogue import ComponentDefinition, load_catalogue

CATALOGUE = load_catalogue()

#: Sets `window.ran` if any of it is run.
MARKUP = '<img src=x onerror="window.ran=1"><script>window.ran=1</script><svg onload="window.ran=1">'
BROKEN = '{"broken": ['
ADDRESS = "javascript:window.ran=1"
MARKDOWN = f"[click]({ADDRESS}) {MARKUP} ![x]({ADDRESS})"

#: What stands in a field, by a name that tests speak of.
NONSENSE: dict[str, Any] = {
    "broken": BROKEN,
    "markup": MARKUP,
    "address": ADDRESS,
    "hidden address": " java\tscript:window.ran=1",
    "data": "data:text/html,<script>parent.ran=1</script>",
    "markdown": MARKDOWN,
    "missing keys": '{"a": {}, "b": [null]}',
    "missing items": "[{}, null, [], 5]",
    "expression": "@{nowhere.at.all} @{",
    "null": None,
    "zero": 0,
    "negative": -1,
    "huge": 1e300,
    "yes": True,
    "list": [[None], {"a": [1]}],
    "object": {"role": 5, "data": [None], "lat": "x", MARKUP: MARKUP},
    "control": "\u0000\u202e\ufeff",
}
#: A megabyte, most of it blank: it passes through everything of ours, and the browser has little to typeset.
LARGE = f"{MARKUP}{' ' * 1_000_000}[the end"

#: They stand once in an application or on a page, so theirs change one after another.
SINGLE = ("root", "page", "sidebar")
#: These load a program from another host as soon as there is something in the field.
KEYS = {"apiKey", "accessToken"}
#: What another type must stand in.
HOLDERS = {"column": "columns", "tab": "tabs", "step": "steps"}

MAIN = '''
"""Everything is wrong here, and the page goes on."""

import json
from pathlib import Path

import streamsync_django as ss

NONSENSE = json.loads((Path(__file__).parent / "nonsense.json").read_text(encoding="utf-8"))

ss.init_state({**NONSENSE, "single": None, "turn": 0, "pings": 0})


def ping(state):
    state["pings"] += 1


def turn(state):
    """Give what stands once the next nonsense."""
    state["single"] = NONSENSE["singles"][state["turn"] % len(NONSENSE["singles"])]
    state["turn"] += 1
'''


def variants_of(definition: ComponentDefinition, values: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Return `(field, name of the nonsense, nonsense)`: each field of content alone, then all fields at once."""
    alone = [
        name
        for name, field in definition.fields.items()
        if name not in KEYS
        and not field.deprecated
        and (field.group == "general" or field.type not in ("color", "shadow", "text"))
    ]
    if definition.bindable_event:
        alone.append("bound")
    return [(field, name, value) for field in (*alone, "*") for name, value in values.items()]


def write_application(folder: Path, values: dict[str, Any]) -> None:
    """Write main.py, ui.json and the nonsense of an application whose pages are named by component types."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "variants": {
            type_: [
                _contents(definition, field, value) for field, _, value in variants_of(definition, values)
            ]
            for type_, definition in CATALOGUE.items()
            if type_ not in SINGLE
        },
        "singles": list(values.values()),
        "large": LARGE,
    }
    (folder / "nonsense.json").write_text(json.dumps(state), encoding="utf-8")
    (folder / "main.py").write_text(textwrap.dedent(MAIN).lstrip(), encoding="utf-8")
    layout = {"metadata": {}, "components": {record["id"]: record for record in _Layout().records}}
    (folder / "ui.json").write_text(json.dumps(layout), encoding="utf-8")


def _contents(definition: ComponentDefinition, wrong: str, value: Any) -> dict[str, Any]:
    good = {name: field.init or "" for name, field in definition.fields.items()} | {"bound": None}
    if "useMarkdown" in good:
        good["useMarkdown"] = "yes"
    fields = [name for name in good if name not in KEYS] if wrong == "*" else [wrong]
    return good | dict.fromkeys(fields, value)


class _Layout:
    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self._add("root", "root", None, _fields("root", "single"))
        for type_, definition in CATALOGUE.items():
            self._add_page(definition)
            if type_ not in ("root", "page"):
                self._add_large(definition)

    def _add_page(self, definition: ComponentDefinition) -> None:
        type_ = definition.type
        content = _fields("page", "single") if type_ == "page" else {}
        page = self._add(f"page-{type_}", "page", "root", {**content, "key": type_})
        self._add(f"ping-{type_}", "button", page, {"text": "Ping"}, handlers={"ss-click": "ping"})
        self._add(f"pings-{type_}", "text", page, {"text": "Pings: @{pings}"})
        if type_ in SINGLE:
            self._add(f"turn-{type_}", "button", page, {"text": "Turn"}, handlers={"ss-click": "turn"})
            self._add(f"turns-{type_}", "text", page, {"text": "Turns: @{turn}"})
            if type_ == "sidebar":
                self._add("demo-sidebar", type_, page, _fields(type_, "single"))
            return
        holder = self._hold(type_, page, f"holder-{type_}")
        each = self._add(
            f"each-{type_}",
            "repeater",
            holder,
            {"repeaterObject": f"@{{variants.{type_}}}", "keyVariable": "at", "valueVariable": "variant"},
        )
        event = definition.bindable_event
        binding = {"eventType": event, "stateRef": "variant.bound"} if event else None
        self._fill(self._add(f"demo-{type_}", type_, each, _fields(type_, "variant"), binding=binding))

    def _add_large(self, definition: ComponentDefinition) -> None:
        type_ = definition.type
        page = self._add(f"page-{type_}-large", "page", "root", {"key": f"{type_}-large"})
        self._add(f"ping-{type_}-large", "button", page, {"text": "Ping"}, handlers={"ss-click": "ping"})
        self._add(f"pings-{type_}-large", "text", page, {"text": "Pings: @{pings}"})
        holder = self._hold(type_, page, f"holder-{type_}-large")
        content = {
            name: "@{large}"
            for name, field in definition.fields.items()
            if field.is_template and name not in KEYS and field.group == "general"
        }
        self._fill(self._add(f"large-{type_}", type_, holder, content))

    def _hold(self, type_: str, page: str, id_: str) -> str:
        holder = HOLDERS.get(type_)
        return self._add(id_, holder, page) if holder else page

    def _fill(self, demo: str) -> None:
        """Put something inside, where that is possible: what is empty may be left out."""
        record = self.records[-1]
        children = CATALOGUE[record["type"]].allowed_children
        inside = {"*": "text", "column": "column", "tab": "tab", "step": "step", "inherit": "text"}
        if children:
            self._add(f"in-{demo}", inside[children[0]], demo, {})

    def _add(
        self, id_: str, type_: str, parent: str | None, content: dict[str, str] | None = None, **more: Any
    ) -> str:
        siblings = [record for record in self.records if record["parentId"] == parent]
        position = -2 if CATALOGUE[type_].positionless else len(siblings)
        record = {
            "id": id_,
            "type": type_,
            "content": content or {},
            "parentId": parent,
            "position": position,
        }
        self.records.append(record | {"handlers": {}} | {key: value for key, value in more.items() if value})
        return id_


def _fields(type_: str, source: str) -> dict[str, str]:
    one = source == "single"
    return {
        name: "@{single}" if one else f"@{{{source}.{name}}}"
        for name, field in CATALOGUE[type_].fields.items()
        if field.is_template
    }
