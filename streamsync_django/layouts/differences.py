"""What differs between two layouts, as a person reads it: component by component, field by field."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from streamsync_django.core.catalogue import Catalogue, load_catalogue
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.ui_records import Component, Visibility

#: A name in a heading is cut here.
_NAME_LENGTH = 60

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field, handler or other part of a component; None where it was or is not set."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ComponentDifference:
    """One component that is not the same in both layouts."""

    kind: Kind
    component_id: str
    type: str
    type_name: str
    #: What it shows, or nothing.
    name: str
    #: The names from the page down to its parent.
    place: str
    fields: tuple[FieldDifference, ...]
    #: Where it was, when it is somewhere else now.
    moved_from: str | None = None

    @property
    def is_moved(self) -> bool:
        return self.moved_from is not None


def compare(
    old: ComponentTree, new: ComponentTree, catalogue: Catalogue | None = None
) -> list[ComponentDifference]:
    """Return every component that differs, in the order of the new layout; those that are gone come last."""
    catalogue = load_catalogue() if catalogue is None else catalogue
    moved = _moved(old, new)
    found = []
    for component in in_order(new):
        if component.id not in old:
            found.append(_difference("added", None, component, new, catalogue))
            continue
        before = old[component.id]
        fields = tuple(_fields(before, component, catalogue))
        if fields or component.id in moved:
            place = _place(old, before, catalogue) if component.id in moved else None
            found.append(_difference("changed", before, component, new, catalogue, place))
    found += [
        _difference("removed", component, None, old, catalogue)
        for component in in_order(old)
        if component.id not in new
    ]
    return found


def in_order(tree: ComponentTree) -> Iterator[Component]:
    """Yield the components as they stand on the page: parents before children, siblings by position."""
    waiting = [tree.root]
    while waiting:
        component = waiting.pop()
        yield component
        waiting.extend(reversed(tree.children(component.id)))


def as_text(differences: list[ComponentDifference]) -> str:
    """Return the differences for a terminal."""
    signs = {"added": "+", "removed": "-", "changed": "~"}
    lines = []
    for item in differences:
        name = f" {item.name!r}" if item.name else ""
        where = f" in {item.place}" if item.place else ""
        lines.append(f"{signs[item.kind]} {item.type_name}{name} ({item.component_id}){where}")
        if item.is_moved:
            lines.append(f"    moved from {item.moved_from}")
        for field in item.fields:
            lines.append(f"    {field.label}: {_shown(field.before)} -> {_shown(field.after)}")
    return "\n".join(lines)


def _shown(text: str | None) -> str:
    return "nothing" if text is None else repr(text if len(text) <= 200 else text[:200] + "…")


def _moved(old: ComponentTree, new: ComponentTree) -> set[str]:
    """Return who has another parent, or another place among the siblings that were there before.

    Positions alone would call everybody moved who stands after something new.
    """
    moved = set()
    for component in new.values():
        before = old.get(component.id)
        if before is not None and before.parent_id != component.parent_id:
            moved.add(component.id)
    for parent_id in old:
        if parent_id not in new:
            continue
        was = [child.id for child in old.children(parent_id)]
        now = [child.id for child in new.children(parent_id)]
        common = set(was) & set(now)
        first = [child for child in was if child in common]
        second = [child for child in now if child in common]
        if first != second:
            places = {child: place for place, child in enumerate(first)}
            kept = _longest_in_order([places[child] for child in second])
            moved |= {child for child in second if places[child] not in kept}
    return moved


def _longest_in_order(numbers: list[int]) -> set[int]:
    """Return a longest increasing subsequence: the siblings that need not have moved."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:  # of all runs of one length, the one with the smallest end is kept
        at = bisect_left(ends, number)
        before[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    run: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        run.add(last)
        last = before[last]
    return run


def _difference(
    kind: Kind,
    before: Component | None,
    after: Component | None,
    tree: ComponentTree,
    catalogue: Catalogue,
    moved_from: str | None = None,
) -> ComponentDifference:
    component = after or before
    assert component is not None  # one of them is given
    return ComponentDifference(
        kind,
        component.id,
        component.type,
        _type_name(component, catalogue),
        _name(component, catalogue),
        _place(tree, component, catalogue),
        tuple(_fields(before, after, catalogue)),
        moved_from,
    )


def _fields(
    before: Component | None, after: Component | None, catalogue: Catalogue
) -> Iterator[FieldDifference]:
    old, new = _parts(before, catalogue), _parts(after, catalogue)
    for label in {**old, **new}:
        if old.get(label) != new.get(label):
            yield FieldDifference(label, old.get(label), new.get(label))


def _parts(component: Component | None, catalogue: Catalogue) -> dict[str, str]:
    """Return everything of a component but its place, by what a person calls it."""
    if component is None:
        return {}
    definition = catalogue.get(component.type)
    fields = definition.fields if definition is not None else {}
    parts = {"Type": component.type}
    for key in sorted(component.content):
        label = f"{fields[key].label} ({key})" if key in fields else key
        parts[label] = component.content[key]
    for event in sorted(component.handlers):
        parts[f"On {event}"] = component.handlers[event]
    if component.binding is not None:
        parts["Binding"] = f"{component.binding.state_ref} ({component.binding.event_type})"
    parts["Visible"] = _visibility(component.visibility)
    return parts


def _visibility(visibility: Visibility) -> str:
    if visibility.kind != "custom":
        return visibility.kind
    return f"{'unless' if visibility.is_reversed else 'if'} {visibility.expression}"


def _type_name(component: Component, catalogue: Catalogue) -> str:
    definition = catalogue.get(component.type)
    return definition.name if definition is not None else component.type


def _name(component: Component, catalogue: Catalogue) -> str:
    definition = catalogue.get(component.type)
    field = definition.preview_field if definition is not None else None
    text = component.content.get(field or "", "") or component.content.get("key", "")
    text = " ".join(text.split())
    return text if len(text) <= _NAME_LENGTH else text[:_NAME_LENGTH] + "…"


def _place(tree: ComponentTree, component: Component, catalogue: Catalogue) -> str:
    names = [
        _name(parent, catalogue) or _type_name(parent, catalogue) for parent in tree.ancestors(component.id)
    ]
    return " › ".join(reversed(names))
