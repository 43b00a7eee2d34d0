"""One live session: its state, its events on their way through handlers, and its commits."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from streamsync_django.core.base import Base
from streamsync_django.core.changes import ChangeLog, ElementChange, Patch
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
from streamsync_django.runtime.drafts import Capture, Draft, EncodedMail, Failure
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.order import EventOrder, HandlerRun
from streamsync_django.runtime.pushes import Push, PushEvent, PushLedger
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import (
    Commit,
    Committed,
    ElementWrite,
    Refused,
    StoredElement,
    StoredMail,
    StoredSession,
)

_logger = logging.getLogger(__name__)

#: How many events of one session may wait; a browser keeps more itself.
MAX_WAITING: Final = 1000
#: How many messages a session keeps for a browser that is away.
MAX_UNREAD: Final = 1000
#: How often a session with long handlers looks for events that reached other instances, in seconds.
DRAIN_SECONDS: Final = 0.3
#: Bytes in front of each stored element: its place among its siblings.
ORDER_BYTES: Final = 6


class Connection(Protocol):
    """The browser's end of a session, as far as the session cares; called on the event loop."""

    def wake(self) -> None:
        """There is something new to send."""

    def end(self, code: int) -> None:
        """Close the socket: the session is no longer here."""

    def draw(self, tree: ComponentTree) -> None:
        """The application has another layout."""

    def refuse(self, numbers: Sequence[int], code: str, message: str) -> None:
        """Events were not done, and will not be: tell the visitor why."""


class CommitQueue(Protocol):
    """Takes a session's commits; answers come through `LiveSession.settle`."""

    def submit(self, commit: Commit) -> None:
        """Send a commit; from any thread."""


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

    def perform(self, session: LiveSession, run: HandlerRun) -> Outcome:
        """Run one event of the session, in the calling thread."""

    def report_failures(self, session: LiveSession, run: HandlerRun | None, failures: list[Failure]) -> None:
        """Tell the author which values could not be sent."""

    def drop(self, session: LiveSession, code: int) -> None:
        """Forget the session and close its socket with `code`; on the loop."""

    def on_refused(self, session: LiveSession, answer: Refused) -> None:
        """Decide what a refused commit means; from the committer's thread."""

    def drain(self, session: LiveSession) -> None:
        """Take events that reached other instances; blocks while the store answers."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a session belongs to: a Django user, or an anonymous cookie."""

    id: str
    user: Any = None
    is_developer: bool = False


class Update(msgspec.Struct, frozen=True):
    """Everything a browser at one version needs to be at another."""

    patch: Patch | None
    snapshot: tuple[bytes, dict[str, Binary]] | None
    to_version: int
    #: Each with a number that no other message of the session has.
    mail: list[tuple[int, EncodedMail]]
    results: list[tuple[int, Outcome]]
    acknowledged: int


