"""What happened to an application elsewhere reaches its sessions here: the store is asked, then they are told."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

from streamsync_django.core.errors import StoreError
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.pushes import Push, decode_push
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.base import SessionStore

_logger = logging.getLogger(__name__)

#: How often other instances' news are looked for when nothing wakes this one.
POLL_SECONDS: Final = 1.0


class PushDelivery:
    """Brings the pushes of the store to the sessions of this process, each once and in order.

    `sessions` is the process's own table of sessions. Methods block while the store answers, except where
    they say otherwise.
    """

    def __init__(
        self,
        store: SessionStore,
        sessions: Mapping[str, LiveSession],
        calls: LoopCalls,
        executor: Executor,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._calls = calls
        self._executor = executor
        self._lock = threading.Lock()
        #: By application: the newest push that has been handed to the sessions.
        self._known: dict[str, int] = {}
        self._is_looking: set[str] = set()

    def newest(self, slug: str) -> int:
        """Return the number of the newest push that sessions here know of; the store is asked the first time."""
        with self._lock:
            if slug not in self._known:
                self._known[slug] = self._store.last_push(slug)
            return self._known[slug]

    def catch_up(self, session: LiveSession, number: int) -> None:
        """Give a session that is now among the others what came after push `number`."""
        slug = session.application.slug
        missed = self._pushes_since(slug, number) if self.newest(slug) > number else []
        self._calls.call(session.catch_up_pushes, missed)

    def look_soon(self, slug: str) -> None:
        """Look for new pushes in a worker; returns at once."""
        if slug in self._known and slug not in self._is_looking:
            self._is_looking.add(slug)
            self._executor.submit(lambda: self._look(slug))

    def look_at_all(self) -> None:
        """Look for new pushes of every application that has had sessions here; returns at once."""
        for slug in list(self._known):
            self.look_soon(slug)

    def _look(self, slug: str) -> None:
        self._is_looking.discard(slug)  # first: who asks from now on may know of a push that we do not see
        try:
            with self._lock:
                pushes = self._pushes_since(slug, self._known[slug])
                if not pushes:
                    return
                self._known[slug] = pushes[-1][0]
                self._calls.call(self._deliver, slug, pushes)
        except StoreError as error:
            _logger.debug("the pushes of %s were not read: %s", slug, error)

    def _deliver(self, slug: str, pushes: list[tuple[int, Push]]) -> None:
        for session in list(self._sessions.values()):
            if session.application.slug == slug:
                session.take_pushes(pushes)

    def _pushes_since(self, slug: str, number: int) -> list[tuple[int, Push]]:
        return [(at, decode_push(data)) for at, data in self._store.pushes_since(slug, number)]


class Poll:
    """Calls a function on the loop again and again, for as long as there is an instance to share with."""

    def __init__(self, calls: LoopCalls, look: Callable[[], None]) -> None:
        self._loop = calls.loop
        self._look = look
        self._timer = self._loop.call_later(POLL_SECONDS, self._tick)

    def stop(self) -> None:
        """Call it no more."""
        self._timer.cancel()

    def _tick(self) -> None:
        self._look()
        self._timer = self._loop.call_later(POLL_SECONDS, self._tick)
