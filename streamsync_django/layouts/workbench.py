"""The workbench: a private copy of a layout's records, on which operations are carried out one by one."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from streamsync_django.core.catalogue import CUSTOM_PREFIX, Catalogue
from streamsync_django.core.components import ROOT_ID
from streamsync_django.core.ui_records import POSITIONLESS, is_editor_only, label
from streamsync_django.layouts.errors import MissingComponent, OperationError
from streamsync_django.layouts.operations import (
    MAX_PASTED,
    Add,
    AnyOperation,
    Delete,
    Duplicate,
    Move,
    Paste,
    Replace,
    Update,
    VisibleRecord,
)

Record: TypeAlias = dict[str, Any]
Records: TypeAlias = dict[str, Record]
#: Component id -> the parts of it that were changed.
Touched: TypeAlias = dict[str, set[str]]

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
#: No id of any release comes near; each one is repeated in messages and addresses.
MAX_ID_LENGTH: Final = 128


def new_component_id() -> str:
    """Return an id that nobody has: 16 characters of digits and small letters."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


class Workbench:
    """Carries operations out on records in their stored form, and notes which parts they touch.

    It keeps places in order and refuses what makes no sense by itself; the rules of the whole tree are
    checked once, after the last operation.
    """

    def __init__(
        self,
        records: Mapping[str, Mapping[str, Any]],
        catalogue: Catalogue,
        new_id: Callable[[], str] = new_component_id,
    ) -> None:
        self.records: Records = {key: dict(record) for key, record in records.items()}
        self.touched: defaultdict[str, set[str]] = defaultdict(set)
        self._catalogue = catalogue
        self._new_id = new_id

    def carry_out(self, operation: AnyOperation) -> AnyOperation:
        """Do one operation; return it with every id filled in, so that doing it again gives the same."""
        match operation:
            case Add():
                return self._add(operation)
            case Move():
                self._move(operation)
            case Update():
                self._update(operation)
            case Delete():
                self._delete(operation)
            case Duplicate():
                return self._duplicate(operation)
            case Paste():
                return self._paste(operation)
            case Replace():
                self._replace(operation)
        return operation

    def subtree(self, component_id: str) -> list[str]:
        """Return the component and all that is in it, parents before children, siblings in their order."""
        children = self._children()
        found, waiting = [], [component_id]
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(reversed(children.get(current, ())))
        return found

    # One method per operation

    def _add(self, operation: Add) -> Add:
        component_id = operation.id or self._new_id()
        self._must_be_free(component_id)
        self._must_be_there(operation.parent_id)
        self._check_parts(operation.type, component_id, operation.content, operation.handlers)
        record: Record = {
            "id": component_id,
            "type": operation.type,
            "content": dict(operation.content),
            "parentId": operation.parent_id,
            "position": 0,
            "handlers": dict(operation.handlers),
        }
        if operation.binding is not None:
            record["binding"] = msgspec.to_builtins(operation.binding)
        _set_visible(record, operation.visible)
        self.records[component_id] = record
        self._place([component_id], operation.parent_id, operation.position)
        self.touched[component_id].add("added")
        return msgspec.structs.replace(operation, id=component_id)

    def _move(self, operation: Move) -> None:
        record = self._must_be_there(operation.id)
        self._must_be_there(operation.parent_id)
        if operation.id == ROOT_ID:
            raise OperationError(["the root cannot be moved"])
        if operation.parent_id in self.subtree(operation.id):
            raise OperationError(
                [
                    f"component {operation.id!r} cannot be moved into {operation.parent_id!r}, which is inside it"
                ]
            )
        left = record["parentId"]
        record["parentId"] = operation.parent_id
        self._place([operation.id], operation.parent_id, operation.position)
        if left != operation.parent_id:
            self._renumber(left)
        self.touched[operation.id].add("place")

    def _update(self, operation: Update) -> None:
        record = self._must_be_there(operation.id)
        given = {key: text for key, text in operation.content.items() if text is not None}
        handlers = {key: text for key, text in operation.handlers.items() if text}
        self._check_parts(record["type"], operation.id, given, handlers)
        touched = self.touched[operation.id]
        for part, changes in (("content", operation.content), ("handlers", operation.handlers)):
            if not changes:
                continue
            texts = dict(record.get(part, {}))
            for key, text in changes.items():
                texts.pop(key, None) if text is None else texts.update({key: text})
                touched.add(f"{part}.{key}")
            record[part] = texts
        if operation.binding is not msgspec.UNSET:
            record.pop("binding", None)
            if operation.binding is not None:
                self._check_binding(record, operation.binding.event_type)
                record["binding"] = msgspec.to_builtins(operation.binding)
            touched.add("binding")
        if operation.visible is not msgspec.UNSET:
            _set_visible(record, operation.visible)
            touched.add("visible")

    def _delete(self, operation: Delete) -> None:
        record = self._must_be_there(operation.id)
        if operation.id == ROOT_ID:
            raise OperationError(["the root cannot be deleted"])
        for component_id in self.subtree(operation.id):
            del self.records[component_id]
            self.touched[component_id].add("deleted")
        self._renumber(record["parentId"])

    def _duplicate(self, operation: Duplicate) -> Duplicate:
        record = self._must_be_there(operation.id)
        if operation.id == ROOT_ID:
            raise OperationError(["the root cannot be duplicated"])
        ids = {old: operation.ids.get(old) or self._new_id() for old in self.subtree(operation.id)}
        for new in ids.values():
            self._must_be_free(new)
        if len(set(ids.values())) < len(ids):
            raise OperationError(["`ids`: two copies would have the same id"])
        for old, new in ids.items():
            original = self.records[old]
            copy = _copied(original, new, ids.get(original["parentId"], original["parentId"]))
            self.records[new] = copy
            self.touched[new].add("added")
        position = record["position"] + 1 if record["position"] >= 0 else None
        self._place([ids[operation.id]], record["parentId"], position)
        return msgspec.structs.replace(operation, ids=ids)

    def _paste(self, operation: Paste) -> Paste:
        self._must_be_there(operation.parent_id)
        if len(operation.components) > MAX_PASTED:
            raise OperationError([f"more than {MAX_PASTED} components cannot be pasted at once"])
        given = _by_id(operation.components)
        ids = {old: operation.ids.get(old) or self._free_id(old) for old in given}
        for new in ids.values():
            self._must_be_free(new)
        if len(set(ids.values())) < len(ids):
            raise OperationError(["`ids`: two components would have the same id"])
        tops = []
        for old, record in given.items():
            inner = record.get("parentId") in given
            parent_id = ids[record["parentId"]] if inner else operation.parent_id
            self.records[ids[old]] = _copied(record, ids[old], parent_id)
            self.touched[ids[old]].add("added")
            if not inner:
                tops.append(old)
        tops.sort(key=lambda old: _rank(given[old]))
        self._place([ids[old] for old in tops], operation.parent_id, operation.position)
        return msgspec.structs.replace(operation, ids=ids)

    def _replace(self, operation: Replace) -> None:
        before, self.records = (
            self.records,
            {key: dict(record) for key, record in operation.components.items()},
        )
        for component_id, parts in changed_parts(before, self.records).items():
            self.touched[component_id] |= parts

    # What the operations share

    def _must_be_there(self, component_id: str) -> Record:
        try:
            return self.records[component_id]
        except KeyError:
            raise MissingComponent(component_id) from None

    def _must_be_free(self, component_id: str) -> None:
        if component_id in self.records:
            raise OperationError([f"there is a component {component_id!r} already"])
        if not component_id or len(component_id) > MAX_ID_LENGTH:
            raise OperationError([f"an id has 1 to {MAX_ID_LENGTH} characters"])

    def _free_id(self, wanted: str) -> str:
        return wanted if wanted not in self.records and len(wanted) <= MAX_ID_LENGTH else self._new_id()

    def _check_parts(
        self, type_name: str, component_id: str, content: Iterable[str], handlers: Iterable[str]
    ) -> None:
        """Refuse fields and events the type does not have; an extension that is missing may have any."""
        definition = self._catalogue.get(type_name)
        if definition is None:
            if is_editor_only(type_name) or not type_name.startswith(CUSTOM_PREFIX):
                raise OperationError([f"there is no component type {type_name!r}"])
            return
        name = label(component_id, type_name)
        problems = [
            f"{name}: `content.{key}`: a {type_name} has no such field"
            for key in content
            if key not in definition.fields
        ]
        problems += [
            f"{name}: `handlers.{event}`: a {type_name} has no such event"
            for event in handlers
            if event.startswith(("ss-", "wf-")) and f"ss-{event[3:]}" not in definition.events
        ]
        if problems:
            raise OperationError(problems)

    def _check_binding(self, record: Record, event_type: str) -> None:
        definition = self._catalogue.get(record["type"])
        event = definition.events.get(event_type) if definition is not None else None
        if definition is not None and (event is None or not event.bindable):
            raise OperationError(
                [
                    f"{label(record['id'], record['type'])}: `binding.eventType`: {event_type!r} cannot be bound"
                ]
            )

    def _children(self) -> dict[str, list[str]]:
        children: defaultdict[str, list[str]] = defaultdict(list)
        for record in sorted(self.records.values(), key=_rank):
            if record.get("parentId") is not None:
                children[record["parentId"]].append(record["id"])
        return children

    def _place(self, component_ids: list[str], parent_id: str, position: int | None) -> None:
        """Number the children of a parent anew, these at the position (None: last)."""
        moved = [component_id for component_id in component_ids if not self._is_positionless(component_id)]
        for component_id in set(component_ids) - set(moved):
            self.records[component_id]["position"] = POSITIONLESS
        others = [component_id for component_id in self._family(parent_id) if component_id not in moved]
        at = len(others) if position is None else min(max(position, 0), len(others))
        self._number([*others[:at], *moved, *others[at:]])

    def _renumber(self, parent_id: str) -> None:
        self._number(self._family(parent_id))

    def _number(self, component_ids: list[str]) -> None:
        for position, component_id in enumerate(component_ids):
            self.records[component_id]["position"] = position

    def _family(self, parent_id: str) -> list[str]:
        family = [
            record
            for record in self.records.values()
            if record.get("parentId") == parent_id and not self._is_positionless(record["id"])
        ]
        return [record["id"] for record in sorted(family, key=_rank)]

    def _is_positionless(self, component_id: str) -> bool:
        definition = self._catalogue.get(self.records[component_id]["type"])
        return definition is not None and definition.positionless


