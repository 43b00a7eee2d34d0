"""The text of an expression -> its parts.

    expression := segment { "." segment | "[" expression "]" }

A backslash makes the next character an ordinary one (`a\\.b` is one name). A trailing empty segment is
dropped; an inner one is the empty name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from streamsync_django.core.errors import ExpressionError

#: Brackets within brackets; deeper ones are refused rather than recursed into.
MAX_DEPTH = 32

_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bracket:
    """What stands in `[…]`: an expression whose value is the key, or else the literal."""

    expression: Expression | None
    """None when the content is quoted text that is no expression, such as `"a]"`."""
    literal: str | None
    """The key to use when nothing has that name: an integer's digits or the text between quotes."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    source: str
    parts: tuple[str | Bracket, ...]
    names: tuple[str, ...] | None
    """The parts again when none is a bracket, so that looking up needs no further work."""


@lru_cache(maxsize=4096)
def parse(expression: str) -> Expression:
    """Read an expression; raise ExpressionError when brackets do not match."""
    return _parse(expression, 0)


def is_private(name: object) -> bool:
    """Whether a path segment names something that never leaves the server (`_x`, `__x__`)."""
    return isinstance(name, str) and name.startswith("_")


def _parse(text: str, depth: int) -> Expression:
    if depth > MAX_DEPTH:
        raise ExpressionError(f"{text[:80]!r}: brackets are nested more than {MAX_DEPTH} deep")
    parts: list[str | Bracket] = []
    segment = ""
    after_bracket = False
    position = 0
    while position < len(text):
        character = text[position]
        if character == ".":
            if not after_bracket:
                parts.append(segment)
            segment, after_bracket = "", False
        elif character == "[":
            if not after_bracket:
                parts.append(segment)
            end = _closing_bracket(text, position)
            parts.append(_bracket(text[position + 1 : end], depth))
            segment, after_bracket, position = "", True, end
        elif character == "]" or after_bracket:
            raise ExpressionError(f"{text[:80]!r}: unexpected {character!r} at character {position + 1}")
        else:
            if character == "\\" and position + 1 < len(text):
                position += 1
            segment += text[position]
        position += 1
    if segment:
        parts.append(segment)
    names = tuple(part for part in parts if isinstance(part, str))
    return Expression(text, tuple(parts), names if len(names) == len(parts) else None)


def _closing_bracket(text: str, start: int) -> int:
    """Return the position of the bracket that closes the one at `start`."""
    if (end := _closing_quote(text, start + 1)) is not None and text[end + 1 : end + 2] == "]":
        return end + 1
    level = 0
    position = start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "[":
            level += 1
        elif character == "]":
            level -= 1
            if level == 0:
                return position
        position += 1
    raise ExpressionError(f"{text[:80]!r}: the bracket at character {start + 1} is never closed")


def _closing_quote(text: str, start: int) -> int | None:
    """Return where the quoted text that begins at `start` ends, or None when there is none."""
    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        return None
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == quote:
            return position
        position += 1
    return None


def _bracket(content: str, depth: int) -> Bracket:
    if _INTEGER.fullmatch(content):
        return Bracket(_parse(content, depth + 1), content)
    if _closing_quote(content, 0) != len(content) - 1 or not content:
        return Bracket(_parse(content, depth + 1), None)
    literal = _ESCAPED.sub(r"\1", content[1:-1])
    try:
        return Bracket(_parse(content, depth + 1), literal)
    except ExpressionError:
        return Bracket(None, literal)
