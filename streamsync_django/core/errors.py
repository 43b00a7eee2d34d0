"""Every error of the package, in one tree.

A message tells its reader what to do next; facts are attributes, so that callers need not parse text.
"""

from __future__ import annotations

from collections.abc import Sequence


class StreamsyncError(Exception):
    """Base of everything this package raises on purpose."""


class ApplicationError(StreamsyncError):
    """Raised when an application cannot be loaded (main.py missing, broken, or misdeclared)."""

    def __init__(self, message: str, *, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


class UnsupportedFeature(StreamsyncError):
    """Raised when a name of the original API is used that this package deliberately does not have."""


class LayoutError(StreamsyncError):
    """Raised when a layout breaks the catalogue's rules; lists every problem found."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class CatalogueError(StreamsyncError):
    """Raised when a component definition is malformed or unknown."""


class ExpressionError(StreamsyncError):
    """Raised when an expression cannot be parsed, or cannot be assigned to."""


class SerializationError(StreamsyncError):
    """Raised when a state value has no wire form."""

    def __init__(self, message: str, *, type_name: str = "") -> None:
        super().__init__(message)
        self.type_name = type_name


class EventError(StreamsyncError):
    """Raised when a browser's event is refused before anything runs; `code` goes to the browser."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PayloadError(EventError):
    """Raised when an event's payload does not fit its event type."""

    def __init__(self, message: str) -> None:
        super().__init__("event.payload", message)


class StaleEvent(EventError):
    """Raised when an event was drawn from something that has changed since; an honest race, not abuse."""

    def __init__(self, message: str) -> None:
        super().__init__("event.stale", message)


class HandlerError(StreamsyncError):
    """Raised when user code raised; the cause is kept."""


class HandlerCancelled(BaseException):
    """Raised inside a cancelled handler at its next state access or flush.

    Like asyncio's own, not an Exception: a loop that goes on after ``except Exception`` would never end.
    """


class StateError(StreamsyncError, ValueError):
    """Raised when state is used in a way it cannot follow, such as a key that is not text."""


class SessionError(StreamsyncError):
    """Base of errors about sessions."""


class SessionLost(SessionError):
    """Raised inside a handler whose session now belongs to another instance, or has ended."""


class SessionGone(SessionError):
    """Raised when a session was asked for that has expired or was ended."""


class StoreError(StreamsyncError):
    """Raised when the store did not do what was asked; the backend's error is the cause."""


class StoreUnavailable(StoreError):
    """Raised when the store did not answer, so that nobody knows whether it acted; try again."""


class StaleEpoch(StoreError):
    """Raised when another instance has taken the session over."""

    def __init__(self, session_id: str, ours: int, current: int) -> None:
        super().__init__(f"session {session_id}: epoch {ours} is over, {current} owns it now")
        self.ours = ours
        self.current = current


class ProtocolError(StreamsyncError):
    """Raised when a browser's frame breaks the protocol; carries the code sent back."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PushError(StreamsyncError):
    """Raised when a push cannot reach other processes, with what to configure."""


def described(error: BaseException) -> str:
    """Return an exception's class and text; some of an author's have none to give."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 (it may fail in any way; what it was still has to be told)
        text = "it could not say what (its __str__ raised)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
