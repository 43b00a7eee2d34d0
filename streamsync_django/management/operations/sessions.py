"""``manage.py streamsync sessions …``: who is there, from any process."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.core.management.base import CommandError

from streamsync_django.hosting import store_of_sessions
from streamsync_django.stores.base import SessionStore, SessionSummary


def listed(application: str | None, limit: int) -> list[SessionSummary]:
    """Return live sessions, the latest active first. Raises StoreError."""
    return list(_store().sessions(application, limit))


def lines(sessions: list[SessionSummary]) -> Iterator[str]:
    """Write sessions as a table."""
    yield f"{'session':<45}{'application':<16}{'visitor':<28}{'instance':<10}{'version':>8}{'idle':>8}{'age':>8}  running"
    now = time.time()
    for session in sessions:
        running = ", ".join(f"{number} {kind.decode()}" for number, kind in session.running.items())
        yield (
            f"{session.session_id:<45}{session.application[:15]:<16}{session.visitor[:27]:<28}"
            f"{session.owner[:8]:<10}{session.version:>8}{session.idle_seconds:>7.0f}s"
            f"{now - session.created_at:>7.0f}s  {running}"
        )


def end(session_id: str) -> bool:
    """End a session for good: its instance drops it at its next commit, its browser is told. Raises StoreError."""
    return _store().end(session_id)


def prune(idle_seconds: float, application: str | None) -> int:
    """End sessions in which nothing has happened for so long, and return how many. Raises StoreError."""
    store = _store()
    idle = [
        session.session_id
        for session in store.sessions(application, limit=1_000_000)
        if session.idle_seconds >= idle_seconds and not session.running
    ]
    return sum(store.end(session_id) for session_id in idle)


def _store() -> SessionStore:
    store = store_of_sessions()
    if store is None:
        raise CommandError(
            "Without REDIS_URL sessions live in the server's own process, where the admin lists and ends them."
        )
    return store
