"""Drafts: a layout being edited, and the rules by which the edits of several people become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from streamsync_django.core.catalogue import Catalogue, load_catalogue
from streamsync_django.core.components import ComponentTree
from streamsync_django.layouts.errors import Conflict, EditConflict, MissingComponent, OutdatedEdit
from streamsync_django.layouts.operations import AnyOperation, Replace
from streamsync_django.layouts.workbench import Record, Touched, Workbench, new_component_id


@dataclass(frozen=True, slots=True)
class Draft:
    """A layout as it stands after `version` edits."""

    tree: ComponentTree
    version: int


@dataclass(frozen=True, slots=True)
class PastEdit:
    """An accepted edit, as far as later ones must know it."""

    version: int
    who: str
    when: datetime
    #: The editor's window it came from: one's own earlier edits are no conflict.
    client: str
    touched: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An edit that fits: the draft after it, and what to write down about it."""

    draft: Draft
    #: The operations with every id filled in: done again on the same draft they give the same.
    operations: tuple[AnyOperation, ...]
    touched: Touched
    #: The touched components as they were; None for those that were not there.
    before: dict[str, Record | None]


def apply_edit(
    draft: Draft,
    operations: Sequence[AnyOperation],
    *,
    base: int,
    client: str = "",
    history: Iterable[PastEdit] = (),
    catalogue: Catalogue | None = None,
    new_id: Callable[[], str] = new_component_id,
) -> Accepted:
    """Apply operations that build on version `base` to the draft as it is now: all of them, or none.

    `history` holds the edits since `base`. Edits of different parts merge. Raises EditConflict when a part
    that is changed here was changed by somebody else since, OutdatedEdit when the history has gaps, and
    LayoutError when the layout would not be valid any more.
    """
    catalogue = load_catalogue() if catalogue is None else catalogue
    others = _others(draft, base, client, history)
    bench = Workbench(draft.tree.to_records(), catalogue, new_id)
    try:
        completed = tuple(bench.carry_out(operation) for operation in operations)
    except MissingComponent as error:
        gone = _who_deleted(error.component_id, others)
        if gone is None:
            raise
        raise EditConflict([gone], draft.version) from error
    replaces = any(isinstance(operation, Replace) for operation in operations)
    conflicts = _conflicts(bench.touched, others, replaces=replaces)
    if conflicts:
        raise EditConflict(conflicts, draft.version)
    tree = ComponentTree.from_records(bench.records, catalogue)
    touched = {component_id: parts for component_id, parts in bench.touched.items() if parts}
    records = draft.tree.to_records()
    return Accepted(
        Draft(tree, draft.version + 1),
        completed,
        touched,
        {component_id: records.get(component_id) for component_id in touched},
    )


def _others(draft: Draft, base: int, client: str, history: Iterable[PastEdit]) -> list[PastEdit]:
    """Return what others did since `base`; raise OutdatedEdit unless all of it is known."""
    since = [edit for edit in history if edit.version > base]
    if not 0 <= base <= draft.version or len(since) != draft.version - base:
        raise OutdatedEdit(base, draft.version)
    return [edit for edit in since if not client or edit.client != client]


def _who_deleted(component_id: str, others: Iterable[PastEdit]) -> Conflict | None:
    for edit in others:
        if "deleted" in edit.touched.get(component_id, ()):
            return Conflict(component_id, "deleted", edit.who, edit.when, edit.version)
    return None


def _conflicts(touched: Touched, others: Iterable[PastEdit], *, replaces: bool) -> list[Conflict]:
    """Return the parts that others changed and this edit would change again, the newest change of each.

    A whole layout leaves nothing of what others did, wherever they did it.
    """
    found: dict[tuple[str, str], Conflict] = {}
    for edit in others:
        for component_id, theirs in edit.touched.items():
            ours = touched.get(component_id, set())
            for part in theirs:
                if replaces or _clashes(ours, part):
                    found[component_id, part] = Conflict(
                        component_id, part, edit.who, edit.when, edit.version
                    )
    return list(found.values())


def _clashes(ours: set[str], part: str) -> bool:
    if not ours:
        return False
    if "deleted" in ours:  # nothing of what somebody else did to it would be left
        return True
    if "added" in ours:  # it was free: putting something back overwrites nothing
        return False
    return part in ours or part in ("deleted", "type")
