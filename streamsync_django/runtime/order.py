"""The order in which one session's events start."""

from __future__ import annotations

import msgspec

from streamsync_django.core.dispatch import BrowserEvent


class HandlerRun(msgspec.Struct, eq=False):
    """One event whose handler is running, or is about to."""

    event: BrowserEvent
    #: Monotonic seconds.
    started_at: float = 0.0
    #: Set to have the handler end at its next state access or flush.
    is_cancelled: bool = False
    #: The thread it runs in, once it does.
    thread: int | None = None
    #: Its outcome is on its way into the store; the loop hears of it later.
    has_ended: bool = False
    #: How it ended, once it has.
    status: str = "lost"


class EventOrder:
    """Decides which waiting events may start. Belongs to the event loop; holds no thread and no lock.

    Events of the same component and event type run one after another, always. Others start in the order
    sent, each once those before it have ended or have been running for the grace time; an event that only
    waits for its own predecessor lets others pass.
    """

    __slots__ = ("_grace_seconds", "_max_running", "_waiting", "running")

    def __init__(self, *, grace_seconds: float, max_running: int) -> None:
        self._grace_seconds = grace_seconds
        self._max_running = max_running
        #: A list, because an empty deque is ten times its size, and a session rarely has many waiting.
        self._waiting: list[BrowserEvent] = []
        self.running: list[HandlerRun] = []

    def __len__(self) -> int:
        """Return how many events wait."""
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self.running

    def add(self, event: BrowserEvent) -> None:
        self._waiting.append(event)

    def start_next(self, now: float) -> HandlerRun | None:
        """Return the next run that may start at `now`, which then counts as running."""
        if not self._waiting or len(self.running) >= self._max_running:
            return None
        if any(now - run.started_at < self._grace_seconds for run in self.running):
            return None
        busy = {run.event.key for run in self.running}
        for index, event in enumerate(self._waiting):
            if event.key not in busy:
                del self._waiting[index]
                run = HandlerRun(event, started_at=now)
                self.running.append(run)
                return run
        return None

    def seconds_to_wait(self, now: float) -> float | None:
        """Return how long waiting events must be held back for the newest run, None where none is."""
        if not self._waiting or not self.running:
            return None
        left = self._grace_seconds - (now - max(run.started_at for run in self.running))
        return left if left > 0 else None

    def finish(self, run: HandlerRun) -> None:
        self.running.remove(run)

    def clear(self) -> None:
        """Forget what has not started."""
        self._waiting.clear()
