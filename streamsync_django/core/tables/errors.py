"""What a table cannot answer."""

from __future__ import annotations

from streamsync_django.core.errors import StreamsyncError


class TableError(StreamsyncError):
    """Raised when a table cannot answer what it was asked; the code is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
