"""Going away without a loss: what runs is finished, what waits is left to other instances."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from streamsync_django.runtime.custody import COME_BACK

if TYPE_CHECKING:
    from streamsync_django.runtime.runtime import Runtime

_logger = logging.getLogger(__name__)

#: How long to wait for the store to know of running handlers before browsers are sent to other instances.
_MARKS_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.05


async def drain(runtime: Runtime, seconds: float) -> None:
    """Let handlers end for at most `seconds`, close every socket, and close the runtime.

    With a shared store browsers go to other instances at once: sessions without running handlers are taken
    over there, the others are followed from there until their handlers have ended here. Without one,
    sockets stay until then. A handler that takes longer is reported as interrupted by the next owner.
    """
    deadline = time.monotonic() + seconds
    runtime.is_leaving = True
    sessions = list(runtime.sessions.values())
    if runtime.store.is_shared:
        for session in sessions:
            session.retire()
        await asyncio.sleep(_MARKS_SECONDS)
        _close_sockets(runtime)
    while time.monotonic() < deadline and any(  # noqa: ASYNC110 (threads end runs; nobody sets an event for this)
        session.is_busy for session in runtime.sessions.values()
    ):
        await asyncio.sleep(_LOOK_SECONDS)
    running = sum(len(session.order.running) for session in runtime.sessions.values())
    if running:
        _logger.warning("%d handlers were still running after %g seconds", running, seconds)
    _close_sockets(runtime)
    await asyncio.sleep(0)  # the sockets' last words
    await asyncio.to_thread(runtime.close, max(1.0, deadline - time.monotonic()))


def _close_sockets(runtime: Runtime) -> None:
    for session in list(runtime.sessions.values()):
        if session.connection is not None:
            session.connection.end(COME_BACK)
