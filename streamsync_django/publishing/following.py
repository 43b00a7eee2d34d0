"""Who wants to know when a draft changes: the windows of this process in which somebody edits."""

from __future__ import annotations

import threading
from collections.abc import Callable


class DraftFollowers:
    """Wakes followers; what has changed they ask the database themselves. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wakes: dict[str, dict[object, Callable[[], None]]] = {}
        self._noted: dict[str, int] = {}

    def follow(self, slug: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` whenever the draft has another version; returns what ends it."""
        key = object()
        with self._lock:
            self._noted.pop(slug, None)  # the newcomer may know less, or of another database's draft
            self._wakes.setdefault(slug, {})[key] = wake

        def stop() -> None:
            with self._lock:
                followers = self._wakes.get(slug, {})
                followers.pop(key, None)
                if not followers:
                    self._wakes.pop(slug, None)

        return stop

    def note(self, slug: str, version: int) -> None:
        """A draft is at this version: wake its followers unless they have been told."""
        with self._lock:
            if self._noted.get(slug) == version:
                return
            self._noted[slug] = version
            wakes = list(self._wakes.get(slug, {}).values())
        for wake in wakes:
            wake()