def changed_parts(before: Mapping[str, Record], after: Mapping[str, Record]) -> Touched:
    """Return which parts of which components differ between two layouts in stored form."""
    touched: defaultdict[str, set[str]] = defaultdict(set)
    for component_id in before.keys() - after.keys():
        touched[component_id].add("deleted")
    for component_id in after.keys() - before.keys():
        touched[component_id].add("added")
    for component_id in before.keys() & after.keys():
        old, new = before[component_id], after[component_id]
        for part in ("content", "handlers"):
            was, now = old.get(part) or {}, new.get(part) or {}
            touched[component_id] |= {
                f"{part}.{key}" for key in was.keys() | now.keys() if was.get(key) != now.get(key)
            }
        for part in ("binding", "visible", "type"):
            if old.get(part) != new.get(part):
                touched[component_id].add(part)
        if (old.get("parentId"), old.get("position")) != (new.get("parentId"), new.get("position")):
            touched[component_id].add("place")
    return {component_id: parts for component_id, parts in touched.items() if parts}


def _set_visible(record: Record, visible: VisibleRecord) -> None:
    record.pop("visible", None)
    if visible.kind == "never":
        record["visible"] = False
    elif visible.kind == "custom":
        record["visible"] = {
            "expression": "custom",
            "binding": visible.expression,
            "reversed": visible.reversed,
        }


