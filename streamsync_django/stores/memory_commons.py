"""What all sessions of an application have in common, in memory: pushes and shared elements."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from streamsync_django.stores.base import MAX_PUSHES, ElementPath, SharedState, StoredElement


@dataclass(slots=True)
class _Pushes:
    last: int = 0
    kept: deque[bytes] = field(default_factory=lambda: deque(maxlen=MAX_PUSHES))


@dataclass(slots=True)
class _Shared:
    life: str = field(default_factory=lambda: secrets.token_hex(8))
    version: int = 0
    elements: dict[ElementPath, StoredElement] = field(default_factory=dict)


class MemoryCommons:
    """Pushes and shared elements by application; only touched under the store's lock."""

    def __init__(self) -> None:
        self._pushes: dict[str, _Pushes] = {}
        self._shared: dict[str, _Shared] = {}

    def add_push(self, application: str, data: bytes) -> int:
        """Keep a push and return its number."""
        pushes = self._pushes.setdefault(application, _Pushes())
        pushes.last += 1
        pushes.kept.append(data)
        return pushes.last

    def last_push(self, application: str) -> int:
        """Return the number of the newest push."""
        return self._pushes[application].last if application in self._pushes else 0

    def pushes_since(self, application: str, number: int) -> list[tuple[int, bytes]]:
        """Return the kept pushes beyond `number`."""
        pushes = self._pushes.get(application, _Pushes())
        first = pushes.last - len(pushes.kept) + 1
        return [(at, data) for at, data in enumerate(pushes.kept, first) if at > number]

    def write_shared(
        self, application: str, writes: Mapping[ElementPath, bytes | None], expected: tuple[str, int] | None
    ) -> tuple[str, int] | None:
        """Write shared elements as a new version, if the expected one is current."""
        shared = self._shared.get(application)
        current = (shared.life, shared.version) if shared is not None else ("", 0)
        if expected is not None and expected != current:
            return None
        shared = self._shared.setdefault(application, _Shared())
        shared.version += 1
        for path, stored in writes.items():
            shared.elements[path] = StoredElement(path, shared.version, stored)
        return shared.life, shared.version

    def read_shared(self, application: str, life: str, since: int) -> SharedState:
        """Return the shared elements changed after a version of a life."""
        shared = self._shared.get(application)
        if shared is None:
            return SharedState("", 0, [])
        known = since if life == shared.life else 0
        changed = [element for element in shared.elements.values() if element.version > known]
        return SharedState(shared.life, shared.version, sorted(changed, key=lambda element: element.version))
