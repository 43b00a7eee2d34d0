"""The one thread that commits: what all sessions have ready goes to the store in one round trip."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from streamsync_django.core.errors import StoreError, StoreUnavailable
from streamsync_django.runtime.tally import Tally
from streamsync_django.stores.base import Commit, Committed, Refused, SessionStore

logger = logging.getLogger(__name__)

#: Commits sent in one round trip at most; more would make the first of them wait for the last.
GROUP_LIMIT = 256

#: The pause before a store that did not answer is asked again: it doubles from the first to the second.
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

Outcome = tuple[Commit, Committed | Refused]


class Committer:
    """Groups the commits of all sessions, and never drops one: while the store is away, they wait here.

    The caller has one commit of a session under way at most, so the order of sessions does not matter.
    Only this thread sends; the queue is the only thing it shares.
    """

    def __init__(
        self,
        store: SessionStore,
        on_committed: Callable[[list[Outcome]], None],
        on_trouble: Callable[[StoreError | None], None],
        *,
        tally: Tally | None = None,
        name: str = "streamsync-committer",
    ) -> None:
        """Start the thread.

        `on_committed` gets the outcomes of a group at once, so that one wake-up of an event loop serves all of them.
        `on_trouble` gets the error when the store stops answering, and None when it does again. Both are
        called in the committer's thread, and hold up every commit while they run.
        """
        self._store = store
        self._on_committed = on_committed
        self._on_trouble = on_trouble
        self._tally = tally or Tally()
        self._waiting: queue.SimpleQueue[Commit | None] = queue.SimpleQueue()
        #: What was taken out of the queue and has no outcome yet; it survives whatever goes wrong in the thread.
        self._group: list[Commit] = []
        self._in_trouble = False
        self._closing = threading.Event()
        #: By when to give up, once closing; never before it is set.
        self._deadline = float("inf")
        self._thread = threading.Thread(target=self._supervise, name=name, daemon=True)
        self._thread.start()

    def submit(self, commit: Commit) -> None:
        """Queue a commit and return at once; raises `StoreError` after `close`."""
        if self._closing.is_set():
            raise StoreError("the committer is closed: this instance is going away")
        self._waiting.put(commit)

    @property
    def waiting(self) -> int:
        """How many commits have no outcome yet, more or less; from any thread."""
        return self._waiting.qsize() + len(self._group)

    def close(self, timeout: float) -> list[Commit]:
        """Commit what is queued, stop, and return the commits not known to be stored after `timeout` seconds."""
        self._deadline = time.monotonic() + timeout
        self._closing.set()
        self._waiting.put(None)
        self._thread.join(timeout)
        left = list(self._group)
        while not self._waiting.empty():
            commit = self._waiting.get()
            if commit is not None:
                left.append(commit)
        return left

    # In the committer's thread

    def _supervise(self) -> None:
        """Go on after any failure: a thread that dies silently would stop every session of the instance."""
        pause = FIRST_PAUSE_SECONDS
        while not self._is_over():
            try:
                self._serve()
            except Exception:  # whatever it was, sessions must go on
                logger.exception("the committer failed and starts again")
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                return

    def _serve(self) -> None:
        while not self._is_over() and self._take():
            self._commit_group()

    def _take(self) -> bool:
        """Fill the group, waiting for its first commit; False when closing and nothing is left."""
        if self._group:
            return True
        first = self._waiting.get()
        while first is not None:
            self._group.append(first)
            if len(self._group) >= GROUP_LIMIT or self._waiting.empty():
                return True
            first = self._waiting.get()
        self._waiting.put(None)
        return bool(self._group)

    def _commit_group(self) -> None:
        outcomes = self._outcomes()
        if outcomes is None:
            return
        self._group = []
        try:
            self._on_committed(outcomes)
        except Exception:  # the commits are stored; the listener's trouble is not theirs
            logger.exception("the outcomes of %d commits were not taken", len(outcomes))

    def _outcomes(self) -> list[Outcome] | None:
        """Return the group's outcomes, however long the store is away; None when closing comes first."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            try:
                outcomes = self._ask(self._group)
            except StoreUnavailable as error:
                self._tally.store_failures += 1
                self._report(error)
                if self._is_over():
                    return None
                self._closing.wait(pause) if not self._closing.is_set() else time.sleep(FIRST_PAUSE_SECONDS)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                seconds = time.monotonic() - began
                self._report(None)
                self._tally.count_group([_result(answer) for _, answer in outcomes], seconds)
                return outcomes

    def _ask(self, group: Sequence[Commit]) -> list[Outcome]:
        """Send a group; when the store chokes on it, send its commits one by one, so that only the cause fails."""
        try:
            return list(zip(group, self._store.commit(group), strict=True))
        except StoreUnavailable:
            raise
        except Exception:  # found again below, commit by commit
            if len(group) == 1:
                logger.exception(
                    "commit %s of session %s failed", group[0].commit_id.hex(), group[0].session_id
                )
                return [(group[0], Refused("failed"))]
            return [outcome for commit in group for outcome in self._ask([commit])]

    def _report(self, error: StoreError | None) -> None:
        """Tell of the first failure and of the recovery, not of what lies between."""
        if (error is not None) == self._in_trouble:
            return
        self._in_trouble = error is not None
        try:
            self._on_trouble(error)
        except Exception:  # as above
            logger.exception("the store's state was not taken")

    def _is_over(self) -> bool:
        return time.monotonic() >= self._deadline


def _result(answer: Committed | Refused) -> str:
    return answer.reason if isinstance(answer, Refused) else "stored"
