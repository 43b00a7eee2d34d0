"""The log on a developer's page: entries of its session and of its application, as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from streamsync_django.core.journal import LogEntry
from streamsync_django.core.serializers.naming import readable
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.transport import protocol

#: Kinds of log entries that go by another name in the browser.
_KINDS: Final = {"info": "log"}


def feed_log(
    runtime: Runtime, slug: str, session_id: str, tell: Callable[[protocol.ServerMessage], Awaitable[None]]
) -> Callable[[], object]:
    """Send what the log has, and what comes, by `tell`, which does not raise; return what ends it.

    Called on the event loop, where `tell` is called too; entries come from any thread.
    """
    loop = asyncio.get_running_loop()

    def is_ours(entry: LogEntry) -> bool:
        return entry.application == slug and entry.session in (None, session_id)

    def show(entries: list[LogEntry]) -> None:
        runtime.calls.call(lambda: asyncio.ensure_future(tell(message_of(entries)), loop=loop))

    def hear(entry: LogEntry) -> None:
        if is_ours(entry):
            show([entry])

    log = runtime.applications.log
    if earlier := [entry for entry in log.entries(slug) if is_ours(entry)]:
        show(earlier)
    return log.listen(hear)


def message_of(entries: list[LogEntry]) -> protocol.LogMessage:
    """Return entries as the browser gets them."""
    return protocol.LogMessage(
        entries=[
            {
                "kind": _KINDS.get(entry.kind, entry.kind),
                "title": readable(entry.title),
                "message": readable(entry.message),
                "traceback": None if entry.traceback is None else readable(entry.traceback),
                "time": entry.time,
                "event": entry.event,
                "handler": entry.handler,
                "session": entry.session,
            }
            for entry in entries
        ]
    )
