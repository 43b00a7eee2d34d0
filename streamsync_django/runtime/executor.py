"""Worker threads for handlers: as many as are busy at once, up to a limit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context

from streamsync_django.core.handlers import close_thread_loop

_logger = logging.getLogger(__name__)

#: How long a thread waits for the next piece of work before it ends.
IDLE_SECONDS = 10.0
#: How long work may wait for a thread that is busy with something quick before it gets one of its own.
PATIENCE_SECONDS = 0.002

Work = Callable[[], None]


class _Worker:
    """What the pool knows of one of its threads."""

    __slots__ = ("bell", "shift")

    def __init__(self, shift: int) -> None:
        #: Held while the thread has nothing to do; released to wake it.
        self.bell = threading.Lock()
        self.bell.acquire()
        #: The shift it was last seen at work in.
        self.shift = shift


class Executor:
    """A pool of daemon threads that grows on demand.

    Handlers sleep, wait for databases and for other services, so threads are many and cheap; only work
    that may run at once is submitted (a queued event takes no thread). The standard library's pool is
    not used: its threads are joined at exit, so that one sleeping handler would hold up a restart.

    Most handlers take microseconds, and waking a thread costs more than that. So new work is left to a
    thread that is busy with something quick, and a watching thread sees to it that nothing waits for one
    that is not: it declares the shift over, and all that waits gets threads at once.

    Each piece of work has a context of its own: what it sets there (language, time zone, whose output it
    is) is gone with it.
    """

    def __init__(self, max_workers: int, *, name: str = "streamsync") -> None:
        self._max_workers = max_workers
        self._name = name
        #: Guards everything below.
        self._lock = threading.Lock()
        self._work: deque[Work] = deque()
        #: Threads without work, the one that has been at work most lately last.
        self._idle: list[_Worker] = []
        self._threads = 0
        self._started = 0
        #: Raised when the threads at work have turned out to be slow ones; those of older shifts do not count.
        self._shift = 0
        #: How many threads of this shift are at work, or woken for it.
        self._at_work = 0
        self._taken = 0
        self._taken_at = 0.0
        self._closed = False
        self._watchman: _Worker | None = None
        self._is_watched = False

    @property
    def threads(self) -> int:
        """How many threads there are now, the watching one aside."""
        return self._threads

    @property
    def waiting(self) -> int:
        """How many pieces of work no thread has taken yet."""
        return len(self._work)

    def submit(self, work: Work) -> None:
        """Have a thread call `work`: within PATIENCE_SECONDS or so, unless all `max_workers` are busy."""
        starting: list[_Worker] = []
        with self._lock:
            if self._closed:
                return
            self._work.append(work)
            if self._at_work and time.monotonic() - self._taken_at > PATIENCE_SECONDS:
                self._end_shift()
            if not self._at_work:
                starting = self._provide(1)
            elif not self._is_watched:
                self._watch()
        self._start(starting)

    def close(self) -> None:
        """Take no more work, and let idle threads end; running work is left to finish."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            if self._watchman is not None and not self._is_watched:
                idle.append(self._watchman)
        for worker in idle:
            worker.bell.release()

    # Who works; the caller holds the lock

    def _end_shift(self) -> None:
        self._shift += 1
        self._at_work = 0

    def _provide(self, wanted: int) -> list[_Worker]:
        """Wake threads, and return those that have to be started."""
        self._taken_at = time.monotonic()
        starting = []
        for _ in range(wanted):
            if self._idle:
                worker = self._idle.pop()
                worker.shift = self._shift
                worker.bell.release()
            elif self._threads < self._max_workers:
                self._threads += 1
                worker = _Worker(self._shift)
                starting.append(worker)
            else:
                break
            self._at_work += 1
        return starting

    def _start(self, workers: list[_Worker]) -> None:
        """Start threads; without the lock, because that takes its time."""
        for worker in workers:
            self._started += 1
            name = f"{self._name}-{self._started}"
            thread = threading.Thread(target=self._serve, args=(worker,), name=name, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads: the work waits for those there are
                _logger.exception("a worker thread could not be started")
                with self._lock:
                    self._threads -= 1
                    self._at_work -= worker.shift == self._shift

    # In a worker's thread

    def _serve(self, worker: _Worker) -> None:
        try:
            while (work := self._next(worker)) is not None:
                try:
                    Context().run(work)
                except BaseException:  # sys.exit() included: no work may end the pool
                    _logger.exception("a worker's task failed")
                del work  # an idle thread holds on to nothing
        finally:
            close_thread_loop()

    def _next(self, worker: _Worker) -> Work | None:
        """Return the next piece of work, or None when this thread is to end."""
        while True:
            with self._lock:
                if worker.shift != self._shift:  # was slow, and is back
                    worker.shift = self._shift
                    self._at_work += 1
                if self._work:
                    self._taken += 1
                    self._taken_at = time.monotonic()
                    return self._work.popleft()
                self._at_work -= 1
                if self._closed:
                    self._threads -= 1
                    return None
                self._idle.append(worker)
            if worker.bell.acquire(timeout=IDLE_SECONDS):
                continue
            with self._lock:
                if worker in self._idle:
                    self._idle.remove(worker)
                    self._threads -= 1
                    return None
            worker.bell.acquire()  # woken in this very moment

    # In the watching thread

    def _watch(self) -> None:
        """Have the watching thread look after what waits. The caller holds the lock."""
        self._is_watched = True
        if self._watchman is None:
            self._watchman = _Worker(0)
            threading.Thread(
                target=self._keep_watch, args=(self._watchman,), name=f"{self._name}-watch", daemon=True
            ).start()
        else:
            self._watchman.bell.release()

    def _keep_watch(self, watchman: _Worker) -> None:
        while True:
            self._watch_until_nothing_waits()
            if self._closed:
                return
            watchman.bell.acquire()

    def _watch_until_nothing_waits(self) -> None:
        taken = -1
        while True:
            time.sleep(PATIENCE_SECONDS)
            with self._lock:
                if not self._work or self._closed:
                    self._is_watched = False
                    return
                starting = []
                if taken == self._taken:
                    self._end_shift()
                    starting = self._provide(len(self._work))
                taken = self._taken
            self._start(starting)
