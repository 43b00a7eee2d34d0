"""Calls from worker threads into the event loop, many per wake-up."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

_logger = logging.getLogger(__name__)


class LoopCalls:
    """Runs functions on the loop in the order given, waking it once per batch.

    A wake-up costs a system call and a turn of the loop; under load many results share one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._calls: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        self._is_scheduled = False

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Run ``function(*arguments)`` on the loop soon; from any thread. After the loop's end: never."""
        self._calls.append((function, arguments))
        if not self._is_scheduled:
            self._is_scheduled = True
            try:
                self.loop.call_soon_threadsafe(self._run)
            except RuntimeError:  # the loop is closed: the process is going down, and nobody listens
                self._calls.clear()

    def _run(self) -> None:
        # Cleared first: a call appended while we drain is either seen below, or schedules another turn.
        self._is_scheduled = False
        for _ in range(len(self._calls)):
            function, arguments = self._calls.popleft()
            try:
                function(*arguments)
            except Exception:  # one session's trouble must not keep the others' results
                _logger.exception("a call into the event loop failed")
