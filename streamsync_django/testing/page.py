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
#: Fields of text that say how something works, and are not read by anybody.
_TECHNICAL = frozenset(
    {
        *(
            "accessToken",
            "allowFileTypes",
            "apiKey",
            "dataframe",
            "element",
            "imageSrc",
            "keyVariable",
            "mapId",
        ),
        *("mapStyle", "pageSizeOptions", "proxyId", "rel", "src", "url", "valueVariable"),
    }
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One component as a visitor sees it."""

    component: Component
    #: Component ids and repetitions from the root down, as events name it.
    target: tuple[tuple[str, int | str], ...]
    #: The repeaters' variables here.
    context: Mapping[str, Any] = field(default_factory=dict)
    #: Evaluated fields by key; of an input that is bound, ``bound`` has its value.
    fields: Mapping[str, Any] = field(default_factory=dict)
    #: What can be read on it.
    texts: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        """By what it can be called."""
        named = [str(self.fields[key]) for key in _NAMES if self.fields.get(key)]
        return [*named, *self.tags.values()]

    @property
    def tags(self) -> Mapping[str, str]:
        """The labels that can be clicked on it, by key."""
        tags = self.fields.get("tags") if self.component.type == "tags" else None
        return {key: str(label) for key, label in tags.items()} if isinstance(tags, Mapping) else {}

    @property
    def is_disabled(self) -> bool:
        """Whether it takes no events."""
        return self.fields.get("isDisabled") in (True, "yes")


def draw(
    tree: ComponentTree, catalogue: Catalogue, state: Mapping[str, Any], page: str | None
) -> Iterator[Drawn]:
    """Yield what is visible on the page with this key, in reading order; None is the first visible page."""
    root = tree["root"]
    pages = [child for child in tree.children("root") if is_visible(child, state, {})]
    shown = next((child for child in pages if child.content.get("key") == page), None)
    if shown is None and pages:
        shown = pages[0]
    yield _drawn(root, (("root", 0),), catalogue, state, {})
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
    drawn = _drawn(component, target, catalogue, state, context)
    yield drawn
    fields = drawn.fields
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


def _drawn(
    component: Component,
    target: tuple[tuple[str, int | str], ...],
    catalogue: Catalogue,
    state: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Drawn:
    definitions = catalogue[component.type].fields if component.type in catalogue else {}
    values: dict[str, Any] = {}
    texts: list[str] = []
    for key, definition in definitions.items():
        values[key] = evaluate_field(component.content.get(key), definition, state, context)
        if key not in _TECHNICAL and definition.group != "style" and definition.options is None:
            texts += _read(key, definition.type, values[key])
    if component.binding is not None and definitions:
        values["bound"] = evaluate(component.binding.state_ref, state, context)
        texts += [values["bound"]] if isinstance(values["bound"], str) else []
    return Drawn(component, target, context, values, [text for text in texts if text])


def _read(key: str, type: str, value: Any) -> Iterator[str]:
    """Yield what a person reads of a field: texts, labels, and what was said in a conversation."""
    if isinstance(value, str):
        if type in ("text", "object"):
            yield value
    elif type == "keyValue" and isinstance(value, Mapping):
        yield from (str(label) for label in value.values())
    elif key == "conversation" and isinstance(value, list):
        yield from (
            str(message["content"])
            for message in value
            if isinstance(message, Mapping) and "content" in message
        )
