"""What authors are warned of while they develop: changes that the state cannot see, and handlers that collide."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from . import journal
from .errors import SerializationError
from .recorder import ElementPath, RecorderLock
from .serializers import to_wire

#: Values that take longer than this to look at are not looked at again, in seconds.
_PATIENCE_SECONDS: Final = 0.02
#: How many values of a session are watched at once.
_MOST: Final = 50


@dataclass(slots=True)
class _Watched:
    value: Any
    looks: bytes
    #: Handed to the state, which keeps a copy; otherwise an opaque value read from it.
    was_assigned: bool


class UnseenChanges:
    """Notices values that were changed where the state cannot see it.

    A list that was assigned is copied, so changing the original later has no effect; an opaque object that
    was read (a DataFrame, a figure) can be changed in place, but only assignment tells the browser. So can a
    list by code in C that looks past its methods, as `heapq` does, and an object inside of a list.
    """

    __slots__ = ("_skipped", "_watched")

    def __init__(self) -> None:
        self._watched: dict[tuple[ElementPath, bool], _Watched] = {}
        #: Types that take too long to look at.
        self._skipped: set[type] = set()

    def assigned(self, path: ElementPath, original: Any, *, is_copied: bool) -> None:
        """A value was assigned; of a container the state has a copy."""
        self._watched.pop((path, False), None)
        self._watched.pop((path, True), None)
        if is_copied:
            self._watch(path, original, was_assigned=True)

    def read(self, path: ElementPath, value: Any) -> None:
        """An opaque value was read, or a list; the first look in a run counts."""
        if (path, False) not in self._watched:
            self._watch(path, value, was_assigned=False)

    def changed(self, path: ElementPath) -> None:
        """An element was changed where the state sees it."""
        self._watched.pop((path, False), None)

    def warn(self) -> None:
        """Warn of what has changed unseen, when a handler ends."""
        watched, self._watched = self._watched, {}
        for (path, _), item in watched.items():
            if self._looks(item.value) not in (item.looks, b""):
                journal.write("warning", "A change was not seen", _message(path, item))

    def _watch(self, path: ElementPath, value: Any, *, was_assigned: bool) -> None:
        if len(self._watched) >= _MOST:
            return
        looks = self._looks(value)
        if looks:
            self._watched[path, was_assigned] = _Watched(value, looks, was_assigned)

    def _looks(self, value: Any) -> bytes:
        """Return bytes that differ when the value does; none for what takes too long or has no wire form."""
        if type(value) in self._skipped:
            return b""
        begun = time.perf_counter()
        try:
            wire = to_wire(value)
        except SerializationError:
            self._skipped.add(type(value))
            return b""
        if time.perf_counter() - begun > _PATIENCE_SECONDS:
            self._skipped.add(type(value))
        digests = "".join(binary.digest for binary in wire.binaries)
        return blake2b(wire.json + digests.encode(), digest_size=16).digest()


def _message(path: ElementPath, item: _Watched) -> str:
    name = "".join(f"[{key!r}]" for key in path)
    if item.was_assigned:
        return (
            f"What was assigned to state{name} was changed afterwards. The state has a copy of it: "
            f"change state{name} instead, or assign it again."
        )
    kind = "list" if isinstance(item.value, list) else type(item.value).__name__
    return (
        f"state{name} ({kind}) was changed in place, which the state cannot see: "
        f"write state{name} = state{name} after it."
    )


class Collisions:
    """Warns when handlers that overlap change the same element: the later one wins, and nobody may know."""

    __slots__ = ("_lock", "_told", "_writers")

    def __init__(self, lock: RecorderLock) -> None:
        self._lock = lock
        self._writers: dict[ElementPath, journal.Run] = {}
        self._told: set[tuple[ElementPath, frozenset[str | None]]] = set()

    def wrote(self, path: ElementPath, mark: int) -> None:
        """An element was changed by the current run. Called under the lock."""
        run = journal.current_run.get()
        if run is None:
            return
        before = self._writers.get(path)
        self._writers[path] = run
        is_append = mark >= 0  # which takes nothing away
        if is_append or before is None or before.event == run.event:
            return
        key = (path, frozenset((before.handler, run.handler)))
        if key in self._told:
            return
        self._told.add(key)
        name = "".join(f"[{part!r}]" for part in path)
        message = (
            f"{before.handler} (event {before.event}) and {run.handler} (event {run.event}) were running at the "
            f"same time and both changed state{name}: what the first assigned may be lost."
        )
        self._lock.run_after(
            lambda: run.write(run.entry("warning", "Handlers overwrite each other", message))
        )
