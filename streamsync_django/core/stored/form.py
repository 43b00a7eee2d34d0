"""The stored form of one element: a tag that says how to read it, then the bytes.

m  a value in MessagePack                    (faithful)
l  a list: any number of chunks, each 4 bytes of length and one packed list; appending to the
   list is appending a chunk                 (faithful)
p  HMAC-SHA256 and a pickle                  (faithful; only where `pickling` is on)
w  the wire form of a value that stays in its process, so that other instances can show it
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import msgspec

from streamsync_django.core.errors import SerializationError, StreamsyncError
from streamsync_django.core.files import BytesWrapper
from streamsync_django.core.serializers import Wire, to_wire

from .codec import Unfaithful
from .packing import is_plain_container, pack, unpack
from .pickling import pickled, unpickled

_VALUE, _LIST, _PICKLE, _WIRE = b"m", b"l", b"p", b"w"
_LENGTH = struct.Struct(">I")


class Stored(msgspec.Struct, frozen=True):
    """One element as the store keeps it."""

    data: bytes
    faithful: bool
    """Whether `from_stored` returns an equal Python value; if not, it returns what the browser saw."""


def to_stored(value: object, *, wire: Wire | None = None) -> Stored:
    """Encode one value for the store, faithfully if at all possible.

    A value without a stored form is pickled where that is on, else kept as its wire form: pass `wire`
    when it is known already. Raises SerializationError when it has none of them.
    """
    try:
        if type(value) is list or (isinstance(value, list) and is_plain_container(type(value))):
            return Stored(list_header() + _chunk(value), True)
        return Stored(_VALUE + pack(value), True)
    except Unfaithful as error:
        reason = error
    if (signed := pickled(value)) is not None:
        return Stored(_PICKLE + signed, True)
    try:
        known = to_wire(value, pages_tables=False) if wire is None else wire
    except SerializationError as error:
        raise error from reason
    return Stored(_WIRE + pack([known.json, [[b.mime, b.digest, b.data] for b in known.binaries]]), False)


def list_header() -> bytes:
    """Return the stored form of an empty list, to which chunks of items are appended."""
    return _LIST


def encode_stored_items(items: Sequence[object]) -> bytes | None:
    """Return the bytes that append items to a stored list, or None when one has no faithful form."""
    try:
        return _chunk(items if isinstance(items, list) else list(items))
    except Unfaithful:
        return None


def from_stored(data: bytes) -> object:
    """Return the value that was stored; of an unfaithful one, what the browser saw.

    Raises SerializationError for bytes that cannot be read, and for pickles without a valid signature.
    """
    tag, body = data[:1], memoryview(data)[1:]
    try:
        if tag == _VALUE:
            return unpack(body)
        if tag == _LIST:
            return _read_chunks(body)
        if tag == _WIRE:
            return _read_wire(body)
    except StreamsyncError:
        raise
    except Exception as error:
        raise SerializationError(f"a stored value cannot be read: {error}") from error
    if tag == _PICKLE:
        return unpickled(bytes(body))
    raise SerializationError(
        f"a stored value has the unknown tag {tag!r}; was it written by a newer version?"
    )


def _chunk(items: list[Any]) -> bytes:
    packed = pack(items)
    return _LENGTH.pack(len(packed)) + packed


def _read_chunks(body: memoryview) -> list[object]:
    items: list[object] = []
    position = 0
    while position < len(body):
        (length,) = _LENGTH.unpack_from(body, position)
        position += _LENGTH.size
        if position + length > len(body):
            raise SerializationError("a stored list is cut off")
        chunk: Any = unpack(body[position : position + length])
        items += chunk
        position += length
    return items


def _read_wire(body: memoryview) -> object:
    parts: Any = unpack(body)
    text, binaries = parts
    known = {digest: BytesWrapper(data, mime) for mime, digest, data in binaries}
    return _unmarked(msgspec.json.decode(text), known)


def _unmarked(value: Any, known: dict[str, BytesWrapper]) -> object:
    """Undo the markers of the wire form."""
    if isinstance(value, list):
        return [_unmarked(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    marker = value.get("$")
    if isinstance(marker, list) and len(value) == 1:
        if marker[0] == "binary":
            return known[marker[2]]
        value = marker[1]
    return {key: _unmarked(item, known) for key, item in value.items()}
