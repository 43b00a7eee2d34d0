"""Bindings: an expression as the place a value is written to."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from streamsync_django.core.errors import ExpressionError
from streamsync_django.core.expressions.javascript import MISSING, is_index
from streamsync_django.core.expressions.lookup import Context, find_key, resolve_names
from streamsync_django.core.expressions.parsing import is_private, parse

#: Where the item that a context variable names lives in the state: `{"item": ("products", 3)}`.
ContextPaths = Mapping[str, tuple[object, ...]]


def assign(
    expression: str,
    state: object,
    value: object,
    context: Context | None = None,
    context_paths: ContextPaths | None = None,
) -> None:
    """Write a value where an expression points, creating missing mappings on the way.

    Raises ExpressionError, having written nothing, when the path is private, leads through something that
    has no parts, or begins with a context variable that does not live in the state.
    """
    path = resolve_path(expression, state, context, context_paths)
    _write(state, path, value, expression)


def resolve_path(
    expression: str,
    state: object,
    context: Context | None = None,
    context_paths: ContextPaths | None = None,
) -> tuple[object, ...]:
    """Return the path in the state that an expression points to, whether or not something is there."""
    names = resolve_names(parse(expression), state, context)
    if names is None:
        raise ExpressionError(f"{expression!r} cannot be assigned to: a bracket in it has no value")
    if not names or "" in names:
        raise ExpressionError(f"{expression!r} cannot be assigned to: it has an empty name")
    path: tuple[object, ...] = tuple(names)
    if context_paths is not None and names[0] in context_paths:
        path = (*context_paths[names[0]], *names[1:])
    elif context is not None and names[0] in context:
        raise ExpressionError(
            f"{expression!r} cannot be assigned to: {names[0]!r} is a repeater's variable whose value "
            "does not come from the state"
        )
    for key in path:
        if is_private(key):
            raise ExpressionError(f"{expression!r} cannot be assigned to: {key!r} is private")
    return path


def _write(state: object, path: tuple[object, ...], value: object, expression: str) -> None:
    container = state
    for depth, key in enumerate(path):
        is_last = depth == len(path) - 1
        if isinstance(container, MutableMapping):
            found = find_key(container, str(key))
            place = str(key) if found is MISSING else found
            inner = None if is_last or found is MISSING else container[found]
            if inner is None:
                # One assignment of the whole new branch: one mutation, and nothing half-made.
                container[place] = _branch(path[depth + 1 :], value)
                return
        elif isinstance(container, list):
            index = _index(container, key, expression)
            inner = None if is_last else container[index]
            if inner is None:
                container[index] = _branch(path[depth + 1 :], value)
                return
        else:
            raise ExpressionError(
                f"{expression!r} cannot be assigned to: {'.'.join(map(str, path[:depth])) or 'the state'} "
                f"is a {type(container).__name__}, which has no part {str(key)!r} to write"
            )
        container = inner


def _branch(path: tuple[object, ...], value: object) -> object:
    for key in reversed(path):
        value = {str(key): value}
    return value


def _index(items: list[object], key: object, expression: str) -> int:
    text = str(key)
    if not text or not is_index(text) or len(text) > 19 or int(text) >= len(items):
        raise ExpressionError(
            f"{expression!r} cannot be assigned to: the list has {len(items)} items and no item {text!r}"
        )
    return int(text)
