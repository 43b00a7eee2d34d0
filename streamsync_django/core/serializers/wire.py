"""The wire form of one state value."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from streamsync_django.core.errors import SerializationError, StreamsyncError
from streamsync_django.core.files import Binary

from .naming import type_name
from .scalars import MAX_SAFE_INTEGER
from .walk import Walk

#: Types msgspec writes as we want them; not-a-number and infinity become null.
_FLAT = frozenset({str, bool, type(None), float})
_FLAT_OR_INT = _FLAT | {int}

#: How far the quick look goes; deeper values, and all that contain themselves, are walked with care.
_QUICK_DEPTH = 6

_EVERYTHING = slice(None)

_encode = msgspec.json.Encoder().encode


class Wire(msgspec.Struct, frozen=True):
    """One value as the browser gets it: a frozen struct, because one is made for every mutation."""

    json: bytes
    """JSON text of the wire value, in UTF-8."""
    binaries: tuple[Binary, ...] = ()
    """What the markers in the JSON stand for, each digest once."""


def to_wire(value: object, *, pages_tables: bool = True) -> Wire:
    """Encode one value; raises SerializationError, which names the type, when it has no wire form.

    Keys that begin with _ are sent like all others: what is private is the caller's knowledge. Of large
    tables only the first rows are in it, unless `pages_tables` is off: for values that nobody can ask later.
    """
    try:
        if _is_plain(value, _QUICK_DEPTH):
            return Wire(_encode(value))
    except UnicodeEncodeError:
        pass  # half a surrogate pair somewhere: the walk replaces it
    return _walked(value, pages_tables)


def to_json_value(value: object) -> Any:
    """Return a value as plain JSON: what the browser gets, with bytes as data URLs in the place of markers."""
    wire = to_wire(value, pages_tables=False)
    binaries = {binary.digest: binary for binary in wire.binaries}
    return _without_markers(msgspec.json.decode(wire.json), binaries)


def _without_markers(value: Any, binaries: Mapping[str, Binary]) -> Any:
    if isinstance(value, list):
        return [_without_markers(item, binaries) for item in value]
    if not isinstance(value, dict):
        return value
    marker = value.get("$")
    if isinstance(marker, list) and marker[0] == "binary":
        data = base64.b64encode(binaries[marker[2]].data).decode()
        return f"data:{marker[1]};base64,{data}"
    shown = marker[1] if isinstance(marker, list) and marker[0] == "object" else value
    return {key: _without_markers(item, binaries) for key, item in shown.items()}


def encode_items(items: Sequence[object]) -> Wire:
    """Encode items as one JSON array, as they are appended to a list the browser has."""
    return to_wire(items if type(items) is list else list(items))


def _walked(value: object, pages_tables: bool) -> Wire:
    walk = Walk(pages_tables=pages_tables)
    try:
        text = _encode(walk.json_value(value))
    except StreamsyncError:
        raise
    except Exception as error:
        name = type_name(value)
        raise SerializationError(f"a {name} could not be serialised: {error}", type_name=name) from error
    return Wire(text, tuple(walk.binaries.values()))


def _is_plain(value: object, depth: int) -> bool:
    """Whether msgspec alone writes this value as we want it.

    Left to itself it would print dates in its own format, and integers beyond what JavaScript reads.
    """
    kind = type(value)
    if kind in _FLAT:
        return True
    if kind is int:
        return -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER  # type: ignore[operator]
    if depth == 0:
        return False
    if kind is dict:
        return _is_plain_dict(value, depth - 1)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        return _are_plain(value, depth - 1)  # type: ignore[arg-type]
    return _is_plain_subclass(value, depth - 1)


def _is_plain_subclass(value: object, depth: int) -> bool:
    """Look into tracked containers as into the list or dict they are."""
    if isinstance(value, OrderedDict) or hasattr(type(value), "__streamsync_value__"):
        return False  # msgspec would not see an OrderedDict's order
    if isinstance(value, dict):
        return _is_plain_dict(value, depth)
    return isinstance(value, list) and _are_plain(list.__getitem__(value, _EVERYTHING), depth)


def _is_plain_dict(value: dict[object, object], depth: int) -> bool:
    for key, item in dict.items(value):
        if type(key) is not str or key == "$":
            return False
        kind = type(item)
        if kind not in _FLAT and not _is_plain(item, depth):
            return False
    return True


def _are_plain(items: Sequence[object], depth: int) -> bool:
    kinds = set(map(type, items))
    if kinds <= _FLAT:
        return True
    if kinds <= _FLAT_OR_INT:
        integers: Sequence[Any] = items if len(kinds) == 1 else [item for item in items if type(item) is int]
        return bool(min(integers) >= -MAX_SAFE_INTEGER and max(integers) <= MAX_SAFE_INTEGER)
    return all(_is_plain(item, depth) for item in items)
