"""Free-form JSON from a browser, held to limits before anybody walks it."""

from __future__ import annotations

import math

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads.rules import PayloadRules

MAX_DEPTH = 32
MAX_KEYS = 64
MAX_SHORT_TEXT = 4096
MAX_POINTS = 100_000

#: What both MessagePack and every database column of a state can hold.
_MIN_INTEGER = -(2**63)
_MAX_INTEGER = 2**64 - 1

Scalar = str | int | float | bool | None


def check_raw(raw: object, rules: PayloadRules) -> object:
    """Accept any JSON of limited depth and size, as it is."""
    check_json(raw, max_depth=MAX_DEPTH, max_size=rules.max_text_length)
    return raw


def check_native(raw: object, rules: PayloadRules) -> dict[str, object] | None:
    """Accept the scalar properties of a DOM event."""
    return None if raw is None else _flat(raw)


def check_point(raw: object, rules: PayloadRules) -> dict[str, object]:
    """Accept a place on a map: `lat`, `lng` and whatever scalars the marker carries."""
    point = _shallow(raw)
    for name in ("lat", "lng"):
        value = point.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PayloadError(f"expected a point with a number {name!r}")
    return point


def check_points(raw: object, rules: PayloadRules) -> list[dict[str, object]] | None:
    """Accept the points picked in a chart, None when nothing is."""
    if raw is None:
        return None
    if not isinstance(raw, list):
        raise PayloadError(f"expected a list of points, got {described(raw)}")
    if len(raw) > MAX_POINTS:
        raise PayloadError(f"expected at most {MAX_POINTS} points, got {len(raw)}")
    return [_shallow(point) for point in raw]


def described(raw: object) -> str:
    """Name what was sent without repeating it: it may be long, and it is shown to people."""
    match raw:
        case None:
            return "nothing"
        case bool():
            return "a yes or no"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(raw).__name__}"


def text_of(raw: object, limit: int) -> str:
    """Return a text of at most `limit` bytes that UTF-8 can write; refuse everything else."""
    if not isinstance(raw, str):
        raise PayloadError(f"expected a text, got {described(raw)}")
    try:
        size = len(raw) if len(raw) > limit else len(raw.encode())
    except UnicodeEncodeError as error:
        raise PayloadError("the text has half of a character pair, which cannot be stored") from error
    if size > limit:
        raise PayloadError(f"the text is too long: at most {limit} bytes are accepted")
    return raw


def check_json(raw: object, *, max_depth: int, max_size: int) -> None:
    """Refuse what is not JSON, too deep or too large; walks without recursion, so depth costs no stack."""
    size = 0
    waiting: list[tuple[object, int]] = [(raw, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, list | dict):
            if depth == max_depth:
                raise PayloadError(f"the payload is nested more than {max_depth} deep")
            size += 2 + len(value)
            if isinstance(value, dict):
                size += sum(len(text_of(key, max_size)) for key in value)
                waiting.extend((item, depth + 1) for item in value.values())
            else:
                waiting.extend((item, depth + 1) for item in value)
        else:
            _check_scalar(value, max_size)
            size += len(value) if isinstance(value, str) else 8
        if size > max_size:
            raise PayloadError(f"the payload is too large: at most about {max_size} bytes are accepted")


def _check_scalar(value: object, max_text: int) -> Scalar:
    match value:
        case None | bool():
            return value
        case int():
            if not _MIN_INTEGER <= value <= _MAX_INTEGER:
                raise PayloadError("a number is too large")
            return value
        case float():
            if not math.isfinite(value):
                raise PayloadError("a number is not finite")
            return value
        case str():
            return text_of(value, max_text)
        case _:
            raise PayloadError(f"expected text, number, yes or no, or nothing; got {described(value)}")


def _flat(raw: object) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise PayloadError(f"expected an object, got {described(raw)}")
    if len(raw) > MAX_KEYS:
        raise PayloadError(f"expected at most {MAX_KEYS} keys, got {len(raw)}")
    return {text_of(key, MAX_SHORT_TEXT): _check_scalar(value, MAX_SHORT_TEXT) for key, value in raw.items()}


def _shallow(raw: object) -> dict[str, object]:
    """Accept scalars, and one level below them: a chart's point has `xaxis: {anchor}` and `pointNumbers`."""
    if not isinstance(raw, dict):
        raise PayloadError(f"expected an object, got {described(raw)}")
    scalars = {key: value for key, value in raw.items() if not isinstance(value, list | dict)}
    point: dict[str, object] = dict(_flat(scalars))
    if len(raw) > MAX_KEYS:
        raise PayloadError(f"expected at most {MAX_KEYS} keys, got {len(raw)}")
    for key, value in raw.items():
        if isinstance(value, dict):
            point[text_of(key, MAX_SHORT_TEXT)] = _flat(value)
        elif isinstance(value, list):
            point[text_of(key, MAX_SHORT_TEXT)] = [_check_scalar(item, MAX_SHORT_TEXT) for item in value]
    return {key: point[key] for key in raw}
