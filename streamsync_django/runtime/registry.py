"""The applications of this process, loaded on first use, and their log."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from streamsync_django.core.journal import LogEntry
from streamsync_django.runtime.loader import LayoutSource, LoadedApplication, load_application

_logger = logging.getLogger("streamsync_django.application")

#: Entries kept per application, for developers who open a page later.
KEPT_ENTRIES: Final = 200
_LEVELS: Final = {"error": logging.ERROR, "warning": logging.WARNING}


class ApplicationLog:
    """What applications print, log, warn of and fail with; may be used from any thread."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[LogEntry]] = {}
        self._listeners: dict[object, Callable[[LogEntry], None]] = {}

    def add(self, entry: LogEntry) -> None:
        """Keep an entry, write it to the server's log, and hand it to the listeners."""
        self._entries.setdefault(entry.application or "", deque(maxlen=KEPT_ENTRIES)).append(entry)
        where = f" session={entry.session[:8]} event={entry.event}" if entry.session else ""
        text = entry.traceback or entry.message
        level = _LEVELS.get(entry.kind, logging.INFO)
        _logger.log(level, "[%s%s] %s: %s", entry.application, where, entry.title, text)
        for listener in list(self._listeners.values()):
            listener(entry)

    def entries(self, slug: str) -> list[LogEntry]:
        """Return the newest entries of an application, oldest first."""
        return list(self._entries.get(slug, ()))

    def listen(self, listener: Callable[[LogEntry], None]) -> Callable[[], None]:
        """Call `listener` with each entry to come, in the thread it comes from; returns what ends it."""
        key = object()
        self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None


class ApplicationRegistry:
    """Loads each application once; one that fails is tried again when it is next asked for."""

    def __init__(self, locations: Mapping[str, str | Path], layouts: LayoutSource) -> None:
        self.locations = dict(locations)
        self.log = ApplicationLog()
        self._layouts = layouts
        self._loaded: dict[str, LoadedApplication] = {}
        self._lock = threading.Lock()

    def __contains__(self, slug: object) -> bool:
        return slug in self.locations

    def get(self, slug: str) -> LoadedApplication:
        """Return an application; blocks while it is loaded.

        Raises KeyError for an unknown slug, ApplicationError or LayoutError when it cannot be loaded.
        """
        loaded = self._loaded.get(slug)
        if loaded is not None:
            return loaded
        with self._lock:
            if slug not in self._loaded:
                loaded = load_application(slug, self.locations[slug], self._layouts)
                self._loaded[slug] = loaded
                for entry in loaded.entries:
                    self.log.add(entry)
            return self._loaded[slug]
