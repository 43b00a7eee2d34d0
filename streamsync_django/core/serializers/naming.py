"""Names of classes, so that a type is recognised without importing its library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from streamsync_django.core.own_modules import own_name

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
    if hasattr(kind, "stands_for"):  # what is tracked in the state is a list, a dict or a set to its author
        kind = kind.stands_for
    module = own_name(kind.__module__) or kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def readable(text: str) -> str:
    """Return a text of any class as a plain one, halves of surrogate pairs replaced: they have no UTF-8 form."""
    text = str.__str__(text)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
