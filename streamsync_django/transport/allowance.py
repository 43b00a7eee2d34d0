"""How much one browser may send, and how often it may be wrong."""

from __future__ import annotations

import time
from typing import Final

from streamsync_django.transport import protocol
from streamsync_django.transport.closing import CloseSocket

#: Broken frames a browser may send before its socket is closed.
MAX_FAULTS: Final = 10
#: Over how many seconds the rate of messages is averaged.
RATE_SECONDS: Final = 5.0


class Allowance:
    """What is left to one browser; both counts end in close code 4429."""

    def __init__(self, messages_per_second: float, message_bytes: int) -> None:
        self._rate = messages_per_second
        self._left = self._most = messages_per_second * RATE_SECONDS
        self._message_bytes = message_bytes
        self._last_message = time.monotonic()
        self._faults = 0

    def told(self) -> protocol.AllowanceTold:
        """Return what the browser is told of it."""
        return protocol.AllowanceTold(
            messages_at_once=self._most,
            messages_per_second=self._rate,
            message_bytes=self._message_bytes,
        )

    def take_message(self, frame: str | bytes) -> None:
        """Count a message against an allowance that fills up with time; raises CloseSocket."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._last_message) * self._rate) - 1
        self._last_message = now
        if self._left < 0 or _size(frame) > self._message_bytes:
            raise CloseSocket(protocol.TOO_MUCH)

    def take_fault(self) -> bool:
        """Count something wrong; return False once it was too often."""
        self._faults += 1
        return self._faults <= MAX_FAULTS


def _size(frame: str | bytes) -> int:
    return len(frame) if isinstance(frame, bytes) or frame.isascii() else len(frame.encode())
