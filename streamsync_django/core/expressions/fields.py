"""A field's text -> the value its type promises (number, boolean, object …)."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn, Protocol

from streamsync_django.core.expressions.javascript import MISSING, WHITESPACE, json_text, to_text
from streamsync_django.core.expressions.lookup import Context, lookup
from streamsync_django.core.expressions.templates import (
    Part,
    evaluate_template,
    part_value,
    template_parts,
    whole_expression,
)

_LEADING_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_QUOTE_OR_ESCAPE = re.compile(r'\\.|"', re.DOTALL)


class FieldLike(Protocol):
    """What casting needs to know of a field of the catalogue."""

    @property
    def type(self) -> str: ...

    @property
    def default(self) -> object: ...


def evaluate_field(
    text: str | None, field: FieldLike, state: object, context: Context | None = None
) -> object:
    """Return the value that a component sees for a field holding this text.

    An absent text, null and the empty text all mean the default. An identifying key is never evaluated.
    """
    content = text or ""
    match field.type:
        case "identifyingKey":
            return content
        case "number":
            number = parse_number(evaluate_template(content, state, context))
            return parse_number(to_text(_default(field))) if number is None else number
        case "boolean":
            shown = evaluate_template(content, state, context) or to_text(_default(field))
            return shown in ("yes", "true")
        case "object" | "keyValue":
            return _object(content, field, state, context)
        case _:
            return evaluate_template(content, state, context) or to_text(_default(field))


def parse_number(text: str) -> float | None:
    """Return the number a text begins with (`12px` -> 12), None when it begins with none."""
    match = _LEADING_NUMBER.match(text.lstrip(WHITESPACE))
    number = float(match[0]) if match else math.nan
    return number if math.isfinite(number) else None


def _default(field: FieldLike) -> object:
    return MISSING if field.default is None else field.default


def _object(content: str, field: FieldLike, state: object, context: Context | None) -> object:
    parsed: object
    expression = whole_expression(content)
    if expression is not None:
        value = lookup(expression, state, context)
        parsed = _parse_json(value) if isinstance(value, str) else value
    else:
        parsed = _parse_json(evaluate_template(content, state, context))
        if parsed is MISSING and "@{" in content:
            parsed = _parse_json(_escaped(template_parts(content), state, context))
    if parsed is not MISSING:
        return parsed
    default = _parse_json(field.default) if isinstance(field.default, str) else field.default
    return None if default is MISSING else default


def _escaped(parts: tuple[Part, ...], state: object, context: Context | None) -> str:
    """Return a JSON template with each value written so that it cannot break the JSON around it."""
    pieces: list[str] = []
    in_quotes = False
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            for match in _QUOTE_OR_ESCAPE.finditer(part):
                in_quotes ^= match[0] == '"'
            continue
        value = part_value(part, state, context)
        pieces.append(json_text(to_text(value))[1:-1] if in_quotes else json_text(value))
    return "".join(pieces)


def _parse_json(text: str) -> object:
    """Return what a JSON text holds, MISSING when it is not JSON as browsers read it."""
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return MISSING
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
