"""A layout as a tree of components, checked against the catalogue and never changed after."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NoReturn

from streamsync_django.core.catalogue import Catalogue, load_catalogue
from streamsync_django.core.errors import LayoutError
from streamsync_django.core.tree_checks import ROOT_ID, find_oddities, find_problems, repair_positions
from streamsync_django.core.ui_records import (
    Binding,
    Component,
    Visibility,
    describe,
    is_editor_only,
    label,
    read_record,
)

__all__ = ["ROOT_ID", "Binding", "Component", "ComponentTree", "Visibility", "parse_ui_json"]

#: Handlers the browser carries out itself; their names are sent to it, all others stay here.
GO_TO_PAGE = "$goToPage_"


class ComponentTree(Mapping[str, Component]):
    """The components of one layout by id. Look-ups are prepared once; the tree never changes."""

    __slots__ = ("_children", "_components", "_revision", "_warnings")

    def __init__(self, components: Mapping[str, Component], warnings: tuple[str, ...] = ()) -> None:
        """Take components that were checked already; see `from_records`."""
        self._components = dict(components)
        self._children = _families(self._components)
        self._warnings = warnings
        self._revision = _digest(self.to_records())

    @classmethod
    def from_records(cls, records: Mapping[str, object], catalogue: Catalogue | None = None) -> ComponentTree:
        """Build the tree from records of any release; raise LayoutError with every problem found.

        Without a catalogue, the built-in component types are the ones allowed.
        """
        catalogue = load_catalogue() if catalogue is None else catalogue
        components: dict[str, Component] = {}
        stored_positions: dict[str, int | None] = {}
        problems: list[str] = []
        warnings: list[str] = []
        for key, record in records.items():
            type_name = record.get("type") if isinstance(record, Mapping) else None
            if isinstance(type_name, str) and is_editor_only(type_name):
                warnings.append(f"{label(key, type_name)}: left out, it is no part of a page")
                continue
            reading = read_record(key, record)
            problems += reading.problems
            warnings += reading.warnings
            if reading.component is not None:
                components[key] = reading.component
                stored_positions[key] = reading.position
        problems += find_problems(components, catalogue, frozenset(records))
        if problems:
            raise LayoutError(problems)
        components, repairs = repair_positions(components, stored_positions, catalogue)
        oddities = find_oddities(components.values(), catalogue)
        return cls(components, (*warnings, *repairs, *oddities))

    @property
    def revision(self) -> str:
        """A digest of the whole layout: equal layouts have equal revisions, on every instance."""
        return self._revision

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was repaired or left out at load, and what will have no effect."""
        return self._warnings

    @property
    def root(self) -> Component:
        return self._components[ROOT_ID]

    def __getitem__(self, component_id: str) -> Component:
        return self._components[component_id]

    def get(self, component_id: str, default: Component | None = None) -> Component | None:  # type: ignore[override]
        # Asked for every step of every event; the mixin's goes by way of KeyError.
        return self._components.get(component_id, default)

    def __contains__(self, component_id: object) -> bool:
        return component_id in self._components

    def __iter__(self) -> Iterator[str]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    def __repr__(self) -> str:
        return f"<ComponentTree {self._revision}: {len(self)} components>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComponentTree) and other._revision == self._revision

    def __hash__(self) -> int:
        return hash(self._revision)

    def children(self, component_id: str) -> tuple[Component, ...]:
        """Return the children by position, those that code made last; of an unknown id: none."""
        return self._children.get(component_id, ())

    def ancestors(self, component_id: str) -> tuple[Component, ...]:
        """Return parent, grandparent … up to the root."""
        found = []
        parent_id = self._components[component_id].parent_id
        while parent_id is not None:
            parent = self._components[parent_id]
            found.append(parent)
            parent_id = parent.parent_id
        return tuple(found)

    def to_wire(self) -> dict[str, dict[str, object]]:
        """Return the records as the browser gets them: names of handlers stay on the server."""
        return {component.id: _wire_record(component) for component in self._components.values()}

    def to_records(self) -> dict[str, dict[str, object]]:
        """Return the records as they are stored; `from_records` makes an equal tree of them."""
        return {component.id: _stored_record(component) for component in self._components.values()}


def parse_ui_json(text: str | bytes, catalogue: Catalogue | None = None) -> ComponentTree:
    """Read the text of a `ui.json` of any release; raise LayoutError with every problem found."""
    document = _parse_json(text)
    if not isinstance(document, dict):
        raise LayoutError([f"ui.json: expected an object, got {describe(document)}"])
    components = document.get("components")
    if not isinstance(components, dict):
        got = describe(components) if "components" in document else "nothing"
        raise LayoutError([f"ui.json: `components`: expected an object of component records, got {got}"])
    return ComponentTree.from_records(components, catalogue)


def _parse_json(text: str | bytes) -> object:
    repeated: list[str] = []

    def keep_unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(name for name, _ in pairs)
            repeated.extend(name for name in found if times[name] > 1)
        return found

    try:
        if isinstance(text, bytes):
            text = text.decode()
        document: object = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=keep_unique, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise LayoutError(
            [f"ui.json: this is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"]
        ) from error
    except UnicodeDecodeError as error:
        raise LayoutError([f"ui.json: this is not UTF-8 text: byte {error.start} is wrong"]) from error
    except RecursionError as error:
        raise LayoutError(["ui.json: this is nested too deeply"]) from error
    except ValueError as error:  # a number of thousands of digits, or one that JSON does not have
        raise LayoutError([f"ui.json: this is not JSON: {error}"]) from error
    if repeated:
        raise LayoutError([f"ui.json: the key {name!r} stands twice in one object" for name in repeated])
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _families(components: Mapping[str, Component]) -> dict[str, tuple[Component, ...]]:
    families: dict[str, list[Component]] = defaultdict(list)
    for component in components.values():
        if component.parent_id is not None:
            families[component.parent_id].append(component)
    return {
        parent_id: tuple(sorted(family, key=lambda child: (child.is_code_managed, child.position)))
        for parent_id, family in families.items()
    }


def _wire_record(component: Component) -> dict[str, object]:
    return {
        "id": component.id,
        "type": component.type,
        "content": dict(component.content),
        "parentId": component.parent_id,
        "position": component.position,
        "handlers": {
            event_type: handler if handler.startswith(GO_TO_PAGE) else True
            for event_type, handler in component.handlers.items()
        },
        "binding": _binding_record(component.binding),
        "visible": {
            "kind": component.visibility.kind,
            "expression": component.visibility.expression,
            "reversed": component.visibility.is_reversed,
        },
        "isCodeManaged": component.is_code_managed,
    }


def _stored_record(component: Component) -> dict[str, object]:
    """Return the form every later release reads; what is at its default is left out."""
    record: dict[str, object] = {
        "id": component.id,
        "type": component.type,
        "content": dict(component.content),
        "parentId": component.parent_id,
        "position": component.position,
        "handlers": dict(component.handlers),
    }
    if component.binding is not None:
        record["binding"] = _binding_record(component.binding)
    visibility = component.visibility
    if visibility.kind == "custom":
        record["visible"] = {
            "expression": "custom",
            "binding": visibility.expression,
            "reversed": visibility.is_reversed,
        }
    elif visibility.kind == "never":
        record["visible"] = False
    if component.is_code_managed:
        record["isCodeManaged"] = True
    return record


def _binding_record(binding: Binding | None) -> dict[str, str] | None:
    return None if binding is None else {"eventType": binding.event_type, "stateRef": binding.state_ref}


def _digest(records: Mapping[str, object]) -> str:
    text = json.dumps(records, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
