"""Everything of this package that lives in one process: applications, sessions, and the threads for them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from streamsync_django.core import journal
from streamsync_django.core.dispatch import Outcome, Scene, dispatch, run_handler
from streamsync_django.core.errors import StoreError
from streamsync_django.core.files import application_folder
from streamsync_django.core.handlers import Late
from streamsync_django.core.journal import Run
from streamsync_django.core.recorder import ElementPath
from streamsync_django.core.stored import accepts_pickles
from streamsync_django.runtime import output
from streamsync_django.runtime.committer import Committer
from streamsync_django.runtime.custody import Custody
from streamsync_django.runtime.delivery import Poll, PushDelivery
from streamsync_django.runtime.drafts import Failure
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.order import HandlerRun
from streamsync_django.runtime.ownership import Heartbeat, missing
from streamsync_django.runtime.pushes import END, MESSAGE, PushEvent
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.runtime.sharing import Sharing
from streamsync_django.runtime.switching import Switcher
from streamsync_django.runtime.tally import Tally
from streamsync_django.runtime.uploads import SessionUploads, Uploads
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import Commit, Committed, Refused

_logger = logging.getLogger(__name__)

#: How often idle sessions are looked for, in seconds.
SWEEP_SECONDS = 30.0


class InlineCommitter:
    """Commits at once, in the calling thread: for a store that is nothing but this process's memory."""

    def __init__(
        self, store: SessionStore, on_committed: Callable[[list[tuple[Commit, Committed | Refused]]], None]
    ) -> None:
        self._store = store
        self._on_committed = on_committed

    def submit(self, commit: Commit) -> None:
        self._on_committed([(commit, self._store.commit([commit])[0])])

    @property
    def waiting(self) -> int:
        return 0

    def close(self, timeout: float) -> list[Commit]:
        return []


