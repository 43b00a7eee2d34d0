"""Watching for layouts that other processes publish."""

from __future__ import annotations

import logging
import threading

from django.conf import settings

from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.journal import LogEntry
from streamsync_django.layouts.errors import LayoutsUnavailable
from streamsync_django.publishing.source import LayoutRow, read_rows
from streamsync_django.runtime.registry import ApplicationRegistry

_logger = logging.getLogger(__name__)


class PublicationWatch:
    """Looks at the database from a thread of its own: one small query, whatever the number of sessions.

    Polling and no message: nothing can be lost, and commands and other instances need not know of each other.
    """

    def __init__(self, registry: ApplicationRegistry, *, poll_seconds: float) -> None:
        self._registry = registry
        self._poll_seconds = poll_seconds
        self._seen: dict[str, tuple[int | None, int]] = {}
        self._looking = threading.Lock()
        self._closing = threading.Event()
        self._is_down = False
        self._thread = threading.Thread(target=self._watch, name="streamsync-publications", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def look(self) -> None:
        """Take what has been published since the last look; from any thread, and never raises."""
        with self._looking:
            try:
                rows = read_rows() if self._registry.loaded() else {}
            except LayoutsUnavailable as error:
                if not self._is_down:
                    _logger.error("layouts stay as they are: %s", error)
                self._is_down = True
                return
            self._is_down = False
            for slug, row in rows.items():
                self._compare(slug, row)

    def _watch(self) -> None:
        while not self._closing.wait(self._poll_seconds):
            try:
                self.look()
            except Exception:  # the watch goes on, whatever is wrong with one layout
                _logger.exception("layouts could not be looked at")

    def _compare(self, slug: str, row: LayoutRow) -> None:
        loaded = self._registry.loaded().get(slug)
        mark = (row.number, row.version if settings.DEBUG else 0)
        if loaded is None or self._seen.get(slug) == mark:
            return
        self._seen[slug] = mark
        try:
            self._registry.reload_layout(slug)
        except (ApplicationError, LayoutError) as error:
            title = "Published layout not taken: what was shown before stays"
            self._registry.log.add(LogEntry(kind="error", title=title, message=str(error), application=slug))
