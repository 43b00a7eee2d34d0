"""Expressions: "@{cart.items.0.name}" -> value, template -> text, binding target -> assignment.

The browser has the same rules in `frontend/src/core/expressions.ts` and `fields.ts`; what both must
agree on is one table, `tests/cases/expressions.json`.
"""

from streamsync_django.core.expressions.assignment import assign, resolve_path
from streamsync_django.core.expressions.fields import FieldLike, evaluate_field
from streamsync_django.core.expressions.javascript import (
    MISSING,
    is_truthy,
    js_number_text,
    json_text,
    ordered_keys,
    to_text,
)
from streamsync_django.core.expressions.lookup import evaluate, lookup
from streamsync_django.core.expressions.parsing import Bracket, Expression, parse
from streamsync_django.core.expressions.templates import evaluate_template, whole_expression

__all__ = [
    "MISSING",
    "Bracket",
    "Expression",
    "FieldLike",
    "assign",
    "evaluate",
    "evaluate_field",
    "evaluate_template",
    "is_truthy",
    "js_number_text",
    "json_text",
    "lookup",
    "ordered_keys",
    "parse",
    "resolve_path",
    "to_text",
    "whole_expression",
]