class Runtime:
    """The sessions of this process. Made on the event loop that serves its sockets.

    `around_handlers` is entered around each handler run, in its thread, with the session: it sets the
    visitor's language and time zone and closes database connections.
    """

    def __init__(
        self,
        *,
        applications: ApplicationRegistry,
        store: SessionStore,
        options: RuntimeOptions,
        loop: asyncio.AbstractEventLoop,
        around_handlers: Callable[[LiveSession], AbstractContextManager[None]] | None = None,
    ) -> None:
        self.settings = options
        self.store = store
        self.instance = f"{uuid.uuid4().hex}"
        self.calls = LoopCalls(loop)
        self.executor = Executor(options.max_workers)
        self.applications = applications
        self.uploads = Uploads(ttl_seconds=options.upload_ttl)
        self._around = around_handlers or (lambda session: contextlib.nullcontext())
        self.tally = Tally()
        #: What the store said when it did not answer; None while it does.
        self.trouble: StoreError | None = None
        #: Whether this process is about to go, and takes no more sessions.
        self.is_leaving = False
        if store.is_shared:
            self.committer: Committer | InlineCommitter = Committer(
                store, self._settle, self._note_trouble, tally=self.tally
            )
        else:
            self.committer = InlineCommitter(store, self._settle)
        self._heartbeat = Heartbeat(store, self.instance, self._recover) if store.is_shared else None
        self.custody = Custody(self, applications, self.instance, self._heartbeat)
        self.pushes = PushDelivery(store, self.custody.sessions, self.calls, self.executor)
        #: Tells other instances that something of an application is new; set by whoever can reach them.
        self.tell_others: Callable[[str], None] = lambda slug: None
        self.sharing = Sharing(
            store,
            self.custody.sessions,
            self.calls,
            self.executor,
            interval_seconds=options.flush_interval_ms / 1000,
            log=applications.log.add,
            tell_others=lambda slug: self.tell_others(slug),
        )
        self._poll = Poll(self.calls, self._look_around) if store.is_shared else None
        pins = options.pin_revisions
        switcher = Switcher(self.custody, self.sharing, self.calls, self.executor, pins_revisions=pins)
        self._stop_following = applications.follow(switcher.follow)
        self._uninstall_output = output.install()
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)

    # Sessions

    @property
    def sessions(self) -> dict[str, LiveSession]:
        """The sessions in memory, by id."""
        return self.custody.sessions

    def drop(self, session: LiveSession, code: int) -> None:
        """Forget this process's copy of a session and close its socket; on the loop."""
        self.custody.give_up(session)
        self.uploads.discard(session.id)
        if session.connection is not None:
            session.connection.end(code)

    def on_refused(self, session: LiveSession, answer: Refused) -> None:
        """Decide what a refused commit means; from the committer's thread."""
        self.custody.on_refused(session, answer)

    def drain(self, session: LiveSession) -> None:
        """Take events of a session that reached other instances; blocks while the store answers."""
        self.custody.drain(session)

    def end_session(self, session_id: str) -> bool:
        """End a session for good; blocks while the store answers. Raises StoreError."""
        session = self.sessions.get(session_id)
        ended = self.store.end(session_id)
        if session is not None:
            session.lose("it was ended")
        return ended or session is not None

    # Handlers, in worker threads

    def perform(self, session: LiveSession, run: HandlerRun) -> Outcome:
        """Run one event of a session."""
        event = run.event
        application = session.application
        state = session.state
        uploads = SessionUploads(
            self.uploads, self.store, session.id, event.target[-1][0] if event.target else ""
        )
        scene = Scene(
            application=application.application,
            tree=session.tree,
            catalogue=application.extensions.catalogue,
            state=state,
            arguments={
                "session": session.description(),
                "user": session.visitor.user,
                "app": application.application,
                "ui": Late(lambda: session.ui),
            },
            resolve_upload=uploads.resolve,
            max_upload_bytes=self.settings.max_upload_bytes,
            max_upload_files=self.settings.max_upload_files,
            rows_shifted_since=session.rows_shifted_since,
            flush=state.flush,
        )
        component = session.tree.get(event.target[-1][0]) if event.target else None
        handler = component.handlers.get(event.type) if component is not None else None
        if isinstance(event, PushEvent):
            handler = event.handler
        source = Run(application.slug, self.applications.log.add, session.id, event.number, handler)
        application_folder.set(application.application.folder)  # this run has a context of its own
        with application.generation.running(), output.routed(source), self._around(session):
            if isinstance(event, PushEvent):
                return self._push(session, event, scene)
            outcome = dispatch(event, scene)
            if session.recorder.development is not None:
                session.recorder.development.warn()
        if outcome.status not in ("stale", "rejected"):
            uploads.remove_taken()
        return outcome

    def report_failures(self, session: LiveSession, run: HandlerRun | None, failures: list[Failure]) -> None:
        """Tell the author which values could not be sent."""
        source = Run(
            session.application.slug, self.applications.log.add, session.id, run.event.number if run else None
        )
        for failure in failures:
            name = ".".join(failure.path) or failure.type_name
            title = f"{name} cannot be sent ({failure.type_name})"
            self.applications.log.add(source.entry("error", title, failure.message))

    def report_unfaithful(
        self, session: LiveSession, run: HandlerRun | None, elements: Sequence[tuple[ElementPath, str]]
    ) -> None:
        """Tell the author which values, with their types, the store cannot give back."""
        number = run.event.number if run else None
        source = Run(session.application.slug, self.applications.log.add, session.id, number)
        for path, type_name in elements:
            title = f"{'.'.join(path)} stays in this process"
            way_out = "it cannot be pickled" if accepts_pickles() else "STORE_PICKLE would have it pickled"
            message = (
                f"The store cannot give a {type_name} back, only what browsers see of it ({way_out}): after a "
                "restart, or at another instance, handlers find that instead. Until then the session stays in memory."
            )
            self.applications.log.add(source.entry("warning", title, message))

    def _push(self, session: LiveSession, event: PushEvent, scene: Scene) -> Outcome:
        """Run a pushed handler; one that is no longer in main.py is only logged."""
        if event.handler == MESSAGE:
            session.send_mail([("notification", event.payload)])
            return Outcome("ok")
        if event.handler == END:
            if event.payload == session.id:
                session.lose("it was ended in the admin")
            return Outcome("ok")
        handler = scene.application.handlers.get(event.handler)
        if handler is None:
            journal.write("warning", "Push left out", f"main.py has no handler {event.handler!r} any more")
            return Outcome("ok")
        available = {"state": scene.state, "payload": event.payload, "context": {}, **scene.arguments}
        return run_handler(handler, available, scene)

    # Commits and time

    def _settle(self, answers: list[tuple[Commit, Committed | Refused]]) -> None:
        settled = []
        for commit, answer in answers:
            session = self.sessions.get(commit.session_id)
            if session is not None:
                session.settle(commit, answer)
                settled.append(session)
        self.calls.call(_wake, settled)

    def _recover(self) -> None:
        self.custody.recover_all()

    @property
    def store_answers(self) -> bool:
        """Whether the store answers as far as is known, which takes no round trip."""
        return self.trouble is None and (self._heartbeat is None or self._heartbeat.is_heard)

    def _note_trouble(self, error: StoreError | None) -> None:
        self.trouble = error

    def _sweep(self) -> None:
        """Let sessions go that nobody has used for their time to live, and keep the connected ones alive."""
        now = time.monotonic()
        kept = []
        for session in list(self.sessions.values()):
            if session.connection is not None:
                kept.append(session.id)
            elif not session.is_busy and now - session.last_active > self._idle_seconds(session):
                self.custody.give_up(session)
                self.uploads.discard(session.id)
        self.executor.submit(self.uploads.prune)
        if kept:
            self.executor.submit(lambda: self._keep_alive(kept))
        self._sweeper = self.calls.loop.call_later(SWEEP_SECONDS, self._sweep)

    def _idle_seconds(self, session: LiveSession) -> float:
        """How long a session without a browser stays in memory; a store that has it all gives it back."""
        ttl = self.settings.session_ttl
        can_return = self.store.stores_elements and session.is_wholly_stored
        if can_return and self.uploads.size_of(session.id):
            return ttl  # files wait on this machine's disk for an event that may still come
        return min(ttl, self.settings.hibernate_after) if can_return else ttl

    def _keep_alive(self, session_ids: list[str]) -> None:
        try:
            for session_id in missing(self.store, session_ids, self.settings.session_ttl):
                session = self.sessions.get(session_id)
                if session is not None:
                    self.custody.recover(session)
        except StoreError as error:
            _logger.warning("sessions could not be kept alive: %s", error)

    def news_of(self, slug: str) -> None:
        """Another instance says that something of an application is new; from any thread."""
        self.pushes.look_soon(slug)
        self.sharing.look_soon(slug)

    def _look_around(self) -> None:
        self.pushes.look_at_all()
        self.sharing.look_at_all()

    def close(self, timeout: float = 5.0) -> None:
        """Stop: commit what is ready, let go of the store, and leave running handlers behind."""
        self._sweeper.cancel()
        self._stop_following()
        if self._poll is not None:
            self._poll.stop()
        self.sharing.close()
        if self._heartbeat is not None:
            self._heartbeat.stop()
        self.executor.close()
        left = self.committer.close(timeout)
        if left:
            _logger.error("%d commits did not reach the store", len(left))
        self._uninstall_output()
        self.store.close()
        self.uploads.close()


def _wake(sessions: list[LiveSession]) -> None:
    for session in sessions:
        if session.connection is not None:
            session.connection.wake()
