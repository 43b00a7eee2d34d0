"""Values as JavaScript sees them: as text, as JSON, as true or false.

The browser evaluates the same templates, so the server must print `12.0` as it does: `12`.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Final, cast

from streamsync_django.core.errors import ExpressionError


class _Missing(Enum):
    MISSING = "missing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


#: What an expression yields when nothing has its name; JavaScript's undefined.
MISSING: Final = _Missing.MISSING

#: What JavaScript's trim() removes; str.strip() without it would remove other characters.
WHITESPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

#: The integers that a JavaScript number holds exactly.
_MAX_SAFE_INTEGER = 2**53
#: Keys of an object up to here are sorted as numbers and come before all others.
_MAX_ARRAY_INDEX = 2**32 - 2


def is_index(key: str) -> bool:
    """Whether the text is an array index as JavaScript writes it (`0`, `12`; not `01`, `-1`)."""
    return key.isascii() and key.isdigit() and (key[0] != "0" or len(key) == 1)


def to_text(value: object) -> str:
    """Return what a template shows for a value."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    if value is MISSING:
        return ""
    simple = _simple(value)
    if simple is None:
        return "null"
    if isinstance(simple, bool):
        return "true" if simple else "false"
    if isinstance(simple, int | float):
        return js_number_text(simple)
    if isinstance(simple, Mapping | list | tuple | set | frozenset):
        return json_text(simple)
    if isinstance(simple, bytes | bytearray | memoryview):
        return "data:application/octet-stream;base64," + base64.b64encode(simple).decode("ascii")
    return str(simple)


def json_text(value: object) -> str:
    """Return compact JSON as `JSON.stringify` writes it, for values of any type.

    Keys with a leading `_` are left out of mappings (they never leave the server) but not of those inside
    a list, which are plain data.
    """
    try:
        return _json(value, hide_private=True)
    except RecursionError as error:
        raise ExpressionError("a value that contains itself, or is nested too deep, has no text") from error


def js_number_text(number: float) -> str:
    """Return a number as JavaScript prints it: `12`, `0.1`, `1e+21`, `NaN`."""
    if isinstance(number, int):
        if -_MAX_SAFE_INTEGER <= number <= _MAX_SAFE_INTEGER:
            return str(int(number))
        try:
            number = float(number)
        except OverflowError:
            number = math.inf if number > 0 else -math.inf
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    return ("-" if number < 0 else "") + _positive_number_text(abs(number))


def is_truthy(value: object) -> bool:
    """Whether JavaScript takes the value for true: `[]`, `{}` and `"0"` are, `0`, `""` and null are not."""
    simple = _simple(value)
    if simple is None or simple is MISSING:
        return False
    if isinstance(simple, bool | int | float | str):
        return bool(simple) and simple == simple  # NaN is the number that differs from itself
    return True


def ordered_keys(mapping: Mapping[object, object]) -> list[object]:
    """Return the keys in the order a browser lists them: indexes by number, then the others as inserted."""
    indexes: list[tuple[int, object]] = []
    others: list[object] = []
    for key in mapping:
        text = str(key)
        if len(text) <= 10 and is_index(text) and int(text) <= _MAX_ARRAY_INDEX:
            indexes.append((int(text), key))
        else:
            others.append(key)
    indexes.sort(key=lambda pair: pair[0])
    return [key for _, key in indexes] + others


def _simple(value: object) -> object:
    """Unwrap enums and NumPy scalars; everything else as it is."""
    if isinstance(value, Enum) and value is not MISSING:
        return _simple(value.value)
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        return cast("object", value.item())  # type: ignore[attr-defined]  # NumPy is recognised, never imported
    return value


def _positive_number_text(number: float) -> str:
    mantissa, _, exponent_text = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = (whole + fraction).lstrip("0")
    #: The value is 0.<digits> times ten to the power of `point`.
    point = len(whole) + int(exponent_text or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    sign = "+" if exponent > 0 else "-"
    return f"{digits[0]}{'.' if len(digits) > 1 else ''}{digits[1:]}e{sign}{abs(exponent)}"


def _json(value: object, *, hide_private: bool) -> str:
    simple = _simple(value)
    if simple is None or simple is MISSING:
        return "null"
    if isinstance(simple, bool):
        return "true" if simple else "false"
    if isinstance(simple, int | float):
        return js_number_text(simple) if math.isfinite(simple) else "null"
    if isinstance(simple, Mapping):
        pairs = (
            f"{json.dumps(str(key), ensure_ascii=False)}:{_json(simple[key], hide_private=hide_private)}"
            for key in ordered_keys(simple)
            if not (hide_private and str(key).startswith("_"))
        )
        return "{" + ",".join(pairs) + "}"
    if isinstance(simple, list | tuple | set | frozenset):
        return "[" + ",".join(_json(item, hide_private=False) for item in simple) + "]"
    return json.dumps(to_text(simple), ensure_ascii=False)
