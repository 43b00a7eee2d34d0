"""Ending a conversation from wherever its end is found."""

from __future__ import annotations

from streamsync_django.transport import protocol


class CloseSocket(Exception):
    """Raised to end a conversation with a close code; 0 when the browser has closed already."""

    def __init__(self, code: int, last_word: protocol.ErrorMessage | None = None) -> None:
        super().__init__(code)
        self.code = code
        #: What the browser is told before its socket closes.
        self.last_word = last_word


class BrowserLeft(Exception):
    """Raised where something was to be sent to a browser that is no longer there; servers differ in what they raise."""
