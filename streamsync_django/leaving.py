"""SIGTERM: the server's sessions are brought to safety before it is told."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from types import FrameType
from typing import Any

from streamsync_django.runtime.draining import drain
from streamsync_django.runtime.runtime import Runtime

_logger = logging.getLogger(__name__)

#: What the server itself had installed, while ours stands before it.
_servers: Any = None
_is_installed = False


def drain_on_sigterm(runtime: Runtime, seconds: float) -> None:
    """Drain a runtime when the process is asked to go, then have the server go as it would have.

    Neither Daphne nor Uvicorn leaves time for it: the one cancels its applications at once, the other
    closes all sockets first. Called on the loop; outside of the main thread, where no signal can be taken
    (runserver with its reloader), nothing is installed. A second SIGTERM ends the process as the server does.
    """
    global _servers, _is_installed
    if threading.current_thread() is not threading.main_thread():
        return
    if not _is_installed:
        _servers = signal.getsignal(signal.SIGTERM)
        _is_installed = True
    loop = asyncio.get_running_loop()

    async def leave() -> None:
        try:
            await drain(runtime, seconds)
        except Exception:  # going is what matters now
            _logger.exception("not everything was brought to safety")
        finally:
            _pass_on()

    def begin() -> None:
        _tasks.append(asyncio.ensure_future(leave()))

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        forget_sigterm()  # so that the second one is the server's
        loop.call_soon_threadsafe(begin)

    signal.signal(signal.SIGTERM, on_sigterm)


def forget_sigterm() -> None:
    """Leave the signal to the server again."""
    global _is_installed
    if _is_installed and threading.current_thread() is threading.main_thread():
        _is_installed = False
        # None: installed by something that is not Python, and cannot be put back.
        signal.signal(signal.SIGTERM, _servers if _servers is not None else signal.SIG_DFL)


#: Kept until they are done: the loop itself holds its tasks weakly.
_tasks: list[asyncio.Future[None]] = []


def _pass_on() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
