"""Codecs of the author's own classes: enums, dataclasses, named tuples; found among what is imported."""

from __future__ import annotations

import dataclasses
import sys
from enum import Enum
from types import ModuleType
from typing import Any

from streamsync_django.core.own_modules import kept_name, name_here, own_name

from .codec import Codec, Unfaithful


def is_named_tuple(kind: type) -> bool:
    """Whether a class came from namedtuple or NamedTuple."""
    return issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple)


def _is_enum(kind: type) -> bool:
    return issubclass(kind, Enum)


def _is_dataclass(kind: type) -> bool:
    return "__dataclass_fields__" in vars(kind)


def _find(module: str, qualname: str) -> type | None:
    """Look a class up without importing anything, and without running a module's __getattr__."""
    found: object = sys.modules.get(name_here(module))
    for part in qualname.split("."):
        if not isinstance(found, (ModuleType, type)):
            return None
        found = vars(found).get(part)
    return found if isinstance(found, type) else None


def _address(kind: type) -> list[str]:
    """Return where a class is found again, in this process or in another one."""
    if _find(kind.__module__, kind.__qualname__) is None and own_name(kind.__module__) is None:
        raise Unfaithful(f"{kind.__qualname__} is not at the top level of an imported module")
    if "<locals>" in kind.__qualname__:
        raise Unfaithful(f"{kind.__qualname__} is inside of a function")
    return [kept_name(kind.__module__), kind.__qualname__]


def _enum_parts(value: Enum) -> object:
    return [*_address(type(value)), value.value]


def _enum(parts: tuple[str, str, object]) -> object:
    kind = _find(parts[0], parts[1])
    if kind is None or not _is_enum(kind):
        return parts[2]
    try:
        return kind(parts[2])
    except ValueError:  # a member that was removed since
        return parts[2]


def _dataclass_parts(value: Any) -> object:
    names = [field.name for field in dataclasses.fields(value)]
    if not vars(value).keys() <= set(names) if hasattr(value, "__dict__") else False:
        raise Unfaithful("it has attributes that are not fields")
    return [*_address(type(value)), {name: getattr(value, name) for name in names if hasattr(value, name)}]


def _dataclass(parts: tuple[str, str, dict[str, object]]) -> object:
    """Rebuild an instance field by field: its __init__ ran when it was made, and does not run twice."""
    kind = _find(parts[0], parts[1])
    if kind is None or not _is_dataclass(kind):
        return parts[2]
    value: object = object.__new__(kind)
    for field in dataclasses.fields(kind):
        if field.name in parts[2]:
            content = parts[2][field.name]
        elif field.default is not dataclasses.MISSING:
            content = field.default
        elif field.default_factory is not dataclasses.MISSING:
            content = field.default_factory()
        else:
            return parts[2]  # the class has grown a field since, and nobody knows its value
        object.__setattr__(value, field.name, content)
    return value


def _named_tuple_parts(value: Any) -> object:
    return [*_address(type(value)), list(tuple.__iter__(value))]


def _named_tuple(parts: tuple[str, str, list[object]]) -> object:
    kind = _find(parts[0], parts[1])
    if kind is None or not is_named_tuple(kind) or len(getattr(kind, "_fields", ())) != len(parts[2]):
        return tuple(parts[2])
    return tuple.__new__(kind, parts[2])


ENUM = Codec(30, _enum_parts, _enum)
DATACLASS = Codec(31, _dataclass_parts, _dataclass)
NAMED_TUPLE = Codec(32, _named_tuple_parts, _named_tuple)
