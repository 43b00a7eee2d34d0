"""What handlers are promised of each kind of payload."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_scalar(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, bool | int | str)
        or (isinstance(value, float) and math.isfinite(value))
    )


def is_modifiers(value: Any) -> bool:
    names = ("ctrl_key", "shift_key", "meta_key")
    return isinstance(value, dict) and all(isinstance(value[name], bool) for name in names)


def is_point(value: Any) -> bool:
    return isinstance(value, dict) and all(is_text(key) for key in value)


def is_index(value: Any) -> bool:
    return type(value) is int and value >= 0


SHAPES: dict[str, Callable[[Any], bool]] = {
    "none": lambda value: value is None,
    "click": is_modifiers,
    "keydown": lambda value: is_modifiers(value) and is_text(value["key"]),
    "hashchange": lambda value: (
        (value["page_key"] is None or is_text(value["page_key"]))
        and all(is_text(key) and is_text(item) for key, item in value["route_vars"].items())
    ),
    "pageKey": is_text,
    "text": is_text,
    "number": lambda value: value is None or (type(value) is float and math.isfinite(value)),
    "option": lambda value: value in (None, "a", "b"),
    "options": lambda value: value in ([], ["a"], ["b"], ["a", "b"], ["b", "a"]),
    "toggle": lambda value: isinstance(value, bool),
    "tag": lambda value: value in ("a", "b"),
    "date": lambda value: value is None or (is_text(value) and len(value) == 10),
    "time": lambda value: value is None or (is_text(value) and len(value) == 5),
    "range": lambda value: len(value) == 2 and value[0] <= value[1],
    "integer": lambda value: value is None or is_index(value),
    "chatbotMessage": lambda value: is_text(value) or (value["role"] == "user" and is_text(value["content"])),
    "chatbotAction": is_text,
    "files": lambda value: all(
        is_text(file["name"]) and is_text(file["type"]) and isinstance(file["data"], bytes) for file in value
    ),
    "picture": lambda value: isinstance(value, bytes) and value.startswith((b"\x89PNG", b"\xff\xd8")),
    "recordAdd": lambda value: isinstance(value["record"], dict) and is_index(value["record_index"]),
    "recordUpdate": lambda value: isinstance(value["record"], dict) and is_index(value["record_index"]),
    "recordAction": lambda value: is_text(value["action"]) and is_index(value["record_index"]),
    "points": lambda value: value is None or all(is_point(point) for point in value),
    "point": lambda value: is_point(value) and {"lat", "lng"} <= value.keys(),
    "raw": lambda value: json.dumps(value, allow_nan=False) != "",
    "native": lambda value: value is None or all(is_scalar(item) for item in value.values()),
}
