"""Initial states as they are stored, so that a session keeps the one it began with through any deploy."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec

from streamsync_django.core.base import Base, leaves
from streamsync_django.core.errors import SerializationError
from streamsync_django.core.state import FrozenNode, State
from streamsync_django.core.stored import from_stored, to_stored


def encode_base(base: Base) -> bytes:
    """Write every element of an initial state, private ones included; what has no stored form is left out."""
    elements: list[tuple[tuple[str, ...], bytes | None]] = []
    for path, value in leaves(base.root):
        if isinstance(value, FrozenNode):
            elements.append((path, None))
            continue
        try:
            elements.append((path, to_stored(value).data))
        except SerializationError:
            continue
    return msgspec.msgpack.encode(elements)


_decoder = msgspec.msgpack.Decoder(list[tuple[tuple[str, ...], bytes | None]])


def decode_base(data: bytes, digest: str, state_class: type[State]) -> Base:
    """Read an initial state; it keeps the digest it was stored under."""
    elements = _decoder.decode(data)
    values: dict[str, Any] = {}
    for path, stored in elements:
        node = values
        for key in path[:-1]:
            node = node.setdefault(key, {})
        if stored is None:
            node.setdefault(path[-1], {})
        else:
            node[path[-1]] = from_stored(stored)
    return dataclasses.replace(Base.of(state_class(values)), digest=digest)
