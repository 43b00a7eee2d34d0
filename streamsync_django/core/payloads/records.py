"""Rows of a table that a visitor added, edited, or chose an action for.

Integers beyond what a browser counts exactly travel as text with an `n` behind, such as `"12n"`.
"""

from __future__ import annotations

import re

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads.json_values import MAX_SHORT_TEXT, check_json, described, text_of
from streamsync_django.core.payloads.rules import PayloadRules

#: A cell may hold a list or an object, as the columns of a table may.
MAX_CELL_DEPTH = 8

_BIG_INTEGER = re.compile(r"(-?[0-9]{1,20})n")
_MAX_INDEX = 2**53


def check_record(raw: object, rules: PayloadRules) -> dict[str, object]:
    """Return `{"record", "record_index"}` of a row that was added or edited."""
    event = _object(raw, rules)
    record = event.get("record")
    if not isinstance(record, dict):
        raise PayloadError(f"expected a record, got {described(record)}")
    return {"record": with_integers(record), "record_index": _index(event)}


def check_record_action(raw: object, rules: PayloadRules) -> dict[str, object]:
    """Return `{"action", "record_index"}`; the action is one of those offered, where they are known."""
    event = _object(raw, rules)
    action = text_of(event.get("action"), MAX_SHORT_TEXT)
    if rules.options is not None and action not in {str(key) for key in rules.options}:
        raise PayloadError("expected one of the row's actions, got a text that is none of them")
    return {"action": action, "record_index": _index(event)}


def with_integers(value: object) -> object:
    """Return JSON with every `"12n"` in it as an integer."""
    match value:
        case str():
            matched = _BIG_INTEGER.fullmatch(value)
            return int(matched[1]) if matched else value
        case list():
            return [with_integers(item) for item in value]
        case dict():
            return {key: with_integers(item) for key, item in value.items()}
        case _:
            return value


def _object(raw: object, rules: PayloadRules) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise PayloadError(f"expected an object, got {described(raw)}")
    check_json(raw, max_depth=MAX_CELL_DEPTH, max_size=rules.max_text_length)
    return raw


def _index(event: dict[str, object]) -> int:
    index = with_integers(event.get("record_index", event.get("recordIndex")))
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= _MAX_INDEX:
        raise PayloadError("expected 'record_index' to be the number of a row")
    return index
