"""What an application's sessions share, on its way between this process's copy, the store, and the browsers.

A session's browser gets shared elements as elements of its session below ``shared``, in its own versions, so
patches, snapshots, reconnects and slow readers need nothing new. They are not written into the session: every
instance knows them from the store's one copy.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from streamsync_django.core.base import leaves
from streamsync_django.core.changes import ElementChange
from streamsync_django.core.errors import SerializationError, StoreError
from streamsync_django.core.journal import LogEntry
from streamsync_django.core.own_modules import working_for
from streamsync_django.core.recorder import WHOLE, ElementPath
from streamsync_django.core.serializers import Wire, to_wire
from streamsync_django.core.sharing import SHARED_KEY, SharedState, show_shared
from streamsync_django.core.state import FrozenNode, State, is_private
from streamsync_django.core.stored import from_stored
from streamsync_django.runtime.drafts import Capture, Draft
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import StoredElement

_logger = logging.getLogger(__name__)

#: How often a function given to `update` is run before the store is taken for overwhelmed.
MAX_TRIES: Final = 100
_RETRY_SECONDS: Final = 0.5


class Sharing:
    """The shared states of this process's applications."""

    def __init__(
        self,
        store: SessionStore,
        sessions: Mapping[str, LiveSession],
        calls: LoopCalls,
        executor: Executor,
        *,
        interval_seconds: float,
        log: Callable[[LogEntry], None],
        tell_others: Callable[[str], None],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._calls = calls
        self._executor = executor
        self._interval_seconds = interval_seconds
        self._log = log
        self._tell_others = tell_others
        self._lock = threading.Lock()
        self._carriers: dict[str, SharedCarrier] = {}

    def join(self, session: LiveSession, *, knows_base: bool) -> None:
        """Give a session that is now among the others what is shared; blocks while the store answers."""
        shared = session.application.application.shared
        if shared is not None:
            self._carrier(session.application, shared).join(session, knows_base=knows_base)

    def look_soon(self, slug: str) -> None:
        """Look in a worker for what other instances changed; returns at once."""
        carrier = self._carriers.get(slug)
        if carrier is not None:
            self._executor.submit(carrier.look)

    def look_at_all(self) -> None:
        """Look for changes of every application that has had sessions here; returns at once."""
        for slug in list(self._carriers):
            self.look_soon(slug)

    def close(self) -> None:
        """Carry nothing more."""
        for carrier in self._carriers.values():
            carrier.close()

    def _carrier(self, application: LoadedApplication, shared: SharedState) -> SharedCarrier:
        slug, namespace = application.slug, application.generation.name
        with self._lock:
            known = self._carriers.get(slug)
            if known is None or known.shared is not shared:
                if known is not None:
                    known.close()
                known = self._carriers[slug] = SharedCarrier(
                    slug,
                    shared,
                    self._store,
                    namespace=namespace,
                    tell=lambda changes, shifted: self._tell(slug, changes, shifted),
                    tell_others=lambda: self._tell_others(slug),
                    log=self._log,
                    later=self._later,
                    interval_seconds=self._interval_seconds,
                )
            known.namespace = namespace  # what is shared goes on when the application is loaded again
            return known

    def _tell(self, slug: str, changes: Mapping[ElementPath, Wire | None], shifted: set[ElementPath]) -> None:
        for session in list(self._sessions.values()):
            if session.application.slug == slug:
                session.take_shared(_below_shared(changes), {(SHARED_KEY, *path) for path in shifted})

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        """Run work in a worker after a while; from any thread."""
        self._calls.call(lambda: self._calls.loop.call_later(seconds, lambda: self._executor.submit(work)))


class SharedCarrier:
    """Carries one application's shared state; implements `core.sharing.Transactions`.

    `_lock` is held over each exchange with the store and the telling of sessions, so that sessions get changes in
    the store's order. It is taken before the shared state's own lock, never inside of it.
    """

    def __init__(
        self,
        slug: str,
        shared: SharedState,
        store: SessionStore,
        *,
        namespace: str,
        tell: Callable[[Mapping[ElementPath, Wire | None], set[ElementPath]], None],
        tell_others: Callable[[], None],
        log: Callable[[LogEntry], None],
        later: Callable[[float, Callable[[], None]], None],
        interval_seconds: float,
    ) -> None:
        self.shared = shared
        #: Where the modules are whose classes stored values name.
        self.namespace = namespace
        self._slug = slug
        self._store = store
        self._tell = tell
        self._tell_others = tell_others
        self._log = log
        self._later = later
        self._interval_seconds = interval_seconds
        self._recorder = shared.recorder
        self._capture = Capture(shared, self._recorder, encodes_stored=store.is_shared)
        self._lock = threading.RLock()
        self._life, self._version = "", 0
        self._last_flush = 0.0
        self._is_closed = False
        #: The public elements as browsers have them.
        self._wires: dict[ElementPath, Wire] = {}
        with self._lock:
            self._wires = dict(self._all_wires())
            self._pull()
            shared.carry(self)
            self._recorder.on_first_mark = self._schedule
            self.flush()

    def join(self, session: LiveSession, *, knows_base: bool) -> None:
        """Bring a session's browser from its base, or from whatever it was told elsewhere, to what is shared now."""
        with self._lock:
            if session.has_state:
                show_shared(session.state, self.shared)
            base = {path[1:]: wire for path, wire in session.base.elements.items() if path[0] == SHARED_KEY}
            changes: dict[ElementPath, Wire | None] = {}
            if not knows_base:
                changes[()] = None  # what other instances told it before
            changes.update((path, None) for path in base if path not in self._wires)
            changes.update(
                (path, wire)
                for path, wire in self._wires.items()
                if not knows_base or path not in base or base[path].json != wire.json
            )
            if changes:
                session.take_shared(_below_shared(changes), set())

    def flush(self) -> None:
        """Carry what has been assigned here to the store and the sessions."""
        with self._lock:
            self._last_flush = time.monotonic()
            draft = self._take()
            if draft.is_empty:
                return
            written = None
            try:
                if self._store.is_shared and draft.stored:
                    written = self._store.write_shared(self._slug, _writes(draft))
            except StoreError as error:
                _logger.warning("what %s shares waits for the store: %s", self._slug, error)
                self._keep(draft)
                self._later(_RETRY_SECONDS, self.flush)
                return
            self._changed(draft)
            self._note(written)

    def look(self) -> None:
        """Take over what other instances have written."""
        with self._lock:
            self._look_again()

    def run(self, function: Callable[[SharedState], Any]) -> Any:
        """Run a function on what is shared, again whenever another instance wrote in between."""
        with self._lock:
            if not self._store.is_shared:
                try:
                    with self._recorder.lock:
                        return function(self.shared)
                finally:
                    self.flush()
            for attempt in range(MAX_TRIES):
                self.flush()
                self._pull()
                with self._recorder.lock:
                    result = function(self.shared)
                    draft = self._take()
                if draft.is_empty:
                    return result
                written = self._store.write_shared(self._slug, _writes(draft), (self._life, self._version))
                if written is not None:
                    self._changed(draft)
                    self._note(written)
                    return result
                self._undo(draft)
                time.sleep(random.uniform(0, 0.002 * min(attempt + 1, 10)))
        raise StoreError(
            f"{self._slug}: update() was overtaken {MAX_TRIES} times; is something writing in a loop?"
        )

    def close(self) -> None:
        """Carry nothing more."""
        self._is_closed = True
        self._recorder.on_first_mark = None
        self.shared.carry(None)

    def _schedule(self) -> None:
        """Flush soon; called under the shared state's lock, by whoever changes it."""
        if not self._is_closed:
            wait = self._last_flush + self._interval_seconds - time.monotonic()
            self._later(max(0.0, wait), self.flush)

    def _take(self) -> Draft:
        """Return what has been assigned; lists as a whole, because sessions may hear of one change twice."""
        with self._recorder.lock:
            marks = self._recorder.marks
            marks.update({path: WHOLE for path, mark in marks.items() if mark >= 0})
            draft, failures = self._capture.take()
        for failure in failures:
            title = f"shared.{'.'.join(failure.path)} cannot be sent ({failure.type_name})"
            self._log(LogEntry(kind="error", title=title, message=failure.message, application=self._slug))
        return draft

    def _keep(self, draft: Draft) -> None:
        """Note what was taken as not yet carried; newer marks stay."""
        with self._recorder.lock:
            on_first_mark, self._recorder.on_first_mark = self._recorder.on_first_mark, None
            for path in [*draft.changes, *draft.stored]:
                if path not in self._recorder.marks:
                    self._recorder.mark(path, WHOLE if _has(self.shared, path) else -2)
            self._recorder.on_first_mark = on_first_mark

    def _note(self, written: tuple[str, int] | None) -> None:
        """Note what our write made current; where others wrote before it, all is read again in the store's order."""
        if written is None:
            return
        life, version = written
        if (life, version - 1) == (self._life, self._version) or (not self._life and version == 1):
            self._life, self._version = life, version
        else:
            self._look_again()
        self._tell_others()

    def _look_again(self) -> None:
        """Read what others wrote beside us; a store that does not answer now is asked by the next poll."""
        try:
            self._pull()
        except StoreError as error:
            _logger.debug("what %s shares was not read: %s", self._slug, error)

    def _changed(self, draft: Draft) -> None:
        changes = {path: change.wire for path, change in draft.changes.items()}
        self._remember(changes)
        self._tell(changes, draft.structural)

    def _pull(self) -> None:
        """Take over what is new in the store, and write again what the store has lost."""
        if not self._store.is_shared:
            return
        state = self._store.read_shared(self._slug, self._life, self._version)
        was_lost = bool(self._life) and state.life != self._life
        if not was_lost and state.version < self._version:
            # A replica took over that had not heard all: what it has counts, or instances would differ for ever.
            was_lost = True
            state = self._store.read_shared(self._slug)
        self._life, self._version = state.life, state.version
        if state.elements:
            changes = self._put(state.elements)
            self._remember(changes)
            self._tell(changes, set(changes))
        if was_lost:
            written = {element.path for element in state.elements}
            with self._recorder.lock:
                for path, _ in list(leaves(self.shared)):
                    if path not in written:
                        self._recorder.mark(path, WHOLE)

    def _put(self, elements: Iterable[StoredElement]) -> dict[ElementPath, Wire | None]:
        """Set elements as the store has them, unless they have been assigned here since."""
        changes: dict[ElementPath, Wire | None] = {}
        recorder = self._recorder
        with recorder.lock:
            marks, recorder.marks = recorder.marks, {}
            on_first_mark, recorder.on_first_mark = recorder.on_first_mark, None
            for item in sorted(elements, key=_turn):
                path, stored = item.path, item.stored
                if path in marks:
                    continue
                if stored is None:
                    _delete(self.shared, path)
                    changes[path] = None
                    continue
                with working_for(self.namespace):
                    value = from_stored(stored)
                _assign(self.shared, path, value)
                wire = _wire(value)
                if wire is not None and not is_private(path):
                    changes[path] = wire
            recorder.take_shifted()
            recorder.marks, recorder.on_first_mark = marks, on_first_mark
        return changes

    def _undo(self, draft: Draft) -> None:
        """Take back what a function assigned in vain."""
        known = {item.path: item for item in self._store.read_shared(self._slug).elements}
        gone = [StoredElement(path, 0, None) for path in draft.stored if path not in known]
        self._put([*gone, *(known[path] for path in draft.stored if path in known)])

    def _remember(self, changes: Mapping[ElementPath, Wire | None]) -> None:
        for path, wire in changes.items():
            if wire is None:
                self._wires.pop(path, None)
            else:
                self._wires[path] = wire

    def _all_wires(self) -> Iterable[tuple[ElementPath, Wire]]:
        with self._recorder.lock:
            for path, value in leaves(self.shared):
                wire = None if is_private(path) else _wire(value)
                if wire is not None:
                    yield path, wire


def _turn(element: StoredElement) -> tuple[int, bool, int]:
    """Sort by version; within one, deletions first and the innermost ahead of what they were in."""
    return element.version, element.stored is not None, -len(element.path)


def _below_shared(changes: Mapping[ElementPath, Wire | None]) -> dict[ElementPath, ElementChange]:
    """Return shared elements as a session's elements."""
    return {(SHARED_KEY, *path): ElementChange((SHARED_KEY, *path), wire) for path, wire in changes.items()}


def _writes(draft: Draft) -> dict[ElementPath, bytes | None]:
    return {path: write.data for path, write in draft.stored.items()}


def _wire(value: object) -> Wire | None:
    try:
        return Wire(b"{}") if isinstance(value, State | FrozenNode) else to_wire(value)
    except SerializationError:
        return None


def _has(state: State, path: ElementPath) -> bool:
    node: Any = state
    for key in path:
        if not isinstance(node, State) or key not in node:
            return False
        node = node[key]
    return True


def _assign(state: State, path: ElementPath, value: object) -> None:
    node = state
    for key in path[:-1]:
        if not isinstance(node[key], State):
            node[key] = {}
        node = node[key]
    node[path[-1]] = value


def _delete(state: State, path: ElementPath) -> None:
    if _has(state, path):
        node: Any = state
        for key in path[:-1]:
            node = node[key]
        if isinstance(node[path[-1]], State) and node[path[-1]]:
            return  # it was a value, and has elements of its own by now
        del node[path[-1]]