def _copied(record: Record, component_id: str, parent_id: str | None) -> Record:
    copy = {**record, "id": component_id, "parentId": parent_id}
    copy.pop("isCodeManaged", None)  # a copy in the layout is the layout's, whoever made the original
    visible = copy.get("visible")
    if isinstance(visible, dict) and "kind" in visible:  # as the browser has it
        try:
            _set_visible(copy, msgspec.convert(visible, VisibleRecord))
        except msgspec.ValidationError as error:
            raise OperationError([f"component {component_id!r}: `visible`: {error}"]) from error
    return copy


def _by_id(components: Iterable[Record]) -> Records:
    given: Records = {}
    for record in components:
        component_id = record.get("id")
        if not isinstance(component_id, str) or not isinstance(record.get("type"), str):
            raise OperationError(["each pasted component needs an `id` and a `type`"])
        if component_id in given:
            raise OperationError([f"component {component_id!r} is pasted twice"])
        if component_id == ROOT_ID:
            raise OperationError(["the root cannot be pasted"])
        if not isinstance(record.get("parentId"), str | None):
            raise OperationError([f"component {component_id!r}: `parentId` is not text"])
        given[component_id] = record
    return given


def _rank(record: Record) -> float:
    position = record.get("position")
    is_place = isinstance(position, int | float) and not isinstance(position, bool) and position >= 0
    return float(position) if is_place else float("inf")  # type: ignore[arg-type]  # just checked
