"""What the runtime lets its owner set; `streamsync_django.conf` fills it from the site's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeOptions:
    """Limits and intervals of sessions and their handlers."""

    flush_interval_ms: int = 50
    """The shortest time between two patches while a handler runs."""
    serial_grace_ms: int = 50
    """How long a running handler keeps the session's other events waiting."""
    max_workers: int = 1100
    """The most handlers that run at once in this process."""
    max_running_per_session: int = 8
    """The most handlers of one session that run at once."""
    max_sessions: int = 10_000
    """The most sessions this process keeps in memory."""
    max_sessions_per_visitor: int = 100
    """The most sessions one visitor has in this process; those whose page was left end first."""
    session_ttl: float = 3600.0
    """Seconds a session lives after its last activity; an open connection counts as activity."""
    max_upload_bytes: int = 200 * 1024 * 1024
    """The most bytes that the files of one event may have together."""
    max_upload_files: int = 100
    """The most files that one event may bring."""
    upload_ttl: float = 3600.0
    """Seconds an uploaded file waits for the event that brings it to a handler."""
    hibernate_after: float = 60.0
    """Seconds after which a session without a browser leaves memory, if the store gives it back."""
    development: bool = False
    """Whether authors are warned of changes that the state cannot see; costs time at each access."""
    pin_revisions: bool = False
    """Whether sessions keep the layout they began with when another is published."""
