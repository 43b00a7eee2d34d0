"""Worker threads for handlers: as many as are busy at once, up to a limit."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from streamsync_django.core.handlers import close_thread_loop

_logger = logging.getLogger(__name__)

#: How long a thread waits for the next piece of work before it ends.
IDLE_SECONDS = 10.0

Work = Callable[[], None]


class Executor:
    """A pool of daemon threads that grows on demand.

    Handlers sleep, wait for databases and for other services, so threads are many and cheap; only work
    that may run at once is submitted (a queued event takes no thread). The standard library's pool is
    not used: its threads are joined at exit, so that one sleeping handler would hold up a restart.
    """

    def __init__(self, max_workers: int, *, name: str = "streamsync") -> None:
        self._max_workers = max_workers
        self._name = name
        self._condition = threading.Condition()
        self._work: deque[Work] = deque()
        self._idle = 0
        self._threads = 0
        self._started = 0
        self._closed = False

    @property
    def threads(self) -> int:
        """How many threads there are now."""
        return self._threads

    def submit(self, work: Work) -> None:
        """Have a thread call `work`, at once unless all `max_workers` are busy."""
        with self._condition:
            if self._closed:
                return
            self._work.append(work)
            if self._idle >= len(self._work):
                self._condition.notify()
            elif self._threads < self._max_workers:
                self._threads += 1
                self._started += 1
                threading.Thread(
                    target=self._serve, name=f"{self._name}-{self._started}", daemon=True
                ).start()
            else:
                self._condition.notify()

    def close(self) -> None:
        """Take no more work, and let idle threads end; running work is left to finish."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def _serve(self) -> None:
        try:
            while (work := self._next()) is not None:
                try:
                    work()
                except (
                    Exception
                ):  # work reports its own failures; this is a bug of ours, and must not end the pool
                    _logger.exception("a worker's task failed")
                del work  # an idle thread holds on to nothing
        finally:
            close_thread_loop()

    def _next(self) -> Work | None:
        """Return the next piece of work, or None when this thread is to end."""
        with self._condition:
            while not self._work:
                if self._closed:
                    self._threads -= 1
                    return None
                self._idle += 1
                woken = self._condition.wait(IDLE_SECONDS)
                self._idle -= 1
                if not woken and not self._work:
                    self._threads -= 1
                    return None
            return self._work.popleft()
