"""MessagePack with typed extensions: values taken apart for the store, and put together again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from msgspec.msgpack import Ext

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.serializers.naming import class_name, class_names, type_name
from streamsync_django.core.serializers.walk import MAX_DEPTH, too_deep

from . import classes, libraries, standard
from .codec import Codec, Unfaithful

#: Types that MessagePack keeps as they are.
_FLAT = frozenset({str, bool, type(None), float, bytes})
_FLAT_OR_INT = _FLAT | {int}
_MIN_INT, _MAX_INT = -(2**63), 2**63 - 1
_QUICK_DEPTH = 6

#: How a subclass's value becomes the plain one; subclasses of these are stored as what they derive from.
_EXACT: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (str, str.__str__),
    (int, int),
    (float, float),
    (bytes, bytes),
)

_EVERYTHING = slice(None)

_registered: dict[type, Codec] = {}
_codecs: WeakKeyDictionary[type, Codec | None] = WeakKeyDictionary()


def pack(value: object) -> bytes:
    """Pack a value; raises Unfaithful when something in it would not come back as it was."""
    try:
        if _is_plain(value, _QUICK_DEPTH):
            return _encode(value)
    except UnicodeEncodeError:
        pass  # half a surrogate pair somewhere: the walk has a codec for it
    try:
        return _encode(_parts(value, set()))
    except RecursionError as error:
        raise SerializationError(
            "the value is nested too deeply to be stored", type_name=type_name(value)
        ) from error


def unpack(data: bytes | memoryview) -> object:
    """Put a packed value together again."""
    return _decode(data)


def register_codec(kind: type, codec: Codec) -> None:
    """Teach the store one more class, by exact type; codes from 100 on are free for that."""
    holder = _by_code.get(codec.code)
    if holder is not None and _registered.get(kind) != holder:
        raise SerializationError(f"codec {codec.code} is taken already", type_name=kind.__qualname__)
    _registered[kind] = _by_code[codec.code] = codec
    _codecs.pop(kind, None)


def is_plain_container(kind: type) -> bool:
    """Whether a class is stored as the list or dict it derives from, as the state's own containers are."""
    return issubclass(kind, (list, dict)) and not issubclass(kind, OrderedDict) and _codec_for(kind) is None


def _is_plain(value: object, depth: int) -> bool:
    kind = type(value)
    if kind in _FLAT:
        return True
    if kind is int:
        return _MIN_INT <= value <= _MAX_INT  # type: ignore[operator]
    if depth == 0:
        return False
    if kind is not list and kind is not dict and not is_plain_container(kind):
        return False
    if isinstance(value, list):
        return _are_plain(value, depth - 1)
    entries: dict[object, object] = value  # type: ignore[assignment]
    for key, item in dict.items(entries):
        if type(key) is not str or not (type(item) in _FLAT or _is_plain(item, depth - 1)):
            return False
    return True


def _are_plain(items: list[Any], depth: int) -> bool:
    if type(items) is not list:
        items = list.__getitem__(items, _EVERYTHING)
    kinds = set(map(type, items))
    if kinds <= _FLAT:
        return True
    if kinds <= _FLAT_OR_INT:
        integers = items if len(kinds) == 1 else [item for item in items if type(item) is int]
        return bool(min(integers) >= _MIN_INT and max(integers) <= _MAX_INT)
    return all(_is_plain(item, depth) for item in items)


def _parts(value: Any, path: set[int]) -> object:
    """Return what MessagePack knows, with an extension where Python knows more."""
    kind = type(value)
    if kind is str:
        return _text(value, path)
    if kind in _FLAT:
        return value
    if kind is int:
        return value if _MIN_INT <= value <= _MAX_INT else _extension(standard.BIG_INT, value, path)
    if id(value) in path:
        raise SerializationError(f"a {kind.__name__} contains itself", type_name=type_name(value))
    if len(path) >= MAX_DEPTH:
        raise too_deep(value)
    path.add(id(value))
    try:
        return _container_or_extension(value, kind, path)
    finally:
        path.discard(id(value))


def _container_or_extension(value: Any, kind: type, path: set[int]) -> object:
    codec = _codec_for(kind)
    if codec is not None:
        return _extension(codec, value, path)
    if isinstance(value, list):
        return [_parts(item, path) for item in list.__iter__(value)]
    if isinstance(value, dict):
        if not all(type(key) is str and key.isascii() for key in dict.__iter__(value)):  # see ODD_TEXT
            return _extension(standard.PAIRS, value, path)
        return {key: _parts(item, path) for key, item in value.items()}
    for base, exact in _EXACT:
        if isinstance(value, base):
            return _parts(exact(value), path)
    raise Unfaithful(f"a {type_name(value)} has no stored form")


def _text(value: str, path: set[int]) -> object:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return _extension(standard.ODD_TEXT, value, path)
    return value


def _extension(codec: Codec, value: Any, path: set[int]) -> Ext:
    try:
        parts = codec.to_parts(value)
    except Unfaithful:
        raise
    except Exception as error:
        raise Unfaithful(f"a {type_name(value)} could not be stored: {error}") from error
    if type(parts) is tuple:  # fixed parts, not a stored tuple
        parts = list(parts)
    return Ext(codec.code, _encode(_parts(parts, path)))


def _codec_for(kind: type) -> Codec | None:
    try:
        return _codecs[kind]
    except KeyError:
        codec = _codecs[kind] = _find_codec(kind)
        return codec


def _find_codec(kind: type) -> Codec | None:
    if issubclass(kind, Enum):
        return classes.ENUM
    exact = _registered.get(kind) or standard.BY_TYPE.get(kind) or libraries.BY_NAME.get(class_name(kind))
    if exact is not None:
        return exact
    for name in class_names(kind):
        if name in libraries.BY_BASE_NAME:
            return libraries.BY_BASE_NAME[name]
    if issubclass(kind, (list, dict)):
        return None
    if "__dataclass_fields__" in vars(kind):
        return classes.DATACLASS
    if classes.is_named_tuple(kind):
        return classes.NAMED_TUPLE
    bases = ((tuple, standard.TUPLE), (set, standard.SET), (frozenset, standard.FROZENSET))
    return next((codec for base, codec in bases if issubclass(kind, base)), None)


_constants = (
    standard.BIG_INT,
    standard.ODD_TEXT,
    standard.PAIRS,
    classes.ENUM,
    classes.DATACLASS,
    classes.NAMED_TUPLE,
)
_families = (standard.BY_TYPE.values(), libraries.BY_NAME.values(), libraries.BY_BASE_NAME.values())
_by_code: dict[int, Codec] = {codec.code: codec for family in (_constants, *_families) for codec in family}


def _from_extension(code: int, data: memoryview) -> object:
    codec = _by_code.get(code)
    if codec is None:
        raise SerializationError(f"stored value of unknown kind {code}; was it written by a newer version?")
    return codec.from_parts(_decode(data))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ext_hook=_from_extension).decode
