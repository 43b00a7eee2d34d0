"""Templates: text with `@{expression}` in it, and `\\@{…}` where those characters themselves are meant."""

from __future__ import annotations

import re
from functools import lru_cache

from streamsync_django.core.errors import ExpressionError
from streamsync_django.core.expressions.javascript import MISSING, WHITESPACE, to_text
from streamsync_django.core.expressions.lookup import Context, lookup_parsed
from streamsync_django.core.expressions.parsing import Expression, parse

#: An expression cannot contain `}`: the first one ends it.
_TEMPLATE = re.compile(r"\\?@\{([^}]*)\}")

#: A piece of a template: text, an expression, or None for one that cannot be read and so shows nothing.
Part = str | Expression | None


def evaluate_template(text: str, state: object, context: Context | None = None) -> str:
    """Return the text with every `@{…}` replaced by its value."""
    if "@{" not in text:
        return text
    return "".join(
        part if isinstance(part, str) else to_text(part_value(part, state, context))
        for part in template_parts(text)
    )


def whole_expression(text: str) -> str | None:
    """Return the expression when the text is exactly one `@{…}` (blanks around it aside), else None."""
    match = _TEMPLATE.fullmatch(text.strip(WHITESPACE))
    if match is None or match[0].startswith("\\"):
        return None
    return match[1].strip(WHITESPACE)


@lru_cache(maxsize=4096)
def template_parts(text: str) -> tuple[Part, ...]:
    """Cut a template into its pieces, in order."""
    parts: list[Part] = []
    end = 0
    for match in _TEMPLATE.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0].startswith("\\"):
            parts.append(match[0][1:])
        else:
            parts.append(_readable(match[1].strip(WHITESPACE)))
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def part_value(part: Expression | None, state: object, context: Context | None) -> object:
    """Return the value of a template's expression."""
    return MISSING if part is None else lookup_parsed(part, state, context)


def _readable(expression: str) -> Expression | None:
    try:
        return parse(expression)
    except ExpressionError:
        return None
