"""An expression and the data -> its value.

The whole expression is looked up in the context of the repeaters first, then in the state; a null in the
context counts as not found there. Only mappings and lists are walked, never attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from streamsync_django.core.errors import ExpressionError
from streamsync_django.core.expressions.javascript import MISSING, is_index, to_text
from streamsync_django.core.expressions.parsing import Bracket, Expression, parse

Context = Mapping[str, object]


def evaluate(expression: str, state: object, context: Context | None = None) -> object:
    """Return the value an expression names, None when there is none."""
    value = lookup(expression, state, context)
    return None if value is MISSING else value


def lookup(expression: str, state: object, context: Context | None = None) -> object:
    """Return the value an expression names, MISSING when there is none or it cannot be read."""
    try:
        parsed = parse(expression)
    except ExpressionError:
        return MISSING
    return lookup_parsed(parsed, state, context)


def lookup_parsed(expression: Expression, state: object, context: Context | None) -> object:
    """Return what `lookup` does, for an expression that is parsed already."""
    names: Sequence[str] | None = expression.names
    if names is None:
        names = resolve_names(expression, state, context)
    if not names:
        return MISSING
    if context:
        value = _walk(context, names)
        if value is not None and value is not MISSING:
            return value
    return _walk(state, names)


def resolve_names(expression: Expression, state: object, context: Context | None) -> list[str] | None:
    """Return the expression's path with every bracket replaced by its key, None when a bracket has none."""
    names: list[str] = []
    for part in expression.parts:
        name = part if isinstance(part, str) else _bracket_key(part, state, context)
        if name is None:
            return None
        names.append(name)
    return names


def find_key(mapping: Mapping[object, object], name: str) -> object:
    """Return the key a name stands for, MISSING when the mapping has none; `1` also finds the key 1."""
    if name in mapping:
        return name
    if len(name) < 20 and name and is_index(name) and int(name) in mapping:
        return int(name)
    return MISSING


def _bracket_key(bracket: Bracket, state: object, context: Context | None) -> str | None:
    if bracket.expression is not None:
        value = lookup_parsed(bracket.expression, state, context)
        if isinstance(value, Mapping | list | tuple | set | frozenset):
            return None
        if value is not None and value is not MISSING:
            return value if isinstance(value, str) and not isinstance(value, Enum) else to_text(value)
    return bracket.literal


def _walk(root: object, names: Sequence[str]) -> object:
    value = root
    for name in names:
        if name[:1] == "_":
            return MISSING
        if isinstance(value, dict | Mapping):  # dict first: it is the quick test
            if name in value:
                value = value[name]
            elif (key := find_key(value, name)) is not MISSING:
                value = value[key]
            else:
                return MISSING
        elif isinstance(value, list | tuple):
            if name and is_index(name) and len(name) < 20 and int(name) < len(value):
                value = value[int(name)]
            elif name == "length":
                value = len(value)
            else:
                return MISSING
        else:
            return MISSING
    return value
