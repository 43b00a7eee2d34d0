"""Operations: what an editor asks to be done to a layout, typed as they travel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from streamsync_django.layouts.errors import OperationError

#: Components one operation may bring; more than any page has.
MAX_PASTED = 5000


class BindingRecord(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An input's link to an element of the state."""

    event_type: str
    state_ref: str


class VisibleRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a component shows, as the browser knows it."""

    kind: Literal["always", "never", "custom"] = "always"
    expression: str = ""
    reversed: bool = False


class Operation(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    tag_field="do",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of all operations. Each names components by id; positions count among the siblings."""


class Add(Operation, tag="add", frozen=True, kw_only=True):
    """Add one component; without an id it is given one, without a position it goes last."""

    type: str
    parent_id: str
    position: int | None = None
    id: str = ""
    content: dict[str, str] = {}
    handlers: dict[str, str] = {}
    binding: BindingRecord | None = None
    visible: VisibleRecord = VisibleRecord()


class Move(Operation, tag="move", frozen=True, kw_only=True):
    """Put a component, with all that is in it, into a parent at a position counted without itself."""

    id: str
    parent_id: str
    position: int | None = None


class Update(Operation, tag="update", frozen=True, kw_only=True):
    """Change parts of one component; what is not named stays. None as a text takes the key out."""

    id: str
    content: dict[str, str | None] = {}
    handlers: dict[str, str | None] = {}
    binding: BindingRecord | msgspec.UnsetType | None = msgspec.UNSET
    visible: VisibleRecord | msgspec.UnsetType = msgspec.UNSET


class Delete(Operation, tag="delete", frozen=True, kw_only=True):
    """Take a component out, with all that is in it."""

    id: str


class Duplicate(Operation, tag="duplicate", frozen=True, kw_only=True):
    """Put a copy of a component, with all that is in it, right after it; `ids` names the copies."""

    id: str
    ids: dict[str, str] = {}


class Paste(Operation, tag="paste", frozen=True, kw_only=True):
    """Put a set of components into a parent; `ids` renames those whose id is taken.

    Records are of any release's form. Those whose parent is not in the set go into `parent_id`, in their order.
    """

    parent_id: str
    components: list[dict[str, Any]]
    position: int | None = None
    ids: dict[str, str] = {}


class Replace(Operation, tag="replace", frozen=True, kw_only=True):
    """Put a whole layout in the place of this one: an import, or a return to a revision."""

    components: dict[str, dict[str, Any]]


#: What an editor may send; a whole layout comes in by import only.
EditorOperation = Add | Move | Update | Delete | Duplicate | Paste
AnyOperation = EditorOperation | Replace

_decoder = msgspec.json.Decoder(list[EditorOperation])
_stored_decoder = msgspec.json.Decoder(list[AnyOperation])


def read_operations(text: str | bytes | Sequence[object]) -> list[EditorOperation]:
    """Read an editor's operations, JSON or decoded already; raises OperationError for anything else."""
    try:
        if isinstance(text, str | bytes):
            return _decoder.decode(text)
        return msgspec.convert(list(text), list[EditorOperation])
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise OperationError([f"these are not operations: {error}"]) from error


def write_operations(operations: Sequence[AnyOperation]) -> str:
    """Write operations as they are stored."""
    return msgspec.json.encode(operations).decode()


def restore_operations(text: str) -> list[AnyOperation]:
    """Read operations that were stored."""
    return _stored_decoder.decode(text)
