"""Everything of this package that lives in one process: applications, sessions, and the threads for them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from streamsync_django.core.catalogue import load_catalogue
from streamsync_django.core.dispatch import Outcome, Scene, dispatch
from streamsync_django.core.errors import SessionGone, StoreError
from streamsync_django.core.journal import Run
from streamsync_django.runtime import output
from streamsync_django.runtime.committer import Committer
from streamsync_django.runtime.drafts import Failure
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.order import HandlerRun
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.restoring import restore
from streamsync_django.runtime.sessions import LiveSession, Visitor
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import Commit, Committed, NewSession, Refused

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
        self.sessions: dict[str, LiveSession] = {}
        self.catalogue = load_catalogue()
        self.applications = applications
        self._around = around_handlers or (lambda session: contextlib.nullcontext())
        self.trouble: StoreError | None = None
        if store.is_shared:
            self.committer: Committer | InlineCommitter = Committer(store, self._settle, self._note_trouble)
        else:
            self.committer = InlineCommitter(store, self._settle)
        self._uninstall_output = output.install()
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)

    # Sessions

    def create_session(
        self, application: LoadedApplication, visitor: Visitor, info: Mapping[str, Any]
    ) -> LiveSession:
        """Make a new session; blocks while the store answers. Raises StoreError."""
        session_id = secrets.token_urlsafe(32)
        if self.store.stores_elements:
            self._keep_base(application)
        epoch = self.store.create(
            NewSession(
                session_id=session_id,
                application=application.slug,
                visitor=visitor.id,
                base_digest=application.base.digest,
                layout_revision=application.tree.revision,
                owner=self.instance,
                ttl_seconds=self.settings.session_ttl,
            )
        )
        session = LiveSession(session_id, application, visitor, self, epoch=epoch, info=info)
        self.sessions[session_id] = session
        session.send_mail(application.base.mail)
        return session

    def resume_session(
        self, session_id: str, slug: str, visitor: Visitor, info: Mapping[str, Any]
    ) -> LiveSession:
        """Return the visitor's session, from memory or from the store; blocks while the store answers.

        Raises SessionGone when there is none of that id, application and visitor.
        """
        live = self.sessions.get(session_id)
        if live is not None and not live.is_over:
            if live.visitor.id != visitor.id or live.application.slug != slug:
                raise SessionGone("this session belongs to somebody else")
            return live
        summary = self.store.peek(session_id) if self.store.stores_elements else None
        if summary is None or summary.visitor != visitor.id or summary.application != slug:
            raise SessionGone("this session has ended")
        stored = self.store.claim(session_id, self.instance)
        if stored is None:
            raise SessionGone("this session has ended")
        application = self.applications.get(slug)
        session = LiveSession(session_id, application, visitor, self, epoch=stored.epoch, info=info)
        restore(session, stored)
        self.sessions[session_id] = session
        return session

    def drop(self, session: LiveSession) -> None:
        """Forget this process's copy of a session."""
        if self.sessions.get(session.id) is session:
            del self.sessions[session.id]
        if session.connection is not None:
            session.connection.end(4410)

    def end_session(self, session_id: str) -> bool:
        """End a session for good; from the loop."""
        session = self.sessions.get(session_id)
        ended = self.store.end(session_id)
        if session is not None:
            session.lose("it was ended")
        return ended or session is not None

    def _keep_base(self, application: LoadedApplication) -> None:
        base = application.base
        blobs = {digest: (binary.mime, binary.data) for digest, binary in base.binaries.items()}
        self.store.put_base(base.digest, base.snapshot, self.settings.session_ttl, blobs)

    # Handlers, in worker threads

    def perform(self, session: LiveSession, run: HandlerRun) -> Outcome:
        """Run one event of a session."""
        event = run.event
        application = session.application
        state = session.state
        scene = Scene(
            application=application.application,
            tree=application.tree,
            catalogue=self.catalogue,
            state=state,
            arguments={
                "session": session.description(),
                "user": session.visitor.user,
                "app": application.application,
            },
            rows_shifted_since=session.rows_shifted_since,
            flush=session.flush,
        )
        component = application.tree.get(event.target[-1][0]) if event.target else None
        handler = component.handlers.get(event.type) if component is not None else None
        source = Run(application.slug, self.applications.log.add, session.id, event.number, handler)
        with output.routed(source), self._around(session):
            return dispatch(event, scene)

    def report_failures(self, session: LiveSession, run: HandlerRun | None, failures: list[Failure]) -> None:
        """Tell the author which values could not be sent."""
        source = Run(
            session.application.slug, self.applications.log.add, session.id, run.event.number if run else None
        )
        for failure in failures:
            name = ".".join(failure.path) or failure.type_name
            title = f"{name} cannot be sent ({failure.type_name})"
            self.applications.log.add(source.entry("error", title, failure.message))

    # Commits and time

    def _settle(self, answers: list[tuple[Commit, Committed | Refused]]) -> None:
        settled = []
        for commit, answer in answers:
            session = self.sessions.get(commit.session_id)
            if session is not None:
                session.settle(commit, answer)
                settled.append(session)
        self.calls.call(_wake, settled)

    def _note_trouble(self, error: StoreError | None) -> None:
        self.trouble = error

    def _sweep(self) -> None:
        """Let sessions go that nobody has used for their time to live, and keep the connected ones alive."""
        now = time.monotonic()
        kept = []
        for session in list(self.sessions.values()):
            if session.connection is not None:
                kept.append(session.id)
            elif not session.is_busy and now - session.last_active > self.settings.session_ttl:
                del self.sessions[session.id]
        if kept:
            self.executor.submit(lambda: self._keep_alive(kept))
        self._sweeper = self.calls.loop.call_later(SWEEP_SECONDS, self._sweep)

    def _keep_alive(self, session_ids: list[str]) -> None:
        try:
            self.store.touch(session_ids, self.settings.session_ttl)
        except StoreError as error:
            _logger.warning("sessions could not be kept alive: %s", error)

    def close(self, timeout: float = 5.0) -> None:
        """Stop: commit what is ready, let go of the store, and leave running handlers behind."""
        self._sweeper.cancel()
        self.executor.close()
        left = self.committer.close(timeout)
        if left:
            _logger.error("%d commits did not reach the store", len(left))
        self._uninstall_output()
        self.store.close()


def _wake(sessions: list[LiveSession]) -> None:
    for session in sessions:
        if session.connection is not None:
            session.connection.wake()
