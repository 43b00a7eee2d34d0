"""Names of classes, so that a type is recognised without importing its library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Turns a value of one type family into something simpler: a Binary, Finished, or a value to look at again.
Simplify = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Finished:
    """A JSON value that is known to be safe and is not looked at again."""

    json_value: object


def class_name(kind: type) -> str:
    """Name a class by its library and its own name.

    "pandas.DataFrame", wherever inside pandas it lives: libraries move their modules more often
    than they rename their classes.
    """
    return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"


def class_names(kind: type) -> list[str]:
    """Name a class and everything it derives from, nearest first."""
    return [class_name(base) for base in kind.__mro__]


def type_name(value: object) -> str:
    """Name a value's type as its author would write it in a message."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
