"""The applications of this process, loaded on first use, and their log."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from streamsync_django.core.components import ComponentTree
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
        """Keep an entry, write it to the server's log unless that has it, and hand it to the listeners."""
        self._entries.setdefault(entry.application or "", deque(maxlen=KEPT_ENTRIES)).append(entry)
        if not entry.is_on_server:
            text = entry.traceback or entry.message
            level = _LEVELS.get(entry.kind, logging.INFO)
            _logger.log(level, "%s %s: %s", entry.where, entry.title, text)
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


#: Called with what an application was and what it is now, in the thread that replaced it.
Follower = Callable[[LoadedApplication, LoadedApplication], None]


class ApplicationRegistry:
    """Loads each application once; one that fails is tried again when it is next asked for."""

    def __init__(self, locations: Mapping[str, str | Path], layouts: LayoutSource) -> None:
        self.locations = dict(locations)
        self.log = ApplicationLog()
        self._layouts = layouts
        self._loaded: dict[str, LoadedApplication] = {}
        self._lock = threading.Lock()
        self._followers: dict[object, Follower] = {}
        #: Called with a slug before its application is first loaded.
        self.before_loading: Callable[[str], None] | None = None

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
                if slug in self.locations and self.before_loading is not None:
                    self.before_loading(slug)
                loaded = load_application(slug, self.locations[slug], self._layouts)
                self._loaded[slug] = loaded
                for entry in loaded.entries:
                    self.log.add(entry)
            return self._loaded[slug]

    def loaded(self) -> dict[str, LoadedApplication]:
        """Return the applications loaded so far, by slug."""
        return dict(self._loaded)

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Tell `follower` of every application that is replaced; returns what ends it."""
        key = object()
        self._followers[key] = follower
        return lambda: self._followers.pop(key, None) and None

    def reload(self, slug: str) -> LoadedApplication:
        """Load an application's code and layout anew, beside the old, and replace it once that has succeeded.

        Raises ApplicationError or LayoutError; the old one then goes on serving.
        """
        with self._lock:
            before = self._loaded.get(slug)
            new = load_application(slug, self.locations[slug], self._layouts, before=before)
        for entry in new.entries:
            self.log.add(entry)
        self._replace(new)
        return new

    def reload_layout(self, slug: str) -> None:
        """Load an application's layout anew. Raises ApplicationError or LayoutError."""
        known = self.get(slug)
        self.replace_layout(slug, self._layouts.load(slug, known.application.folder))

    def replace_layout(self, slug: str, tree: ComponentTree) -> None:
        """Give an application another layout; its open pages draw it at once, and its sessions go on."""
        known = self.get(slug)
        known.application.layout = tree
        tree = known.application.over(tree)
        if tree.revision != known.tree.revision:
            self._replace(dataclasses.replace(known, tree=tree))

    def at_revision(self, slug: str, revision: str) -> LoadedApplication:
        """Return an application with the layout of that digest, or as it is now when that is not kept.

        Raises what `get` raises.
        """
        now = self.get(slug)
        if revision == now.tree.revision:
            return now
        tree = self._layouts.find(slug, now.application.folder, revision)
        return now if tree is None else dataclasses.replace(now, tree=tree)

    def _replace(self, new: LoadedApplication) -> None:
        with self._lock:
            old = self._loaded.get(new.slug)
            self._loaded[new.slug] = new
        if old is None:
            return
        for follower in list(self._followers.values()):
            follower(old, new)
        if not self._followers and old.generation is not new.generation:
            old.generation.retire()
