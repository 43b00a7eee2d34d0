"""Who owns which session: one heartbeat for the whole instance, and what to do when the store was lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from streamsync_django.core.errors import StoreError, StoreUnavailable
from streamsync_django.stores.base import SessionStore

_logger = logging.getLogger(__name__)

#: How often this instance says that it lives, in seconds.
BEAT_SECONDS: Final = 0.3
#: After how long without a beat an instance is taken for dead.
BEAT_TTL_SECONDS: Final = 1.2
_LAST_BEAT_SECONDS: Final = 0.001
#: After how long without an answer the store counts as away; a slow one is still there.
SILENCE_SECONDS: Final = 2.5
#: For how long after a store came back empty its sessions may still be on their way back into it.
RECOVERY_SECONDS: Final = 5.0


class Heartbeat:
    """Tells the store that this instance lives, in a thread of its own, however long handlers take.

    The same thread notices that the store has lost everything: its `generation` is then another one, and
    `on_lost` is called so that sessions in memory are written again.
    """

    def __init__(self, store: SessionStore, instance: str, on_lost: Callable[[], None]) -> None:
        self._store = store
        self._instance = instance
        self._on_lost = on_lost
        self._stopped = threading.Event()
        self._generation: str | None = None
        self._lost_at = float("-inf")
        self._heard_at = time.monotonic()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="streamsync-heartbeat", daemon=True)
        self._thread.start()

    def is_living(self, owner: str) -> bool:
        """Tell whether another instance lives. Raises StoreError."""
        return owner in self._store.living([owner])

    @property
    def is_heard(self) -> bool:
        """Whether the store answers; known at once, however long it leaves others waiting."""
        return time.monotonic() - self._heard_at < SILENCE_SECONDS

    @property
    def is_recovering(self) -> bool:
        """Whether a session that the store does not know may be written into it by its owner any moment."""
        return time.monotonic() - self._lost_at < RECOVERY_SECONDS

    def check_generation(self) -> bool:
        """Look whether the store was lost since the last look; True once per loss. Raises StoreError."""
        with self._lock:
            generation = self._store.generation()
            known, self._generation = self._generation, generation
            was_lost = known is not None and known != generation
            if was_lost:
                self._lost_at = time.monotonic()
        if was_lost:
            _logger.error("the store came back empty: sessions in memory are written into it again")
            self._on_lost()
        return was_lost

    def stop(self) -> None:
        """Say that this instance lives no more, so that nobody waits for its last beat to be over."""
        self._stopped.set()
        self._thread.join(BEAT_TTL_SECONDS)
        try:
            self._store.beat(self._instance, _LAST_BEAT_SECONDS)
        except StoreError as error:
            _logger.debug("no last heartbeat: %s", error)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._store.beat(self._instance, BEAT_TTL_SECONDS)
                self.check_generation()
                self._heard_at = time.monotonic()
            except StoreUnavailable as error:
                _logger.debug("no heartbeat: %s", error)  # the committer tells of a store that is away
            except StoreError as error:  # it is there, and full, say
                self._heard_at = time.monotonic()
                _logger.debug("no heartbeat: %s", error)
            except Exception:  # without a heartbeat others take our sessions: never end for a bug
                _logger.exception("the heartbeat stumbled")
            self._stopped.wait(BEAT_SECONDS)


def missing(store: SessionStore, session_ids: Iterable[str], ttl_seconds: float) -> set[str]:
    """Keep sessions alive in the store and return those it does not have. Raises StoreError."""
    asked = set(session_ids)
    return asked - store.touch(asked, ttl_seconds)
