"""Which sessions are here: making them, taking them over from other instances, and giving them up."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from streamsync_django.core.base import Base
from streamsync_django.core.errors import SessionError, SessionGone, StoreError
from streamsync_django.core.own_modules import working_for
from streamsync_django.runtime.bases import decode_base, encode_base
from streamsync_django.runtime.inbox_events import Cancellation, decode_message
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.ownership import Heartbeat
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.restoring import restore
from streamsync_django.runtime.sessions import LiveSession, SessionHost
from streamsync_django.stores.base import SessionHeld, StoreFull
from streamsync_django.stores.records import NewSession, Refused, StoredSession

_logger = logging.getLogger(__name__)

#: What a browser is told when its session is not lost, only not here: come back at once.
COME_BACK = 4412
TAKEN_OVER = 4409
GONE = 4410


class SessionElsewhere(SessionError):
    """Raised when handlers of a session are running at another living instance; `view` shows its state."""

    def __init__(self, view: LiveSession) -> None:
        super().__init__(f"session {view.id} stays at its owner while its handlers run")
        self.view = view


class TooManySessions(SessionError):
    """Raised when a visitor has as many pages open as one visitor may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"this visitor has {limit} sessions open already")


class Custody:
    """The sessions of this instance. Methods block while the store answers, except where they say otherwise."""

    def __init__(
        self, host: SessionHost, applications: ApplicationRegistry, instance: str, heartbeat: Heartbeat | None
    ) -> None:
        self._host = host
        self._store = host.store
        self._ttl = host.settings.session_ttl
        self._applications = applications
        self.instance = instance
        #: None for a store that no other process sees.
        self._heartbeat = heartbeat
        self.sessions: dict[str, LiveSession] = {}
        #: How many sessions each visitor has, so that making one does not look at everybody's.
        self._counts: dict[str, int] = {}
        self._counts_lock = threading.Lock()
        self._kept_bases: set[str] = set()

    def create(
        self, application: LoadedApplication, visitor: Visitor, info: Mapping[str, Any]
    ) -> LiveSession:
        """Make a new session. Raises TooManySessions, StoreError."""
        self._make_room(visitor)
        self._keep_within_memory()
        session_id = secrets.token_urlsafe(32)
        if self._store.stores_elements:
            self._keep_base(application.base)
        pushed = self._host.pushes.newest(application.slug)
        epoch = self._store.create(
            NewSession(
                session_id=session_id,
                application=application.slug,
                visitor=visitor.id,
                base_digest=application.base.digest,
                layout_revision=application.tree.revision,
                owner=self.instance,
                pushed=pushed,
                ttl_seconds=self._ttl,
            )
        )
        session = LiveSession(session_id, application, visitor, self._host, epoch=epoch, info=info)
        session.pushes.begin(pushed, is_catching_up=True)
        self._keep(session)
        self._host.sharing.join(session, knows_base=True)
        self._host.pushes.catch_up(session, pushed)
        session.send_mail(application.base.mail)
        return session

    def resume(self, session_id: str, slug: str, visitor: Visitor, info: Mapping[str, Any]) -> LiveSession:
        """Return the visitor's session: the one in memory if it is still ours, else out of the store.

        Raises SessionGone when there is none of that id, application and visitor, SessionElsewhere when
        its handlers run at another instance, StoreError.
        """
        live = self.sessions.get(session_id)
        if live is not None and not live.is_over:
            if live.visitor.id != visitor.id or live.application.slug != slug:
                raise SessionGone("this session belongs to somebody else")
            if self._is_ours(live):
                return live
            live.lose("it has moved to another instance", TAKEN_OVER)
        if not self._store.stores_elements:
            raise SessionGone("this session has ended")
        summary = self._store.peek(session_id)
        if summary is None:
            self._check_loss()
            raise SessionGone("this session has ended")
        if summary.visitor != visitor.id or summary.application != slug:
            raise SessionGone("this session belongs to somebody else")
        return self._take(session_id, slug, visitor, info)

    def look(self, view: LiveSession) -> LiveSession | None:
        """Look after a session whose handlers run elsewhere; None while it is as `view` shows it.

        Returns the session once it is here. Raises SessionElsewhere with a newer view, SessionGone, StoreError.
        """
        summary = self._store.peek(view.id)
        if summary is not None and summary.running and summary.version == view.version:
            is_living = self._heartbeat is not None and self._heartbeat.is_living(summary.owner)
            if is_living:
                return None
        return self.resume(view.id, view.application.slug, view.visitor, view.info)

    def _make_room(self, visitor: Visitor) -> None:
        """Hold the visitor to the limit: the session whose page was left longest ago ends for a new one."""
        limit = self._host.settings.max_sessions_per_visitor
        if self._counts.get(visitor.id, 0) < limit:
            return
        held = [session for session in list(self.sessions.values()) if session.visitor.id == visitor.id]
        left = [session for session in held if session.connection is None and not session.is_busy]
        if not left:
            raise TooManySessions(limit)
        oldest = min(left, key=lambda session: session.last_active)
        self._store.end(oldest.id)
        self.give_up(oldest)
        oldest.lose("its visitor has begun others", GONE)

    def _keep_within_memory(self) -> None:
        """Hold this process to its limit: the session left longest ago goes back to the store for a new one.

        Raises StoreFull when all are in use. A store in memory holds sessions itself, and itself to the limit.
        """
        limit = self._host.settings.max_sessions
        if not self._store.stores_elements or len(self.sessions) < limit:
            return
        left = [
            session
            for session in list(self.sessions.values())
            if session.connection is None and not session.is_busy and session.is_wholly_stored
        ]
        if not left:
            raise StoreFull(f"this process has {limit} sessions open, MAX_SESSIONS allows no more")
        self.give_up(min(left, key=lambda session: session.last_active))

    def owned(self, session_id: str) -> LiveSession | None:
        """Return a session that is here and not over."""
        session = self.sessions.get(session_id)
        return None if session is None or session.is_over else session

    def _keep(self, session: LiveSession) -> None:
        with self._counts_lock:
            if session.id not in self.sessions:
                self._counts[session.visitor.id] = self._counts.get(session.visitor.id, 0) + 1
            self.sessions[session.id] = session

    def give_up(self, session: LiveSession) -> None:
        """Forget this process's copy; at once."""
        with self._counts_lock:
            if self.sessions.get(session.id) is not session:
                return
            del self.sessions[session.id]
            left = self._counts.pop(session.visitor.id) - 1
            if left:
                self._counts[session.visitor.id] = left

    def on_refused(self, session: LiveSession, answer: Refused) -> None:
        """Decide what a refused commit means: moved, ended, or lost with the store."""
        if _has_gone_back(session, answer):
            self._host.executor.submit(lambda: self.recover(session, is_lost=True))
        elif answer.reason == "epoch":
            session.lose("another instance has it", TAKEN_OVER)
        elif answer.reason == "gone":
            self._host.executor.submit(lambda: self.recover(session))
        elif answer.reason == "full":
            session.refuse("store.full", "The server has no room left to keep this; it was undone.")
            session.lose("the store is full", COME_BACK)
        else:
            if answer.reason == "failed":  # it would fail again
                session.refuse("store.failed", "The server could not keep this; it was undone.")
            session.lose(f"the store refused its commit ({answer.reason})", COME_BACK)

    def recover(self, session: LiveSession, *, is_lost: bool = False) -> None:
        """Write a session again that the store has lost; one that was ended is dropped here too.

        `is_lost` says that the store has forgotten everything since the session was last there.
        """
        if self._heartbeat is None or session.is_over:
            return
        try:
            self._heartbeat.check_generation()
            if not is_lost and not self._heartbeat.is_recovering:
                session.lose("it was ended", GONE)
                return
            self._kept_bases.discard(session.base.digest)
            self._keep_base(session.base)
            # Asked for twice at once, the second finds what the first has written, and commits since then.
            if self._store.restore(session.to_stored(), self.instance, self._ttl) or self._is_ours(session):
                session.send()
            else:
                session.lose("another instance has it", TAKEN_OVER)
        except StoreError as error:
            _logger.warning("session %s is not yet back in the store: %s", session.id[:8], error)
            self._host.calls.call(self._later, session, is_lost or self._heartbeat.is_recovering)

    def recover_all(self) -> None:
        """Write every session in memory again, after the store was lost."""
        self._kept_bases.clear()
        for session in list(self.sessions.values()):
            self._host.executor.submit(lambda session=session: self.recover(session, is_lost=True))  # type: ignore[misc]

    def drain(self, session: LiveSession) -> None:
        """Take what reached other instances while this session's handlers run here."""
        try:
            messages = self._store.drain(session.id)
        except StoreError as error:
            _logger.debug("the inbox of session %s was not read: %s", session.id[:8], error)
            return
        for message in map(decode_message, messages):
            if isinstance(message, Cancellation):
                self._host.calls.call(session.cancel, message.numbers)
            else:
                self._host.calls.call(session.submit, message)

    def _later(self, session: LiveSession, is_lost: bool) -> None:
        self._host.calls.loop.call_later(
            0.5, lambda: self._host.executor.submit(lambda: self.recover(session, is_lost=is_lost))
        )

    def _is_ours(self, session: LiveSession) -> bool:
        if self._heartbeat is None:
            return True
        summary = self._store.peek(session.id)
        if summary is None:  # ended, or on its way back into a store that was lost
            return self._heartbeat.check_generation() or self._heartbeat.is_recovering
        return summary.owner == self.instance and summary.epoch == session.epoch

    def _check_loss(self) -> None:
        """Raise StoreError while a session unknown to the store may still be written into it by its owner."""
        if self._heartbeat is not None:
            self._heartbeat.check_generation()
            if self._heartbeat.is_recovering:
                raise StoreError("the store was lost; its sessions are on their way back")

    def _take(self, session_id: str, slug: str, visitor: Visitor, info: Mapping[str, Any]) -> LiveSession:
        try:
            stored = self._store.claim(session_id, self.instance, spare_running=True)
        except SessionHeld as held:
            if self._heartbeat is None or not self._heartbeat.is_living(held.owner):
                stored = self._store.claim(session_id, self.instance)
            else:
                raise SessionElsewhere(self._view(session_id, slug, visitor, info)) from None
        if stored is None:
            raise SessionGone("this session has ended")
        session = self._restored(stored, slug, visitor, info)
        self._keep(session)
        self._host.sharing.join(session, knows_base=False)
        self._host.pushes.catch_up(session, stored.pushed)
        if stored.running:
            session.interrupt(stored.running)
        self.drain(session)
        return session

    def _view(self, session_id: str, slug: str, visitor: Visitor, info: Mapping[str, Any]) -> LiveSession:
        stored = self._store.read(session_id)
        if stored is None:
            raise SessionGone("this session has ended")
        return self._restored(stored, slug, visitor, info)

    def _restored(
        self, stored: StoredSession, slug: str, visitor: Visitor, info: Mapping[str, Any]
    ) -> LiveSession:
        pins = self._host.settings.pin_revisions
        applications = self._applications
        application = (
            applications.at_revision(slug, stored.layout_revision) if pins else applications.get(slug)
        )
        base = application.base
        if stored.base_digest != base.digest:
            data = self._store.get_base(stored.base_digest)
            if data is None:
                raise SessionGone("the initial state this session began with is no longer stored")
            with working_for(application.generation.name):
                base = decode_base(data, stored.base_digest, base.state_class)
        session = LiveSession(
            stored.session_id, application, visitor, self._host, epoch=stored.epoch, info=info, base=base
        )
        restore(session, stored)
        return session

    def _keep_base(self, base: Base) -> None:
        """Store an initial state once per process; its sessions renew it from then on."""
        if base.digest in self._kept_bases and self._store.get_base(base.digest) is not None:
            return
        blobs = {digest: (binary.mime, binary.data) for digest, binary in base.binaries.items()}
        self._store.put_base(base.digest, encode_base(base), self._ttl, blobs)
        self._kept_bases.add(base.digest)


def _has_gone_back(session: LiveSession, answer: Refused) -> bool:
    """Tell whether the store knows the session only as it was: a replica took over that had not heard all."""
    if answer.epoch is None or answer.version is None:
        return False
    return (answer.epoch, answer.version) < (session.epoch, session.version)
