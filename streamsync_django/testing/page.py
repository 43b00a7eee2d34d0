"""What is drawn on a page: every visible component with its repetitions and evaluated fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamsync_django.core.catalogue import Catalogue
from streamsync_django.core.components import Component, ComponentTree
from streamsync_django.core.expressions import evaluate, evaluate_field, ordered_keys
from streamsync_django.core.targets import is_visible

#: The fields by which a person would name a component.
_NAMES = ("text", "label", "name", "title", "caption", "message", "placeholder")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One component as a visitor sees it."""

    component: Component
    #: Component ids and repetitions from the root down, as events name it.
    target: tuple[tuple[str, int | str], ...]
    #: The repeaters' variables here.
    context: Mapping[str, Any] = field(default_factory=dict)
    #: Evaluated fields by key.
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """What can be read on it."""
        return [value for value in self.fields.values() if isinstance(value, str) and value]

    @property
    def names(self) -> list[str]:
        """By what it can be called."""
        return [str(self.fields[key]) for key in _NAMES if self.fields.get(key)]


def draw(
    tree: ComponentTree, catalogue: Catalogue, state: Mapping[str, Any], page: str | None
) -> Iterator[Drawn]:
    """Yield what is visible on the page with this key, in reading order; None is the first visible page."""
    root = tree["root"]
    pages = [child for child in tree.children("root") if is_visible(child, state, {})]
    shown = next((child for child in pages if child.content.get("key") == page), None)
    if shown is None and pages:
        shown = pages[0]
    yield Drawn(root, (("root", 0),), {}, _fields(root, catalogue, state, {}))
    if shown is not None:
        yield from _draw(shown, 0, (("root", 0),), tree, catalogue, state, {})


def _draw(
    component: Component,
    index: int | str,
    above: tuple[tuple[str, int | str], ...],
    tree: ComponentTree,
    catalogue: Catalogue,
    state: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Iterator[Drawn]:
    if not is_visible(component, state, context):
        return
    target = (*above, (component.id, index))
    fields = _fields(component, catalogue, state, context)
    yield Drawn(component, target, context, fields)
    children: Sequence[Component] = tree.children(component.id)
    if component.type == "reuse":
        mirrored = tree.get(str(fields.get("proxyId")))
        children = () if mirrored is None or (mirrored.id, 0) in target else (mirrored,)
    for number, inner in _repetitions(component, fields, context):
        for child in children:
            yield from _draw(child, number, target, tree, catalogue, state, inner)


def _repetitions(
    component: Component, fields: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterator[tuple[int | str, Mapping[str, Any]]]:
    if component.type != "repeater":
        yield 0, context
        return
    items = fields.get("repeaterObject")
    key_name, value_name = str(fields.get("keyVariable")), str(fields.get("valueVariable"))
    if isinstance(items, Mapping):
        for key in ordered_keys(items):
            yield str(key), {**context, key_name: key, value_name: items[key]}
    elif isinstance(items, list):
        for number, item in enumerate(items):
            yield number, {**context, key_name: number, value_name: item}


def _fields(
    component: Component, catalogue: Catalogue, state: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    if component.type not in catalogue:
        return {}
    definitions = catalogue[component.type].fields
    values = {
        key: evaluate_field(component.content.get(key), definition, state, context)
        for key, definition in definitions.items()
    }
    if component.binding is not None:
        values["bound"] = evaluate(component.binding.state_ref, state, context)
    return values
