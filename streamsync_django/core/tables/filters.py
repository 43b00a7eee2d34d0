"""What a visitor filtered a table's columns by, and what can be said of a column to filter it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from .errors import TableError

#: How many columns may be filtered at once.
MAX_FILTERS: Final = 50
#: How many values one filter may choose.
MAX_AMONG: Final = 100
#: Longer texts are refused.
MAX_TEXT: Final = 500
#: A column of up to this many different values offers them …
MAX_CHOICES: Final = 30
#: … unless one of them is longer than this: they travel in an address.
MAX_CHOICE_LENGTH: Final = 60
#: Integers that JSON and JavaScript have exactly.
_EXACT: Final = 2**53

#: What a column's values are; what is `other` can only be empty or not.
ColumnKind = Literal["text", "number", "boolean", "date", "other"]


class ColumnFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the cells of one column must be; all that is given must hold.

    Empty cells (missing, not a number, a text without characters) pass only ``empty`` and what asks for nothing else.
    """

    column: str
    #: Texts with this in them, without regard to case.
    contains: str = ""
    #: Numbers, or days (ISO), from this one …
    least: int | float | str | None = msgspec.field(default=None, name="from")
    #: … to this one, both included.
    most: int | float | str | None = msgspec.field(default=None, name="to")
    #: One of these.
    among: tuple[bool | int | str, ...] | None = None
    #: Only empty cells, or only others.
    empty: bool | None = None


_decoder: Final = msgspec.json.Decoder(ColumnFilter)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range as a library compares with it: numbers, or moments of which the last is no longer in it."""

    least: int | float | datetime | None
    most: int | float | datetime | None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What the menu of a column offers."""

    kind: ColumnKind
    #: Its different values in order, where they are few.
    choices: tuple[bool | int | str, ...] | None = None
    #: The smallest and the largest: numbers, or ISO days.
    least: int | float | str | None = None
    most: int | float | str | None = None


def read_filters(texts: Sequence[str]) -> tuple[ColumnFilter, ...]:
    """Read filters as the browser writes them, one JSON object for each column. Raises TableError."""
    if len(texts) > MAX_FILTERS:
        raise _refused(f"filter up to {MAX_FILTERS} columns at once")
    try:
        filters = tuple(_decoder.decode(text) for text in texts)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise _refused(f"a filter is a JSON object such as {{'column': 'a', 'from': 1}}: {error}") from error
    for given in filters:
        if len(given.contains) > MAX_TEXT:
            raise _refused(f"filter by up to {MAX_TEXT} characters")
        if given.among is not None and len(given.among) > MAX_AMONG:
            raise _refused(f"choose up to {MAX_AMONG} values of a column")
    return filters


def check_filter(given: ColumnFilter, kind: ColumnKind) -> None:
    """See to it that a column of this kind can answer. Raises TableError."""
    if given.contains and kind != "text":
        raise _refused(f"the column {given.column!r} has no texts: 'contains' cannot be asked of it")
    has_bounds = given.least is not None or given.most is not None
    if has_bounds and kind not in ("number", "date"):
        raise _refused(f"the column {given.column!r} has neither numbers nor dates to be from or to")
    if has_bounds:
        bounds_of(given, kind)
    for value in given.among or ():
        if not _is_of(value, kind):
            raise _refused(f"{value!r} cannot be a value of the column {given.column!r}")


def bounds_of(given: ColumnFilter, kind: ColumnKind) -> Bounds | None:
    """Return the range that a column of numbers or dates is compared with. Raises TableError."""
    if given.least is None and given.most is None:
        return None
    if kind == "date":
        least, most = _day(given, given.least), _day(given, given.most)
        try:
            after = most + timedelta(days=1) if most is not None else None
        except OverflowError:  # the last day there is
            after = None
        return Bounds(least, after)
    return Bounds(_number(given, given.least), _number(given, given.most))


def facts_of(
    kind: ColumnKind, values: Sequence[Any] | None = None, least: Any = None, most: Any = None
) -> ColumnFacts:
    """Make facts of what a library found; `values` are None where there are too many."""
    choices: tuple[bool | int | str, ...] | None = None
    if kind in ("text", "boolean", "number") and values is not None:
        kept = [value for value in values if value is not None and value != ""]
        if all(_may_be_chosen(value, kind) for value in kept):
            choices = tuple(sorted(kept, key=_in_order))
    return ColumnFacts(kind, choices, _edge(least), _edge(most))


def _number(given: ColumnFilter, value: object) -> int | float | None:
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise _refused(f"{value!r} is no number, as the values of the column {given.column!r} are")
    if isinstance(value, int) and abs(value) >= _EXACT:
        try:
            return float(value)
        except OverflowError as error:
            raise _refused(f"the number for the column {given.column!r} is too large") from error
    return value


def _day(given: ColumnFilter, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(str(value)), datetime.min.time())
    except ValueError as error:
        raise _refused(f"{value!r} is no day (2026-01-31) for the column {given.column!r}") from error


def _is_of(value: object, kind: ColumnKind) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int):
        return kind == "number" and abs(value) < _EXACT
    return kind == "text"


def _may_be_chosen(value: object, kind: ColumnKind) -> bool:
    if isinstance(value, str):
        return kind == "text" and len(value) <= MAX_CHOICE_LENGTH
    return isinstance(value, bool | int) and _is_of(value, kind)


def _in_order(value: bool | int | str) -> tuple[str, object]:
    return (value.lower(), value) if isinstance(value, str) else ("", value)


def _edge(value: Any) -> int | float | str | None:
    if isinstance(value, date):
        return value.isoformat()[:10]
    if value is None or value != value:
        return None
    return value if isinstance(value, int) and abs(value) < _EXACT else float(value)


def _refused(message: str) -> TableError:
    return TableError("table.filter", message)
