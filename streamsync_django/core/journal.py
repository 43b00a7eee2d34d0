"""The log that an application's author sees: prints, logging, warnings and errors, by handler run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

import msgspec

EntryKind = Literal["print", "log", "info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line, or one traceback, of the log."""

    kind: EntryKind
    title: str
    message: str
    traceback: str | None = None
    #: Seconds since the epoch.
    time: float = field(default_factory=time.time)
    application: str | None = None
    session: str | None = None
    event: int | None = None
    handler: str | None = None
    #: The server's log has it already, as the author's own record.
    is_on_server: bool = False

    @property
    def where(self) -> str:
        """Name what it comes from, as the server's log does."""
        return _where(self.application, self.session, self.event)


class Run(msgspec.Struct, frozen=True):
    """Where output comes from: a handler run of one session, or an application being loaded."""

    application: str
    write: Callable[[LogEntry], None]
    session: str | None = None
    event: int | None = None
    handler: str | None = None

    @property
    def where(self) -> str:
        """Name it as the server's log does."""
        return _where(self.application, self.session, self.event)

    def entry(self, kind: EntryKind, title: str, message: str, traceback: str | None = None) -> LogEntry:
        """Return an entry that names this run."""
        return LogEntry(
            kind=kind,
            title=title,
            message=message,
            traceback=traceback,
            application=self.application,
            session=self.session,
            event=self.event,
            handler=self.handler,
        )


def _where(application: str | None, session: str | None, event: int | None) -> str:
    at_session = f" session={session[:8]}" if session else ""
    at_event = f" event={event}" if event is not None else ""
    return f"[{application}{at_session}{at_event}]"


#: The run that the current thread works for; None outside user code.
current_run: ContextVar[Run | None] = ContextVar("streamsync_run", default=None)


def write(kind: EntryKind, title: str, message: str, traceback: str | None = None) -> bool:
    """Add an entry to the log of the current run; return whether there is one."""
    run = current_run.get()
    if run is None:
        return False
    run.write(run.entry(kind, title, message, traceback))
    return True
