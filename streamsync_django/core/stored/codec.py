"""What a codec is: a number in the stored bytes, and the way there and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type is stored: as parts, which are storable values themselves.

    Codes are part of stored data: never give a used one to another type.
    """

    code: int
    to_parts: Callable[[Any], object]
    from_parts: Callable[[Any], object]


class Unfaithful(Exception):
    """Raised when a value would not come back as it was; it is stored by another form then."""
