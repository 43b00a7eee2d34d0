"""Single values: numbers, texts, moments, bytes."""

from __future__ import annotations

from collections import UserString
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from pathlib import PurePath
from typing import Any
from uuid import UUID

from streamsync_django.core.files import UNKNOWN_MIME, Binary, BytesWrapper, FileWrapper

from .naming import Simplify

#: Integers beyond this are not exact in JavaScript and travel as text.
MAX_SAFE_INTEGER = 2**53 - 1


def exact_int(value: int) -> int | str:
    """Return an integer the browser reads exactly, else its digits."""
    plain = int(value)
    return plain if -MAX_SAFE_INTEGER <= plain <= MAX_SAFE_INTEGER else str(plain)


def bytes_binary(value: bytes | bytearray | memoryview) -> Binary:
    """Send bare bytes without knowing what they are."""
    return Binary.of(UNKNOWN_MIME, bytes(value))


def exact_text(value: str) -> str:
    """Return the characters of any subclass of str."""
    return str.__str__(value)


def moment(value: date) -> str | None:
    """Print a date or datetime as Python does; pandas' "not a time" is a datetime too, and nothing."""
    return None if value != value else str(value)


def enum_value(value: Enum) -> object:
    """Send what a member stands for."""
    return value.value


def nothing(_value: object) -> None:
    """Send a library's own missing value as null."""


def numpy_moment(value: Any) -> object:
    """Turn numpy's datetime64 or timedelta64 into Python's, whose text is what people know."""
    if value != value:
        return None
    plain = value.item()
    if isinstance(plain, int):  # finer than Python's microseconds, or a bare count
        plain = value.astype(f"{value.dtype.kind}8[us]").item()
    return str(value) if isinstance(plain, int) else plain


#: By class, subclasses included. Order matters: an IntEnum is an Enum first.
BY_CLASS: tuple[tuple[type, Simplify], ...] = (
    (Enum, enum_value),
    (str, exact_text),
    (UserString, str),
    (int, exact_int),
    (float, float),
    (bytes, bytes_binary),
    (bytearray, bytes_binary),
    (memoryview, bytes_binary),
    (BytesWrapper, BytesWrapper.binary),
    (FileWrapper, FileWrapper.binary),
    (date, moment),
    (time, str),
    (timedelta, moment),
    (Decimal, str),
    (Fraction, str),
    (UUID, str),
    (PurePath, str),
    (IPv4Address, str),
    (IPv6Address, str),
)

#: By name, for classes of libraries.
BY_NAME: dict[str, Simplify] = {
    "numpy.bool": bool,
    "numpy.bool_": bool,
    "numpy.integer": exact_int,
    "numpy.floating": float,
    "numpy.datetime64": numpy_moment,
    "numpy.timedelta64": numpy_moment,
    "numpy.MaskedConstant": nothing,
    "pandas.NaTType": nothing,
    "pandas.NAType": nothing,
    "pandas.Period": str,
    "pandas.Interval": str,
    "django.Promise": str,
    "dateutil.relativedelta": str,
}
