"""Watching for what other processes do to layouts: publish them, or edit their drafts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.conf import settings

from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.journal import LogEntry
from streamsync_django.layouts.errors import LayoutsUnavailable
from streamsync_django.publishing.source import LayoutRow, read_rows
from streamsync_django.runtime.registry import ApplicationRegistry

_logger = logging.getLogger(__name__)


class PublicationWatch:
    """Looks at the database from a thread of its own: one small query, whatever the number of sessions.

    Other instances' messages only make it look sooner. The database alone is believed, so one that is lost,
    or comes twice, costs nothing but the time to the next poll.
    """

    def __init__(
        self,
        registry: ApplicationRegistry,
        *,
        poll_seconds: float,
        note_draft: Callable[[str, int], None] = lambda slug, version: None,
    ) -> None:
        """`note_draft` is told at which version each draft is, at every look."""
        self._registry = registry
        self._poll_seconds = poll_seconds
        self._note_draft = note_draft
        self._seen: dict[str, tuple[int | None, int]] = {}
        self._looking = threading.Lock()
        self._closing = False
        self._awake = threading.Event()
        self._is_down = False
        self._thread = threading.Thread(target=self._watch, name="streamsync-publications", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closing = True
        self._awake.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def wake(self) -> None:
        """Look now instead of at the next poll; returns at once."""
        self._awake.set()

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
        for slug, row in rows.items():
            self._note_draft(slug, row.version)

    def _watch(self) -> None:
        while True:
            self._awake.wait(self._poll_seconds)
            self._awake.clear()  # first: who wakes us from now on may know of something that we do not see
            if self._closing:
                return
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
