"""Values that no codec knows, pickled and signed: off until a process is given the keys of its site.

The keys belong to the process, like the site's SECRET_KEY that they are made from, and are set once at its start.
"""

from __future__ import annotations

import hmac
import pickle
import sys
from collections.abc import Sequence
from io import BytesIO
from types import FunctionType
from typing import Any

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.own_modules import kept_name, name_here, own_name

_SIGNATURE_SIZE = 32
_PURPOSE = b"streamsync stored value 1\0"
_keys: tuple[bytes, ...] = ()


def accept_pickles(keys: Sequence[bytes]) -> None:
    """Sign with the first key from now on, and read what any of them signed; no keys: neither."""
    global _keys
    _keys = tuple(keys)


def accepts_pickles() -> bool:
    """Tell whether this process pickles."""
    return bool(_keys)


def pickled(value: object) -> bytes | None:
    """Return the signature and the pickle of a value; None where pickling is off or the value refuses."""
    if not _keys:
        return None
    try:
        data = _dumped(value)
    except Exception:  # noqa: BLE001 (a type may refuse in any way it likes; the wire form remains)
        return None
    return _signature(data, _keys[0]) + data


def unpickled(body: bytes) -> object:
    """Unpickle what this deployment signed, and nothing else: a pickle can run any code."""
    if not _keys:
        raise SerializationError("a stored value is pickled, and STORE_PICKLE is off here")
    signature, data = body[:_SIGNATURE_SIZE], body[_SIGNATURE_SIZE:]
    if not any(hmac.compare_digest(signature, _signature(data, key)) for key in _keys):
        raise SerializationError("a stored pickle has a wrong signature and is refused")
    try:
        return pickle.loads(data)
    except Exception as error:
        raise SerializationError(f"a stored pickle cannot be read: {error}") from error


class _Pickler(pickle.Pickler):
    """Keeps classes of applications by the name that every process, and every loading, knows them by."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type | FunctionType) and own_name(value.__module__) is not None:
            if "<locals>" in value.__qualname__:
                raise pickle.PicklingError(f"{value.__qualname__} is inside of a function")
            return _found, (kept_name(value.__module__), value.__qualname__)
        return NotImplemented


def _dumped(value: object) -> bytes:
    buffer = BytesIO()
    _Pickler(buffer, protocol=5).dump(value)
    return buffer.getvalue()


def _found(module: str, name: str) -> object:
    """Return what an application at work has under a kept name."""
    found: object = sys.modules[name_here(module)]
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _signature(data: bytes, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + data, "sha256")
