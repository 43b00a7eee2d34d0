"""Live sessions, as operators see and reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from streamsync_django.core.errors import StoreError
from streamsync_django.core.journal import LogEntry
from streamsync_django.hosting import existing_runtime, get_registry, store_of_sessions
from streamsync_django.pushing import push_end, push_message
from streamsync_django.stores.records import SessionSummary

#: More sessions are not listed.
LIMIT = 200


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the list."""

    session_id: str
    visitor: str
    instance: str
    is_here: bool
    started: datetime
    last_active: datetime
    version: int
    layout_revision: str
    running: str


def list_sessions(slug: str) -> list[SessionRow]:
    """Return the live sessions of an application, on all instances; raises StoreError."""
    store = store_of_sessions()
    summaries = store.sessions(slug, LIMIT) if store is not None else []
    names = _names(summaries)
    return [_row(summary, names) for summary in summaries]


def end_session(slug: str, session_id: str) -> bool:
    """End a session wherever it lives; its page offers to start again. Raises StoreError."""
    store, runtime = store_of_sessions(), existing_runtime()
    summary = store.peek(session_id) if store is not None else None
    if store is None or summary is None or summary.application != slug:
        return False
    ended = store.end(session_id)
    session = runtime.sessions.get(session_id) if runtime is not None else None
    if session is not None:
        session.lose("it was ended in the admin")
    else:
        push_end(slug, session_id, summary.visitor)
    return ended or session is not None


def message_all(slug: str, title: str, message: str) -> int:
    """Show a notification in every session of an application, on all instances; return how many there are.

    Raises StoreError.
    """
    count = len(list_sessions(slug))
    push_message(slug, title, message)
    return count


def recent_errors(slug: str, limit: int = 20) -> list[LogEntry]:
    """Return what went wrong lately in this process, the latest first."""
    entries = [entry for entry in get_registry().log.entries(slug) if entry.kind in ("error", "warning")]
    return entries[::-1][:limit]


def count_sessions(slug: str) -> int | None:
    """Return how many sessions live; None when nobody can tell."""
    try:
        store = store_of_sessions()
        return len(store.sessions(slug, LIMIT)) if store is not None else 0
    except StoreError:
        return None


def _row(summary: SessionSummary, names: dict[str, str]) -> SessionRow:
    runtime = existing_runtime()
    session = runtime.sessions.get(summary.session_id) if runtime is not None else None
    running = []
    if session is not None:
        for run in list(session.order.running):
            target = run.event.target[-1][0] if run.event.target else ""
            component = session.tree.get(str(target))
            handler = component.handlers.get(run.event.type, "") if component is not None else ""
            running.append(handler or run.event.type)
    elif summary.running:
        running.append(", ".join(f"#{number}" for number in sorted(summary.running)))
    return SessionRow(
        summary.session_id,
        names.get(summary.visitor) or _("somebody anonymous"),
        summary.owner[:8],
        session is not None,
        datetime.fromtimestamp(summary.created_at, UTC),
        timezone.now() - timedelta(seconds=summary.idle_seconds),
        session.version if session is not None else summary.version,
        summary.layout_revision,
        ", ".join(running),
    )


def _names(summaries: Sequence[SessionSummary]) -> dict[str, str]:
    """Return what to call the visitors that have an account."""
    ids = {
        summary.visitor.partition(":")[2]: summary.visitor
        for summary in summaries
        if summary.visitor.startswith("user:")
    }
    found = get_user_model()._default_manager.filter(pk__in=list(ids))
    return {f"user:{user.pk}": user.get_username() for user in found}
