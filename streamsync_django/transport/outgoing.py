"""What goes to one browser: updates by version, no faster than it takes them."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.transport.frames import encode_update

#: How many frames may be on their way before the browser says it has some of them.
MAX_FRAMES_AHEAD: Final = 128
#: How many bytes may be; one frame may be larger.
MAX_BYTES_AHEAD: Final = 1024 * 1024

#: As many as a number in JSON keeps in a browser.
RECEIPT_BITS: Final = 53

Send = Callable[[str | bytes], Awaitable[None]]


class Outgoing:
    """Sends a session's changes to one browser, as a task of its own.

    Daphne does not push back, so the browser's acknowledgements do: past the bound nothing is sent, and what
    has changed meanwhile goes out as one patch later. Memory stays flat however much a handler emits.
    Each update carries a receipt that cannot be guessed, so that acknowledging takes reading.
    """

    def __init__(self, session: LiveSession, send: Send, version: int | None) -> None:
        self._session = session
        self._send = send
        #: What the browser has, or is about to; None when it needs a snapshot.
        self._version = version
        self._known: set[str] = set()
        #: The receipts and sizes of what the browser may not have read yet, in the order sent.
        self._ahead: deque[tuple[int, int]] = deque()
        self._bytes_ahead = 0
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is something new in the session."""
        self._news.set()

    def follow(self, session: LiveSession) -> None:
        """Send from another copy of the session from now on; versions mean the same in both."""
        self._session = session
        self._news.set()

    def acknowledge(self, version: int, receipt: int) -> None:
        """The browser has everything up to `version`, and has read what was sent up to `receipt`."""
        if any(sent == receipt for sent, _ in self._ahead):
            is_last = False
            while not is_last:
                sent, size = self._ahead.popleft()
                self._bytes_ahead -= size
                is_last = sent == receipt
        self._session.acknowledge(version)
        if self._has_news:
            self._news.set()

    def resend_from(self, version: int | None) -> None:
        """The browser did not take what was sent after `version`; what is on its way stays counted."""
        self._version = version
        self._news.set()

    async def run(self) -> None:
        """Send until cancelled. Cancelling loses nothing: what was not sent is still in the session."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._has_room and self._has_news:
                await self._send_update()

    @property
    def _has_room(self) -> bool:
        return len(self._ahead) < MAX_FRAMES_AHEAD and self._bytes_ahead < MAX_BYTES_AHEAD

    @property
    def _has_news(self) -> bool:
        return self._version != self._session.version

    async def _send_update(self) -> None:
        update = self._session.update_since(self._version)
        receipt = secrets.randbits(RECEIPT_BITS)
        frame = encode_update(update, self._known, receipt)
        self._version = update.to_version
        self._ahead.append((receipt, len(frame)))
        self._bytes_ahead += len(frame)
        await self._send(frame)
