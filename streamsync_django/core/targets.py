"""Where an event comes from: the component it names, and what its repeaters stand for there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .catalogue import Catalogue
from .components import Component, ComponentTree
from .errors import EventError, ExpressionError, StaleEvent
from .expressions import (
    MISSING,
    evaluate_field,
    is_truthy,
    lookup,
    ordered_keys,
    resolve_path,
    whole_expression,
)
from .recorder import ElementPath
from .state import State

#: Component ids from the root down, each with the repetition it is in: the index for a repeater over a
#: list, the key for one over a mapping, 0 outside of repeaters.
NodePath = Sequence[tuple[str, int | str]]


@dataclass(slots=True)
class Target:
    """One drawn component: the component, and the values of its repeaters' variables."""

    component: Component
    context: dict[str, Any] = field(default_factory=dict)
    #: Where in the state the item of a variable lives, for bindings that write into it.
    context_paths: dict[str, tuple[object, ...]] = field(default_factory=dict)
    #: The elements that the repeaters on the way draw from.
    sources: list[ElementPath] = field(default_factory=list)


def find_target(
    path: NodePath, tree: ComponentTree, catalogue: Catalogue, state: Mapping[str, Any], *, layout: str
) -> Target:
    """Follow a node path from the root and return what it leads to.

    Raises StaleEvent where the page may honestly have drawn something that is gone or hidden by now,
    EventError where no page of this application can have drawn it. `layout` is the revision the page had.
    """
    if not path:
        raise EventError("event.target", "an event names the component it comes from")
    target: Target | None = None
    for depth, (component_id, index) in enumerate(path):
        component = tree.get(component_id)
        if component is None:
            if layout != tree.revision:
                raise StaleEvent(f"component {component_id} is no longer in the layout")
            raise EventError("event.unknown-component", f"there is no component {component_id!r}")
        if target is None:
            if component.parent_id is not None:
                raise EventError("event.target", f"{component_id!r} is not the root")
            target = Target(component)
        else:
            target = _step(target, component, index, tree, catalogue, state, layout)
        if not is_visible(component, state, target.context):
            raise StaleEvent(f"component {component_id} is hidden (level {depth})")
    assert target is not None  # the path is not empty
    return target


def is_visible(component: Component, state: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """Tell whether a component itself is shown, its ancestors aside."""
    visibility = component.visibility
    if visibility.kind == "custom":
        return is_truthy(lookup(visibility.expression, state, context)) is not visibility.is_reversed
    return visibility.kind == "always"


def _step(
    parent: Target,
    component: Component,
    index: int | str,
    tree: ComponentTree,
    catalogue: Catalogue,
    state: Mapping[str, Any],
    layout: str,
) -> Target:
    above = parent.component
    if component.parent_id != above.id and not _is_reused(component, parent, catalogue, state):
        if layout != tree.revision:
            raise StaleEvent(f"component {component.id} has moved")
        raise EventError("event.target", f"{component.id!r} is not a child of {above.id!r}")
    if above.type != "repeater":
        parent.component = component  # nobody else has it yet
        return parent
    return _repetition(parent, component, index, catalogue, state)


def _is_reused(component: Component, parent: Target, catalogue: Catalogue, state: Mapping[str, Any]) -> bool:
    if parent.component.type != "reuse":
        return False
    return _field(parent.component, "proxyId", catalogue, state, parent.context) == component.id


def _repetition(
    parent: Target, component: Component, index: int | str, catalogue: Catalogue, state: Mapping[str, Any]
) -> Target:
    """Add the variables of one repetition of the repeater `parent`."""
    repeater = parent.component
    items = _field(repeater, "repeaterObject", catalogue, state, parent.context)
    key: Any = index
    if isinstance(items, Mapping):
        if isinstance(index, int):
            key = _at(_drawn_keys(items), index)
        found = key in items and not str(key).startswith("_")
    else:
        is_list = isinstance(items, Sequence) and not isinstance(items, str | bytes)
        found = is_list and isinstance(index, int) and 0 <= index < len(items)  # type: ignore[arg-type]
    if not found:
        raise StaleEvent(f"repeater {repeater.id} has no repetition {index!r}")
    item = items[key]  # type: ignore[index]  # a mapping or a sequence, as seen above
    key_name = str(_field(repeater, "keyVariable", catalogue, state, parent.context))
    value_name = str(_field(repeater, "valueVariable", catalogue, state, parent.context))
    context = {**parent.context, key_name: key, value_name: item}
    paths = {name: path for name, path in parent.context_paths.items() if name not in (key_name, value_name)}
    sources = list(parent.sources)
    expression = whole_expression(repeater.content.get("repeaterObject") or "")
    if expression is not None and lookup(expression, state, parent.context) is not MISSING:
        source = _source(expression, state, parent)
        if source is not None:
            paths[value_name] = (*source, key)
            if isinstance(index, int):
                sources.append(tuple(str(part) for part in source))
    return Target(component, context, paths, sources)


def _source(expression: str, state: Mapping[str, Any], parent: Target) -> tuple[object, ...] | None:
    """Return where in the state a repeater's items live; None for those of a repeater over a literal."""
    try:
        return resolve_path(expression, state, parent.context, parent.context_paths)
    except ExpressionError:
        return None


def _drawn_keys(items: Mapping[Any, Any]) -> list[object]:
    """Return the keys as a browser lists them; it knows nothing of a nested state's private ones."""
    keys = ordered_keys(items)
    return [key for key in keys if not str(key).startswith("_")] if isinstance(items, State) else keys


def _at(keys: Sequence[Any], index: int) -> Any:
    return keys[index] if 0 <= index < len(keys) else None


def _field(
    component: Component,
    name: str,
    catalogue: Catalogue,
    state: Mapping[str, Any],
    context: Mapping[str, Any],
) -> object:
    definition = catalogue[component.type].fields[name]
    return evaluate_field(component.content.get(name), definition, state, context)
