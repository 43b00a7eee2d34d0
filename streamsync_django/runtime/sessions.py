"""One live session: its state, its events on their way through handlers, and its commits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from streamsync_django.core.base import Base
from streamsync_django.core.changes import ChangeLog, ElementChange
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.development import Collisions, UnseenChanges
from streamsync_django.core.dispatch import BrowserEvent, Outcome
from streamsync_django.core.errors import HandlerCancelled, SessionLost, StoreError
from streamsync_django.core.files import Binary
from streamsync_django.core.mail import MailItem
from streamsync_django.core.recorder import ElementPath, Recorder
from streamsync_django.core.root import StreamsyncState
from streamsync_django.core.sharing import SHARED_KEY, show_shared
from streamsync_django.core.subscriptions import follow_as
from streamsync_django.core.ui import UserInterface
from streamsync_django.runtime.drafts import Capture, Draft, Failure
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.ledger import MAX_WAITING, ORDER_BYTES, Ledger
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.order import EventOrder, HandlerRun
from streamsync_django.runtime.ports import CommitQueue, Connection, Update, Visitor
from streamsync_django.runtime.pushes import Push, PushEvent, PushLedger
from streamsync_django.runtime.tally import Tally
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import (
    Commit,
    Committed,
    Refused,
    StoredElement,
    StoredSession,
)

_logger = logging.getLogger(__name__)

#: How often a session with long handlers looks for events that reached other instances, in seconds.
DRAIN_SECONDS: Final = 0.3


class PushSource(Protocol):
    """Where a session's pushes come from."""

    def newest(self, slug: str) -> int:
        """Return the number of the application's newest push; may block."""

    def catch_up(self, session: LiveSession, number: int) -> None:
        """Give a session the pushes after `number`; blocks while the store answers."""


class SharedSource(Protocol):
    """Where what sessions share comes from."""

    def join(self, session: LiveSession, *, knows_base: bool) -> None:
        """Bring a session from its base, or from what it was told elsewhere, to what is shared now."""


class SessionHost(Protocol):
    """What a session needs of the process it lives in."""

    @property
    def settings(self) -> RuntimeOptions: ...
    @property
    def store(self) -> SessionStore: ...
    @property
    def committer(self) -> CommitQueue: ...
    @property
    def executor(self) -> Executor: ...
    @property
    def calls(self) -> LoopCalls: ...
    @property
    def pushes(self) -> PushSource: ...
    @property
    def sharing(self) -> SharedSource: ...
    @property
    def tally(self) -> Tally: ...

    def perform(self, session: LiveSession, run: HandlerRun) -> Outcome:
        """Run one event of the session, in the calling thread."""

    def report_failures(self, session: LiveSession, run: HandlerRun | None, failures: list[Failure]) -> None:
        """Tell the author which values could not be sent."""

    def report_unfaithful(
        self, session: LiveSession, run: HandlerRun | None, elements: Sequence[tuple[ElementPath, str]]
    ) -> None:
        """Tell the author which values, with their types, the store cannot give back."""

    def drop(self, session: LiveSession, code: int) -> None:
        """Forget the session and close its socket with `code`; on the loop."""

    def on_refused(self, session: LiveSession, answer: Refused) -> None:
        """Decide what a refused commit means; from the committer's thread."""

    def drain(self, session: LiveSession) -> None:
        """Take events that reached other instances; blocks while the store answers."""


