"""Codecs of Python's own types."""

from __future__ import annotations

from collections import deque
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PosixPath, WindowsPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from .codec import Codec, Unfaithful

_Moment = tuple[str, int, str | None]


def _zone_name(zone: tzinfo | None) -> str | None:
    """Name a time zone; None when the text of the moment says everything (no zone, or a fixed offset)."""
    if zone is None or type(zone) is timezone:
        return None
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)  # zoneinfo's, pytz'
    if not isinstance(name, str):
        raise Unfaithful(f"a {type(zone).__name__} has no name to find it by")
    return name


def _moment_parts(value: datetime | time) -> _Moment:
    zone = _zone_name(value.tzinfo)
    return (value if zone is None else value.replace(tzinfo=None)).isoformat(), value.fold, zone


def _datetime(parts: _Moment) -> datetime:
    text, fold, zone = parts
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=ZoneInfo(zone) if zone else value.tzinfo, fold=fold)


def _time(parts: _Moment) -> time:
    text, fold, zone = parts
    value = time.fromisoformat(text)
    return value.replace(tzinfo=ZoneInfo(zone) if zone else value.tzinfo, fold=fold)


def _int_bytes(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def _deque(parts: tuple[int | None, list[Any]]) -> deque[Any]:
    return deque(parts[1], parts[0])


#: Integers beyond 64 bits.
BIG_INT = Codec(1, _int_bytes, lambda data: int.from_bytes(data, "big", signed=True))
#: Text with half a surrogate pair, which has no UTF-8 form.
ODD_TEXT = Codec(
    2, lambda text: text.encode("utf-8", "surrogatepass"), lambda data: data.decode("utf-8", "surrogatepass")
)
#: Dicts with keys that are not all text.
PAIRS = Codec(
    3, lambda value: [[key, item] for key, item in value.items()], lambda pairs: dict(map(tuple, pairs))
)

TUPLE = Codec(4, lambda value: list(tuple.__iter__(value)), tuple)
SET = Codec(5, lambda value: list(set.__iter__(value)), set)
FROZENSET = Codec(6, list, frozenset)

#: By exact class.
BY_TYPE: dict[type, Codec] = {
    tuple: TUPLE,
    set: SET,
    frozenset: FROZENSET,
    deque: Codec(7, lambda value: [value.maxlen, list(value)], _deque),
    range: Codec(8, lambda value: [value.start, value.stop, value.step], lambda parts: range(*parts)),
    bytearray: Codec(9, bytes, bytearray),
    datetime: Codec(10, _moment_parts, _datetime),
    date: Codec(11, date.isoformat, date.fromisoformat),
    time: Codec(12, _moment_parts, _time),
    timedelta: Codec(13, lambda v: [v.days, v.seconds, v.microseconds], lambda parts: timedelta(*parts)),
    Decimal: Codec(14, str, Decimal),
    UUID: Codec(15, lambda value: value.bytes, lambda data: UUID(bytes=data)),
    Fraction: Codec(16, lambda v: [v.numerator, v.denominator], lambda parts: Fraction(*parts)),
    PosixPath: (_path := Codec(17, str, Path)),
    WindowsPath: _path,
}
