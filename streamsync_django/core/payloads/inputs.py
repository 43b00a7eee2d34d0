"""What people type, drag and pick: texts, numbers, choices, dates."""

from __future__ import annotations

import datetime
import math
import re

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads.json_values import described, text_of
from streamsync_django.core.payloads.rules import PayloadRules

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
#: The largest integer that a browser counts exactly.
_MAX_INTEGER = 2**53


def check_none(raw: object, rules: PayloadRules) -> None:
    """Accept the absence of a payload."""
    if raw is not None:
        raise PayloadError(f"expected no payload, got {described(raw)}")


def check_text(raw: object, rules: PayloadRules) -> str:
    """Accept a text within the length limit."""
    return text_of(raw, rules.max_text_length)


def check_number(raw: object, rules: PayloadRules) -> float | None:
    """Accept a number within the bounds, as a float; None for an empty box."""
    return None if raw is None else _bounded(raw, rules)


def check_integer(raw: object, rules: PayloadRules) -> int | None:
    """Accept a whole number, zero or above unless the rules say otherwise; None for an empty box."""
    if raw is None:
        return None
    number = _number(raw)
    if not number.is_integer() or abs(number) > _MAX_INTEGER:
        raise PayloadError("expected a whole number")
    if number < (0 if rules.minimum is None else rules.minimum):
        raise PayloadError("the number is below the minimum")
    if rules.maximum is not None and number > rules.maximum:
        raise PayloadError("the number is above the maximum")
    return int(number)


def check_range(raw: object, rules: PayloadRules) -> list[float]:
    """Accept `[low, high]` within the bounds, low not above high."""
    if not isinstance(raw, list) or len(raw) != 2:
        raise PayloadError(f"expected a list of two numbers, got {described(raw)}")
    low, high = (_bounded(number, rules) for number in raw)
    if low > high:
        raise PayloadError("the range's first number is above its second")
    return list(raw)  # integers stay integers, as handlers print them


def check_toggle(raw: object, rules: PayloadRules) -> bool:
    """Accept true or false and nothing that resembles them."""
    if not isinstance(raw, bool):
        raise PayloadError(f"expected a yes or no, got {described(raw)}")
    return raw


def check_date(raw: object, rules: PayloadRules) -> str | None:
    """Accept a date that exists, as `YYYY-MM-DD`; None when it was cleared."""
    if raw is None or raw == "":
        return None
    text = text_of(raw, rules.max_text_length)
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        datetime.date.fromisoformat(text)
    except ValueError as error:
        raise PayloadError("expected a date that exists, written as YYYY-MM-DD") from error
    return text


def check_time(raw: object, rules: PayloadRules) -> str | None:
    """Accept a time of day as `HH:MM`; None when it was cleared."""
    if raw is None or raw == "":
        return None
    text = text_of(raw, rules.max_text_length)
    if not _TIME.fullmatch(text):
        raise PayloadError("expected a time written as HH:MM")
    return text


def check_option(raw: object, rules: PayloadRules) -> str | None:
    """Accept one of the keys offered, or None where a choice can be cleared."""
    if raw is None and rules.allows_none:
        return None
    return _offered(raw, _keys(rules))


def check_options(raw: object, rules: PayloadRules) -> list[str]:
    """Accept a list of different keys offered, in the order sent."""
    if not isinstance(raw, list):
        raise PayloadError(f"expected a list of options, got {described(raw)}")
    keys = _keys(rules)
    if len(raw) > len(keys):
        raise PayloadError("more options were chosen than are offered")
    if 0 < rules.max_count < len(raw):
        raise PayloadError(f"at most {rules.max_count} options may be chosen")
    chosen = [_offered(key, keys) for key in raw]
    if len(set(chosen)) != len(chosen):
        raise PayloadError("an option was chosen twice")
    return chosen


def check_tag(raw: object, rules: PayloadRules) -> str:
    """Accept one of the keys offered."""
    return _offered(raw, _keys(rules))


def _keys(rules: PayloadRules) -> frozenset[str]:
    """Return the keys offered as the browser knows them: all are text there."""
    return frozenset(str(key) for key in rules.options or ())


def _offered(raw: object, keys: frozenset[str]) -> str:
    if not isinstance(raw, str):
        raise PayloadError(f"expected one of the options, got {described(raw)}")
    if raw not in keys:
        raise PayloadError("expected one of the options, got a text that is none of them")
    return raw


def _number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise PayloadError(f"expected a number, got {described(raw)}")
    try:
        number = float(raw)
    except OverflowError as error:
        raise PayloadError("the number is too large") from error
    if not math.isfinite(number):
        raise PayloadError("the number is not finite")
    return number


def _bounded(raw: object, rules: PayloadRules) -> float:
    number = _number(raw)
    if rules.minimum is not None and number < rules.minimum:
        raise PayloadError("the number is below the minimum")
    if rules.maximum is not None and number > rules.maximum:
        raise PayloadError("the number is above the maximum")
    if rules.step and number != rules.maximum:
        steps = (number - (rules.minimum or 0)) / rules.step
        if not math.isfinite(steps) or abs(steps - round(steps)) > 1e-6 * max(1.0, abs(steps)):
            raise PayloadError(f"the number is not a multiple of the step {rules.step:g}")
    return number