class LiveSession:
    """A session that this instance owns.

    The event loop owns `order`, `connection` and what is started; `recorder.lock` guards state and ledger;
    `_commit_lock` makes captures reach the ledger in the order they were taken.

    There may be tens of thousands that nobody touches: what is empty at first is something small.
    """

    __slots__ = (
        *(
            "__weakref__",
            "_capture",
            "_commit_lock",
            "_grace",
            "_next_drain",
            "_started",
            "_state",
            "_timer",
            "_ui",
        ),
        *("application", "base", "connection", "created_at", "epoch", "id", "info", "is_over", "last_active"),
        *("_is_retired", "ledger", "order", "recorder", "runtime", "visitor"),
    )

    def __init__(
        self,
        session_id: str,
        application: LoadedApplication,
        visitor: Visitor,
        runtime: SessionHost,
        *,
        epoch: int,
        info: Mapping[str, Any],
        base: Base | None = None,
    ) -> None:
        self.id = session_id
        self.application = application
        self.visitor = visitor
        self.runtime = runtime
        self.epoch = epoch
        #: What a handler's `session` argument shows beyond the id: cookies and headers.
        self.info = info
        #: The initial state it began with, whatever the application's is by now.
        self.base = base or application.base
        self.recorder = Recorder()
        self.ledger = Ledger(self.base.elements, self.recorder.lock)
        self.order = EventOrder(
            grace_seconds=runtime.settings.serial_grace_ms / 1000,
            max_running=runtime.settings.max_running_per_session,
        )
        self.connection: Connection | None = None
        self.created_at = time.time()
        self.last_active = time.monotonic()
        self.is_over = False
        self._state: StreamsyncState | None = None
        self._ui: UserInterface | None = None
        self._capture: Capture | None = None
        self._commit_lock = threading.RLock()
        #: A dict because an empty one is smaller than an empty set.
        self._started: dict[int, None] = {}
        #: Until partial updates, and until waiting events may overlap with what runs.
        self._timer: Any = None
        self._grace: Any = None
        self._next_drain = 0.0
        self._is_retired = False

    # State

    @property
    def state(self) -> StreamsyncState:
        """The session's state; made when a handler first asks for it."""
        if self._state is None:
            with self.recorder.lock:
                if self._state is None:
                    state = self.base.new_state(self.recorder)
                    if self.base is not self.application.base:  # its values are older, its code is not
                        follow_as(state, self.base.reactions, self.application.base.reactions)
                    if (shared := self.application.application.shared) is not None:
                        show_shared(state, shared)
                    self.recorder.flush = self.flush
                    if self.runtime.settings.development:
                        self.recorder.development = UnseenChanges()
                    self._capture = Capture(
                        state, self.recorder, encodes_stored=self.runtime.store.stores_elements
                    )
                    self._state = state  # type: ignore[assignment]  # an application's root is a StreamsyncState
        return self._state  # type: ignore[return-value]

    @property
    def has_state(self) -> bool:
        """Tell whether anything has asked for the state yet."""
        return self._state is not None

    def take_shared(self, changes: Mapping[ElementPath, ElementChange], shifted: set[ElementPath]) -> None:
        """Pass elements that all sessions share on to the browser; the store has them apart from sessions."""
        with self._commit_lock:
            self._add(Draft(changes=dict(changes), structural=set(shifted)))

    @property
    def ui(self) -> UserInterface:
        """Makes components for this session only; they live as long as this copy of it."""
        with self.recorder.lock:
            if self._ui is None:
                self._ui = UserInterface(
                    lambda: self.application.tree,
                    lambda function: self.application.application.expose(function),
                )
            return self._ui

    @property
    def tree(self) -> ComponentTree:
        """What this session's browser draws and sends events from: the layout, and what its handlers made."""
        return self.application.tree if self._ui is None else self._ui.published_tree

    @property
    def is_wholly_stored(self) -> bool:
        """Whether the store could give all of it back: components that its handlers made, and odd values, are only here."""
        if self._capture is not None and self._capture.only_here:
            return False
        return self._ui is None or not (self._ui.layer.components or self._ui.layer.hidden)

    def _show_components(self) -> None:
        """Have the browser draw what handlers have made since the last time."""
        if self._ui is not None and self._ui.publish():
            self.runtime.calls.call(self._draw)

    def _draw(self) -> None:
        if self.connection is not None:
            self.connection.draw(self.tree)

    @property
    def pushes(self) -> PushLedger:
        """Which pushes it has had."""
        return self.ledger.pushes

    @property
    def log(self) -> ChangeLog:
        """Its committed elements, by version."""
        return self.ledger.log

    @property
    def version(self) -> int:
        return self.ledger.log.version

    def rows_shifted_since(self, path: ElementPath, version: int) -> bool:
        """Tell whether an index below `path` that was drawn at `version` may mean another row now."""
        prefixes = {path[:depth] for depth in range(len(path) + 1)}
        with self.recorder.lock:
            uncommitted = [self.recorder.structural, *self.ledger.uncommitted_shifts()]
            if any(not prefixes.isdisjoint(paths) for paths in uncommitted):
                return True
            return self.log.rows_shifted_at(path) > version

    def description(self) -> dict[str, Any]:
        """Return what a handler's `session` argument shows."""
        return {"id": self.id, **self.info}

    def send_mail(self, mail: Sequence[tuple[str, object]]) -> None:
        """Send messages that no handler sent."""
        if mail:
            for type_, payload in mail:
                self.recorder.add_mail(MailItem(type_, payload))
            self.state  # noqa: B018 (makes the capture)
            self.commit()

    # Events, on the loop

    def submit(self, event: BrowserEvent) -> bool:
        """Queue an event, unless it was seen before; return False when too many wait already."""
        self.touch()
        if self._is_retired:
            return True  # the browser sends it again, to whoever has the session then
        number = event.number
        if self.ledger.is_done(number) or number in self._started:
            if self.connection is not None:
                self.connection.wake()  # it asks again because it missed the answer
            return True
        if len(self.order) >= MAX_WAITING or number > self.ledger.low + 2 * MAX_WAITING:
            return False
        if len(self._started) > MAX_WAITING:
            self._started = {known: None for known in self._started if not self.ledger.is_done(known)}
        self._started[number] = None
        self.order.add(event)
        self._pump()
        return True

    def take_pushes(self, pushes: Iterable[tuple[int, Push]]) -> None:
        """Run the handlers of new pushes that are for this visitor."""
        self._add_pushes(self.pushes.take(pushes, self.visitor.id))

    def catch_up_pushes(self, missed: Sequence[tuple[int, Push]]) -> None:
        """Run the newest missed push of each handler; from then on `take_pushes` runs all."""
        self._add_pushes(self.pushes.catch_up(missed, self.visitor.id))

    def _add_pushes(self, events: list[PushEvent]) -> None:
        for event in events:
            self.order.add(event)
        if events:
            self._pump()

    def touch(self) -> None:
        self.last_active = time.monotonic()

    @property
    def next_event(self) -> int:
        """The number a browser's next event should have."""
        return max((self.ledger.low, *self.ledger.above, *self._started)) + 1

    @property
    def is_busy(self) -> bool:
        return not self.order.is_idle or not self.ledger.is_settled

    def cancel(self, numbers: Collection[int] | None = None) -> int:
        """Have running handlers end at their next state access; return how many.

        With `numbers`, only those of these events.
        """
        ended = [run for run in self.order.running if numbers is None or run.event.number in numbers]
        for run in ended:
            run.is_cancelled = True
        if ended:
            self.recorder.guard = self._guard
        return len(ended)

    def _pump(self) -> None:
        while (run := self.order.start_next(time.monotonic())) is not None:
            if len(self.order.running) > 1 and self.recorder.on_mark is None:
                self.recorder.on_mark = Collisions(self.recorder.lock).wrote
            self.runtime.executor.submit(lambda run=run: self._work(run))  # type: ignore[misc]
        if self.order.running and self._timer is None:
            delay = self.runtime.settings.flush_interval_ms / 1000
            self._timer = self.runtime.calls.loop.call_later(delay, self._tick)
        if self._grace is None and len(self.order):
            wait = self.order.seconds_to_wait(time.monotonic())
            if wait is not None:
                self._grace = self.runtime.calls.loop.call_later(wait, self._end_grace)

    def _end_grace(self) -> None:
        self._grace = None
        self._pump()

    def _tick(self) -> None:
        """While handlers run: send partial updates, and tell others of long ones."""
        self._timer = None
        if self.order.running:
            recorder = self.recorder
            if recorder.marks or recorder.mail or (self._ui is not None and self._ui.has_news):
                self.runtime.executor.submit(self._flush_partially)
            if self.runtime.store.is_shared:
                self._tell_others()
            self._pump()

    def retire(self) -> None:
        """Begin nothing more: this process goes, and what waits here is asked for again elsewhere."""
        self._is_retired = True
        self.order.clear()
        if self._mark_runs(older_than=0):
            self.runtime.executor.submit(self._commit_marks)

    def _tell_others(self) -> None:
        """Mark long runs in the store, and take the events that reached other instances."""
        if self._is_retired:
            return
        if self._mark_runs(older_than=self.runtime.settings.serial_grace_ms / 1000):
            self.runtime.executor.submit(self._commit_marks)
        now = time.monotonic()
        if self.ledger.marked and now >= self._next_drain:
            self._next_drain = now + DRAIN_SECONDS
            self.runtime.executor.submit(lambda: self.runtime.drain(self))

    def _ended(self, run: HandlerRun) -> None:
        self.order.finish(run)
        seconds = time.monotonic() - run.started_at
        self.runtime.tally.count_event(self.application.slug, run.status, seconds)
        if not self.order.running:
            self.recorder.on_mark = None
            if not self.is_over:
                self.recorder.guard = None
        if run.event.number:  # a push tells nothing about the visitor
            self.touch()
        self._pump()

    # Handlers and commits, in worker threads

    def _work(self, run: HandlerRun) -> None:
        run.thread = threading.get_ident()
        try:
            outcome = self.runtime.perform(self, run)
        except SessionLost:
            outcome = None
        except Exception:  # a bug of ours must not leave the event without an answer
            _logger.exception("event %s of session %s could not be handled", run.event.number, self.id[:8])
            outcome = Outcome("failed", "Something went wrong while handling this action.")
        run.thread = None  # the next handler in this thread is not this run, also if this one was cancelled
        try:
            if outcome is not None:
                run.status = outcome.status
                self.commit(run, outcome)
        finally:
            self.runtime.calls.call(self._ended, run)

    def _guard(self) -> None:
        if self.is_over:
            raise SessionLost(f"session {self.id} is no longer here")
        thread = threading.get_ident()
        if any(run.is_cancelled and run.thread == thread for run in self.order.running):
            raise HandlerCancelled("this handler was cancelled")

    def flush(self) -> None:
        """Commit what has changed so far; the browser gets it while the handler goes on."""
        with self._commit_lock:
            self._show_components()
            if self._capture is None:
                return
            draft, failures = self._capture.take()
            self._capture.retry(failures)
            if self.runtime.store.is_shared:
                draft.has_marks = self._mark_runs(older_than=0)
            self._add(draft)

    def _mark_runs(self, *, older_than: float) -> bool:
        """Note handlers that have run this long; return whether there are new ones."""
        now = time.monotonic()
        with self.recorder.lock:
            new = {
                run.event.number: run.event.type.encode()
                for run in list(self.order.running)
                if run.event.number  # a push is not marked: it runs again where it was not finished
                and not run.has_ended  # its mark would stay for ever, and the session with it
                and now - run.started_at >= older_than
                and run.event.number not in self.ledger.marked
            }
            self.ledger.marked.update(new)
        return bool(new)

    def _commit_marks(self) -> None:
        with self._commit_lock:
            self._add(Draft(has_marks=True))

    def interrupt(self, numbers: Iterable[int]) -> None:
        """Report events whose handlers ended with another instance: nobody knows how far they came."""
        outcome = Outcome("interrupted", "The server restarted while this was being done.")
        with self._commit_lock:
            marked = self.ledger.recall_marks(numbers)
            self._started |= dict.fromkeys(marked)  # a browser that asks again must not start them again
            self._add(Draft(outcomes=[(number, outcome) for number in marked], has_marks=True))

    def _flush_partially(self) -> None:
        if not self.is_over:
            self.flush()

    def commit(self, run: HandlerRun | None = None, outcome: Outcome | None = None) -> None:
        """Commit what has changed, and that an event has ended."""
        with self._commit_lock:
            self._show_components()
            draft, failures = self._capture.take() if self._capture is not None else (Draft(), [])
            if failures:
                self.runtime.report_failures(self, run, failures)
            if self._capture is not None and (unfaithful := self._capture.take_unfaithful()):
                self.runtime.report_unfaithful(self, run, unfaithful)
            if run is not None and outcome is not None:
                with self.recorder.lock:
                    run.has_ended = True
                if isinstance(run.event, PushEvent):
                    draft.ended_pushes.append(run.event.push_number)
                else:
                    draft.outcomes.append((run.event.number, outcome))
            self._add(draft)

    def _add(self, draft: Draft) -> None:
        if draft.is_empty or self.is_over:
            return
        self._keep_attachments(draft)
        self.ledger.add(draft)
        self.send()

    def _keep_attachments(self, draft: Draft) -> None:
        """Store the bytes that mail names: a browser that is away fetches them from any instance."""
        if not self.runtime.store.stores_elements:
            return
        blobs = {binary.digest: (binary.mime, binary.data) for item in draft.mail for binary in item.binaries}
        if not blobs:
            return
        try:
            self.runtime.store.put_blobs(self.id, blobs, self.runtime.settings.session_ttl)
        except StoreError as error:  # they go with the frame to a browser that is there
            _logger.warning("files for session %s were not stored: %s", self.id[:8], error)

    def send(self) -> None:
        """Put what waits on its way, unless a commit is: a session has one in flight."""
        if self.is_over:
            return
        commit = self.ledger.take_next(self.id, self.epoch, self.runtime.settings.session_ttl)
        if commit is not None:
            self.runtime.committer.submit(commit)

    def settle(self, commit: Commit, answer: Committed | Refused) -> None:
        """Take the store's answer to the commit in flight; called by the committer's thread."""
        if self.ledger.settle(commit, answer):
            self.send()
        elif isinstance(answer, Refused):
            self.runtime.on_refused(self, answer)

    def refuse(self, code: str, message: str) -> None:
        """Answer the events whose changes could not be stored, so that the browser does not repeat them for ever."""
        with self.recorder.lock:
            waiting = self.ledger.waiting.outcomes if self.ledger.waiting is not None else []
            numbers = [number for number, _ in waiting]

        def tell() -> None:
            running = [run.event.number for run in self.order.running if run.event.number not in numbers]
            if self.connection is not None:
                self.connection.refuse([*numbers, *running], code, message)

        self.runtime.calls.call(tell)

    def to_stored(self) -> StoredSession:
        """Return the whole session as a store keeps it, from memory; what has not been committed stays out."""
        with self._commit_lock, self.recorder.lock:
            elements = []
            for path, version, order, is_deleted in self.log.elements():
                if path[0] == SHARED_KEY and self.application.application.shared is not None:
                    continue
                data = None if is_deleted or self._capture is None else self._capture.stored_form(path)
                prefix = order.to_bytes(ORDER_BYTES, "big")
                elements.append(StoredElement(path, version, None if data is None else prefix + data))
            if self.ledger.waiting is not None and self._capture is not None:
                self._capture.store_whole(self.ledger.waiting)
            return StoredSession(
                session_id=self.id,
                epoch=self.epoch,
                version=self.log.version,
                application=self.application.slug,
                visitor=self.visitor.id,
                base_digest=self.base.digest,
                layout_revision=self.application.tree.revision,
                elements=elements,
                acknowledged_low=self.ledger.low,
                acknowledged_above=tuple(sorted(self.ledger.above)),
                mail=self.ledger.unread(),
                running=dict(self.ledger.marked),
                forgotten_version=self.log.horizon,
                pushed=self.pushes.done,
                created_at=self.created_at,
            )

    def lose(self, reason: str, code: int = 4410) -> None:
        """Drop this copy: its handlers end at their next state access, its browser is told `code`."""
        if self.is_over:
            return
        self.is_over = True
        self.recorder.guard = self._guard
        _logger.warning("session %s is over here: %s", self.id[:8], reason)
        self.runtime.calls.call(self.runtime.drop, self, code)

    # The browser's end, on the loop

    def update_since(self, version: int | None) -> Update:
        """Return what a browser at `version` has missed; None for one that has nothing."""
        return self.ledger.update_since(version)

    def acknowledge(self, version: int) -> None:
        """Note that the browser has everything up to `version`."""
        self.ledger.acknowledge(version)

    def binary(self, digest: str) -> Binary | None:
        """Return bytes that the public state names."""
        with self.recorder.lock:
            return self.log.binary(digest) or self.base.binaries.get(digest)
