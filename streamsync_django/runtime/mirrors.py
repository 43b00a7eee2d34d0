"""A session that another instance owns, while its handlers run there and its socket is here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from streamsync_django.core.dispatch import BrowserEvent
from streamsync_django.core.errors import SessionGone, StoreError
from streamsync_django.runtime.custody import GONE, Custody, SessionElsewhere
from streamsync_django.runtime.inbox_events import encode_cancellation, encode_event
from streamsync_django.runtime.sessions import LiveSession

_logger = logging.getLogger(__name__)

#: How often a mirror looks for what the owner has committed, in seconds.
LOOK_SECONDS: Final = 0.2


class Mirror:
    """Shows a browser what the owner commits, and passes its events on to the owner's inbox.

    A session whose handlers are running stays where they run; this ends as soon as none is, or the owner
    is dead: then the session moves here. Belongs to the event loop.
    """

    def __init__(
        self, view: LiveSession, custody: Custody, on_seen: Callable[[LiveSession, bool], None]
    ) -> None:
        """Take a read-only copy. `on_seen` gets each newer one, and in the end the session itself, with True."""
        self._view = view
        self._custody = custody
        self._on_seen = on_seen
        self._task = asyncio.create_task(self._follow(), name=f"streamsync-mirror-{view.id[:8]}")

    def submit(self, event: BrowserEvent) -> bool:
        """Pass an event on; the browser sends it again if it gets lost on the way."""
        self._view.runtime.executor.submit(lambda: self._post(encode_event(event)))
        return True

    def cancel(self) -> None:
        """Have the handlers that are running at the owner end at their next state access."""
        self._view.runtime.executor.submit(self._post_cancellation)

    def _post_cancellation(self) -> None:
        try:
            summary = self._view.runtime.store.peek(self._view.id)
        except StoreError as error:
            _logger.warning("session %s was not cancelled: %s", self._view.id[:8], error)
            return
        if summary is not None and summary.running:
            self._post(encode_cancellation(summary.running))

    def _post(self, message: bytes) -> None:
        session_id = self._view.id
        try:
            owner = self._view.runtime.store.post(session_id, [message])
            moved = self._custody.owned(session_id) if owner == self._custody.instance else None
            if moved is not None:  # meanwhile: it looked into its inbox before this was there
                self._custody.drain(moved)
        except StoreError as error:
            _logger.warning("a message of session %s was not passed on: %s", session_id[:8], error)

    async def close(self) -> None:
        """Stop following."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                moved = await asyncio.to_thread(self._custody.look, self._view)
            except SessionElsewhere as elsewhere:
                self._view = elsewhere.view
                self._on_seen(elsewhere.view, False)
            except SessionGone:
                if self._view.connection is not None:
                    self._view.connection.end(GONE)
                return
            except StoreError as error:
                _logger.warning("session %s cannot be followed: %s", self._view.id[:8], error)
            else:
                if moved is not None:
                    self._on_seen(moved, True)
                    return
