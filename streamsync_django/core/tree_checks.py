"""What must hold between the components of one layout, and what is repaired when it does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from streamsync_django.core.catalogue import (
    ANY_TYPE,
    CUSTOM_PREFIX,
    ROOT_TYPE,
    Catalogue,
    ComponentDefinition,
)
from streamsync_django.core.ui_records import POSITIONLESS, Component, label

ROOT_ID = "root"

#: Deeper layouts are refused: no page needs it, and browsers draw by recursion.
MAX_DEPTH = 256


def find_problems(
    components: Mapping[str, Component], catalogue: Catalogue, stored_ids: frozenset[str]
) -> Iterator[str]:
    """Yield everything that keeps these components from being a tree of the catalogue.

    `stored_ids` also has the ids of records that could not be read: their children are not orphans.
    """
    yield from _root_problems(components, stored_ids)
    yield from _type_problems(components.values(), catalogue)
    yield from _parent_problems(components, stored_ids)
    looping: set[str] = set()
    yield from _shape_problems(components, looping)
    for component in components.values():
        if component.id not in looping:
            yield from _placement_problems(component, components, catalogue)


def _root_problems(components: Mapping[str, Component], stored_ids: frozenset[str]) -> Iterator[str]:
    root = components.get(ROOT_ID)
    if root is None:
        if ROOT_ID not in stored_ids:
            yield f"the root is missing: expected a component with the id {ROOT_ID!r} and the type {ROOT_TYPE!r}"
        return
    if root.type != ROOT_TYPE:
        yield f"{label(root.id, root.type)}: `type`: expected {ROOT_TYPE!r}, as its id says"
    if root.parent_id is not None:
        yield f"{label(root.id, root.type)}: `parentId`: expected null, the root has no parent"


def _type_problems(components: Iterable[Component], catalogue: Catalogue) -> Iterator[str]:
    for component in components:
        if component.type in catalogue:
            if component.type == ROOT_TYPE and component.id != ROOT_ID:
                yield f"{label(component.id, component.type)}: `type`: a layout has one root, and its id is {ROOT_ID!r}"
        elif not component.type.startswith(CUSTOM_PREFIX):
            nearest = catalogue.nearest(component.type)
            hint = f", perhaps {nearest!r}" if nearest else ""
            yield f"{label(component.id, component.type)}: `type`: expected a type of the catalogue{hint}"


def _parent_problems(components: Mapping[str, Component], stored_ids: frozenset[str]) -> Iterator[str]:
    for component in components.values():
        if component.id == ROOT_ID or component.type == ROOT_TYPE:
            continue
        if component.parent_id is None:
            yield f"{label(component.id, component.type)}: `parentId` is missing: only the root has no parent"
        elif component.parent_id not in stored_ids:
            yield (
                f"{label(component.id, component.type)}: `parentId`: expected the id of a component, "
                f"and there is no {component.parent_id!r}"
            )


def _shape_problems(components: Mapping[str, Component], looping: set[str]) -> Iterator[str]:
    """Find cycles and excessive depth, each component visited once; adds to `looping` who never reaches the top."""
    depths: dict[str, int] = {}
    for start in components:
        path: dict[str, None] = {}
        current: str | None = start
        while current is not None and current in components:
            if current in depths or current in path or current in looping:
                break
            path[current] = None
            current = components[current].parent_id
        if current is not None and current in path:
            yield _cycle_problem(components, list(path), current)
        if current in path or current in looping:
            looping.update(path)
            continue
        depth = depths.get(current, 0) if current is not None else 0
        for component_id in reversed(path):
            depth += 1
            depths[component_id] = depth
            if depth == MAX_DEPTH + 1:
                component = components[component_id]
                yield f"{label(component.id, component.type)}: `parentId`: nested deeper than {MAX_DEPTH} levels"
                # Nobody is walked through a chain that is refused already.
                looping.update(path)


def _cycle_problem(components: Mapping[str, Component], path: list[str], again: str) -> str:
    cycle = path[path.index(again) :]
    shown = [*cycle[:8], *(["…"] if len(cycle) > 8 else []), again]
    return (
        f"{label(again, components[again].type)}: `parentId`: expected a way up to the root, "
        f"but it is inside itself: {' in '.join(map(repr, shown))}"
    )


def _placement_problems(
    component: Component, components: Mapping[str, Component], catalogue: Catalogue
) -> Iterator[str]:
    parent = components.get(component.parent_id or "")
    if component.id == ROOT_ID or component.type == ROOT_TYPE or parent is None:
        return
    if not _is_known(component.type, catalogue):
        return
    chain = list(_types_up(parent, components))
    if not all(_is_known(type_name, catalogue) for type_name in chain):
        return
    if not catalogue.fits(component.type, chain):
        yield (
            f"{label(component.id, component.type)}: `parentId`: it may not be placed in "
            f"{parent.id!r} ({parent.type}); {_where(component.type, parent.type, catalogue)}"
        )


def _is_known(type_name: str, catalogue: Catalogue) -> bool:
    return type_name in catalogue or type_name.startswith(CUSTOM_PREFIX)


def _types_up(component: Component, components: Mapping[str, Component]) -> Iterator[str]:
    current: Component | None = component
    while current is not None:
        yield current.type
        current = components.get(current.parent_id) if current.parent_id is not None else None


def _where(child_type: str, parent_type: str, catalogue: Catalogue) -> str:
    """Say where it may be placed, or else what the parent may hold."""
    child, parent = catalogue.get(child_type), catalogue.get(parent_type)
    if (
        child is not None
        and ANY_TYPE not in child.allowed_parents
        and parent_type not in child.allowed_parents
    ):
        return f"expected a parent of type {' or '.join(child.allowed_parents)}"
    if parent is None or not parent.allowed_children:
        return f"a {parent_type} holds no components"
    return f"a {parent_type} holds {', '.join(parent.allowed_children)}"


def repair_positions(
    components: Mapping[str, Component], stored: Mapping[str, int | None], catalogue: Catalogue
) -> tuple[dict[str, Component], list[str]]:
    """Number siblings 0, 1, 2 … without gaps; return the components and what had to be changed.

    Components that code makes keep what it gave them; they are not counted.
    """
    repaired = dict(components)
    warnings: list[str] = []
    siblings: dict[str | None, list[Component]] = defaultdict(list)
    for component in components.values():
        definition = catalogue.get(component.type)
        if definition is not None and definition.positionless:
            repaired[component.id] = replace(component, position=POSITIONLESS)
        elif not component.is_code_managed:
            siblings[component.parent_id].append(component)
    for parent_id, family in siblings.items():
        family.sort(key=lambda component: _rank(stored[component.id]))  # stable: file order decides ties
        moved = [component.id for i, component in enumerate(family) if stored[component.id] != i]
        for i, component in enumerate(family):
            if component.position != i:
                repaired[component.id] = replace(component, position=i)
        if moved and parent_id is not None:
            warnings.append(
                f"{label(parent_id, components[parent_id].type)}: the positions of its children were not 0 to "
                f"{len(family) - 1}; repaired: {', '.join(map(repr, moved[:8]))}"
            )
    return repaired, warnings


def _rank(position: int | None) -> float:
    """Order by position, those without a valid one last."""
    return position if position is not None and position >= 0 else float("inf")


def find_oddities(components: Iterable[Component], catalogue: Catalogue) -> Iterator[str]:
    """Yield what is kept but will have no effect, or not the one meant."""
    page_keys: dict[str, str] = {}
    for component in components:
        name = label(component.id, component.type)
        definition = catalogue.get(component.type)
        if definition is None:
            yield f"{name}: there is no definition of this custom component; is its extension missing?"
            continue
        yield from _ineffective_parts(component, definition)
        if component.type == "page" and (key := component.content.get("key")):
            if key in page_keys:
                yield f"{name}: `content.key`: {page_keys[key]!r} already has the key {key!r}"
            page_keys.setdefault(key, component.id)


def _ineffective_parts(component: Component, definition: ComponentDefinition) -> Iterator[str]:
    name = label(component.id, component.type)
    for key in component.content:
        if key not in definition.fields:
            yield f"{name}: `content.{key}`: a {component.type} has no such field"
    for event_type in component.handlers:
        if event_type.startswith("ss-") and event_type not in definition.events:
            yield f"{name}: `handlers.{event_type}`: a {component.type} has no such event"
    if component.binding is not None:
        event = definition.events.get(component.binding.event_type)
        if event is None or not event.bindable:
            yield f"{name}: `binding.eventType`: {component.binding.event_type!r} cannot be bound"