class LiveSession:
    """A session that this instance owns.

    The event loop owns `order`, `connection` and what is started; `recorder.lock` guards state, log, mail
    and acknowledgements; `_commit_lock` makes captures reach the draft in the order they were taken.

    There may be tens of thousands that nobody touches: what is empty at first is something small.
    """

    __slots__ = (
        *(
            "__weakref__",
            "_above",
            "_capture",
            "_commit_lock",
            "_in_flight",
            "_is_retired",
            "_low",
            "_mail",
            "_marked",
        ),
        *("_next_drain", "_read_version", "_results", "_started", "_state", "_stored_marks", "_timer"),
        *("_ui", "_waiting", "application", "base", "connection", "created_at", "epoch", "id", "info"),
        *("is_over", "last_active", "log", "order", "pushes", "recorder", "runtime", "visitor"),
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
        self.log = ChangeLog(self.base.elements)
        self.order = EventOrder(
            grace_seconds=runtime.settings.serial_grace_ms / 1000,
            max_running=runtime.settings.max_running_per_session,
        )
        self.connection: Connection | None = None
        self.pushes = PushLedger(self.recorder.lock)
        self.created_at = time.time()
        self.last_active = time.monotonic()
        self.is_over = False
        self._state: StreamsyncState | None = None
        self._ui: UserInterface | None = None
        self._capture: Capture | None = None
        self._commit_lock = threading.RLock()
        self._waiting: Draft | None = None
        self._in_flight: tuple[Draft, list[Any]] | None = None
        self._mail: list[tuple[int, int, EncodedMail]] = []
        self._results: list[tuple[int, int, Outcome]] = []
        self._low = 0
        self._above: Set[int] = frozenset()
        #: A dict because an empty one is smaller than an empty set.
        self._started: dict[int, None] = {}
        self._read_version = 0
        self._timer: Any = None
        #: Handlers that have run for a while, by event number, and what the store was told of them.
        self._marked: dict[int, bytes] = {}
        self._stored_marks: dict[int, bytes] = {}
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
        """Whether the store could give all of it back: components that its handlers made are only here."""
        return self._ui is None or not (self._ui.layer.components or self._ui.layer.hidden)

    def _show_components(self) -> None:
        """Have the browser draw what handlers have made since the last time."""
        if self._ui is not None and self._ui.publish():
            self.runtime.calls.call(self._draw)

    def _draw(self) -> None:
        if self.connection is not None:
            self.connection.draw(self.tree)

    @property
    def version(self) -> int:
        return self.log.version

    def rows_shifted_since(self, path: ElementPath, version: int) -> bool:
        """Tell whether an index below `path` that was drawn at `version` may mean another row now."""
        prefixes = {path[:depth] for depth in range(len(path) + 1)}
        with self.recorder.lock:
            uncommitted = [self.recorder.structural]
            uncommitted += [draft.structural for draft in self._drafts()]
            if any(not prefixes.isdisjoint(paths) for paths in uncommitted):
                return True
            return self.log.rows_shifted_at(path) > version

    def _drafts(self) -> list[Draft]:
        drafts = [self._waiting] if self._waiting is not None else []
        return drafts + ([self._in_flight[0]] if self._in_flight is not None else [])

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

    def recall(self, *, mail: Iterable[tuple[int, EncodedMail]], low: int, above: Iterable[int]) -> None:
        """Take what a store kept beside the elements, when a session is loaded."""
        for index, (version, item) in enumerate(mail):
            self._mail.append((version, _mail_id(version, index), item))
        self._low, self._above = low, frozenset(above)

    # Events, on the loop

    def submit(self, event: BrowserEvent) -> bool:
        """Queue an event, unless it was seen before; return False when too many wait already."""
        self.touch()
        if self._is_retired:
            return True  # the browser sends it again, to whoever has the session then
        number = event.number
        if number <= self._low or number in self._above or number in self._started:
            if self.connection is not None:
                self.connection.wake()  # it asks again because it missed the answer
            return True
        if len(self.order) >= MAX_WAITING or number > self._low + 2 * MAX_WAITING:
            return False
        if len(self._started) > MAX_WAITING:
            self._started = {
                known: None for known in self._started if known > self._low and known not in self._above
            }
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
        return max((self._low, *self._above, *self._started)) + 1

    @property
    def is_busy(self) -> bool:
        return not self.order.is_idle or self._waiting is not None or self._in_flight is not None

    def cancel(self) -> int:
        """Have running handlers end at their next state access; return how many."""
        for run in self.order.running:
            run.is_cancelled = True
        if self.order.running:
            self.recorder.guard = self._guard
        return len(self.order.running)

    def _pump(self) -> None:
        while (run := self.order.start_next(time.monotonic())) is not None:
            if len(self.order.running) > 1 and self.recorder.on_mark is None:
                self.recorder.on_mark = Collisions(self.recorder.lock).wrote
            self.runtime.executor.submit(lambda run=run: self._work(run))  # type: ignore[misc]
        if self.order.running and self._timer is None:
            delay = self.runtime.settings.flush_interval_ms / 1000
            self._timer = self.runtime.calls.loop.call_later(delay, self._tick)

    def _tick(self) -> None:
        """While handlers run: let waiting events overlap with long ones, and send partial updates."""
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
        if self._marked and now >= self._next_drain:
            self._next_drain = now + DRAIN_SECONDS
            self.runtime.executor.submit(lambda: self.runtime.drain(self))

    def _ended(self, run: HandlerRun) -> None:
        self.order.finish(run)
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
            _logger.exception("event %s of session %s could not be handled", run.event.number, self.id)
            outcome = Outcome("failed", "Something went wrong while handling this action.")
        run.thread = None  # the next handler in this thread is not this run, also if this one was cancelled
        try:
            if outcome is not None:
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
                and now - run.started_at >= older_than
                and run.event.number not in self._marked
            }
            self._marked.update(new)
        return bool(new)

    def _commit_marks(self) -> None:
        with self._commit_lock:
            self._add(Draft(has_marks=True))

    def interrupt(self, numbers: Iterable[int]) -> None:
        """Report events whose handlers ended with another instance: nobody knows how far they came."""
        outcome = Outcome("interrupted", "The server restarted while this was being done.")
        with self._commit_lock:
            self._stored_marks = dict.fromkeys(numbers, b"")
            self._started |= dict.fromkeys(
                self._stored_marks
            )  # a browser that asks again must not start them again
            self._add(Draft(outcomes=[(number, outcome) for number in self._stored_marks], has_marks=True))

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
            if run is not None and outcome is not None:
                if isinstance(run.event, PushEvent):
                    draft.ended_pushes.append(run.event.push_number)
                else:
                    draft.outcomes.append((run.event.number, outcome))
            self._add(draft)

    def _add(self, draft: Draft) -> None:
        if draft.is_empty or self.is_over:
            return
        self._keep_attachments(draft)
        with self.recorder.lock:
            if self._waiting is None:
                self._waiting = draft
            else:
                self._waiting.merge(draft)
        self._send()

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

    def _send(self) -> None:
        """Put the waiting draft on its way, unless one is: a session has one commit in flight."""
        with self.recorder.lock:
            if self._in_flight is not None or self._waiting is None or self.is_over:
                return
            draft, self._waiting = self._waiting, None
            orders = [self.log.order_of(path) for path in draft.changes]
            self._in_flight = (draft, orders)
            commit = self._commit_of(draft, dict(zip(draft.changes, orders, strict=True)))
        self.runtime.committer.submit(commit)

    def _commit_of(self, draft: Draft, orders: Mapping[ElementPath, int]) -> Commit:
        low, above = _acknowledge(self._low, self._above, [number for number, _ in draft.outcomes])
        for number, _ in draft.outcomes:
            self._marked.pop(number, None)
        writes = []
        for path, write in draft.stored.items():
            data = write.data
            if data is not None and not write.is_append:
                data = orders.get(path, 0).to_bytes(ORDER_BYTES, "big") + data
            writes.append(ElementWrite(path, data, write.is_append))
        return Commit(
            session_id=self.id,
            epoch=self.epoch,
            expected_version=self.log.version,
            commit_id=os.urandom(16),
            elements=writes,
            acknowledged_low=low,
            acknowledged_above=tuple(sorted(above)),
            mail=[item.json for item in draft.mail],
            mail_read=self._read_version,
            running=dict(self._marked) if self._marked != self._stored_marks else None,
            pushed=self._pushed_of(draft),
            ttl_seconds=self.runtime.settings.session_ttl,
        )

    def _pushed_of(self, draft: Draft) -> int | None:
        """Return up to which push the session is done once `draft` is stored, None if that is known there."""
        self.pushes.end(draft.ended_pushes)
        return self.pushes.take_done()

    def settle(self, commit: Commit, answer: Committed | Refused) -> None:
        """Take the store's answer to the commit in flight; called by the committer's thread."""
        with self.recorder.lock:
            if self._in_flight is None:
                return
            draft, orders = self._in_flight
            self._in_flight = None
            if isinstance(answer, Refused):
                self._take_back(draft)
                self.runtime.on_refused(self, answer)
                return
            if commit.running is not None:
                self._stored_marks = dict(commit.running)
            version = self.log.apply(draft.changes.values(), draft.structural, orders)
            self._low, self._above = _acknowledge(self._low, self._above, [n for n, _ in draft.outcomes])
            if draft.mail:
                self._mail += [
                    (version, _mail_id(version, index), item) for index, item in enumerate(draft.mail)
                ]
            self._results.extend((version, number, outcome) for number, outcome in draft.outcomes)
            del self._mail[:-MAX_UNREAD], self._results[:-MAX_UNREAD]
        self._send()

    def _take_back(self, draft: Draft) -> None:
        """Put a draft that was not stored in front of what waits. The caller holds the lock."""
        if self._waiting is not None:
            draft.merge(self._waiting)
        self._waiting = draft

    def refuse(self, code: str, message: str) -> None:
        """Answer the events whose changes could not be stored, so that the browser does not repeat them for ever."""
        with self.recorder.lock:
            waiting = self._waiting.outcomes if self._waiting is not None else []
            numbers = [number for number, _ in waiting]

        def tell() -> None:
            running = [run.event.number for run in self.order.running if run.event.number not in numbers]
            if self.connection is not None:
                self.connection.refuse([*numbers, *running], code, message)

        self.runtime.calls.call(tell)

    def send_again(self) -> None:
        """Go on with what was refused, after the store has the session again."""
        self._send()

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
            if self._waiting is not None and self._capture is not None:
                self._capture.store_whole(self._waiting)
            return StoredSession(
                session_id=self.id,
                epoch=self.epoch,
                version=self.log.version,
                application=self.application.slug,
                visitor=self.visitor.id,
                base_digest=self.base.digest,
                layout_revision=self.application.tree.revision,
                elements=elements,
                acknowledged_low=self._low,
                acknowledged_above=tuple(sorted(self._above)),
                mail=[StoredMail(version, item.json) for version, _, item in self._mail],
                running=dict(self._marked),
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
        with self.recorder.lock:
            patch = None if version is None else self.log.since(version)
            known = version or 0
            return Update(
                patch,
                self.log.snapshot() if patch is None else None,
                self.log.version,
                [(mail_id, item) for at, mail_id, item in self._mail if at > known],
                [(number, outcome) for at, number, outcome in self._results if at > known],
                self._low,
            )

    def acknowledge(self, version: int) -> None:
        """Note that the browser has everything up to `version`."""
        with self.recorder.lock:
            if not self._read_version < version <= self.log.version:
                return
            self._read_version = version
            _drop_until(version, self._mail)
            _drop_until(version, self._results)

    def binary(self, digest: str) -> Binary | None:
        """Return bytes that the public state names."""
        with self.recorder.lock:
            return self.log.binary(digest) or self.base.binaries.get(digest)


def _mail_id(version: int, index: int) -> int:
    """Number a message: by its version, then its place among those of that version."""
    return version * 4096 + index


def _drop_until(version: int, items: list[Any]) -> None:
    """Drop the items of this version and below from the front, where the oldest are."""
    count = 0
    while count < len(items) and items[count][0] <= version:
        count += 1
    del items[:count]


def _acknowledge(low: int, above: Set[int], numbers: Sequence[int]) -> tuple[int, Set[int]]:
    """Return the low-water mark and the numbers beyond it once `numbers` are done too."""
    if not above and len(numbers) == 1 and numbers[0] == low + 1:
        return low + 1, above
    done = {*above, *(number for number in numbers if number > low)}
    if len(done) > MAX_WAITING:  # the one below was refused long ago, and nobody asks again
        low = min(done) - 1
    while low + 1 in done:
        low += 1
        done.discard(low)
    return low, done
