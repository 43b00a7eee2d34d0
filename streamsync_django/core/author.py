"""What an author's code may ask for outside of a handler's arguments: the session, and the verifiers' place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

from .application import session_verifier
from .errors import UnsupportedFeature
from .handlers import Late, running_arguments
from .root import StreamsyncState


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """The session whose handler is running."""

    session_id: str
    cookies: Mapping[str, str]
    headers: Mapping[str, str]
    userinfo: Mapping[str, Any]
    session_state: StreamsyncState


def get_session() -> CurrentSession | None:
    """Return the session whose handler is running in this thread or task; None outside of handlers."""
    available = running_arguments.get()
    session = available.get("session") if available is not None else None
    if available is None or session is None:
        return None
    if isinstance(session, Late):
        session = session()
    return CurrentSession(
        session_id=session["id"],
        cookies=session.get("cookies", {}),
        headers=session.get("headers", {}),
        userinfo=session.get("userinfo", {}),
        session_state=available["state"],
    )


def get_app_process() -> NoReturn:
    """Raise UnsupportedFeature: applications have no process of their own."""
    raise UnsupportedFeature(
        "get_app_process is not supported: applications run in the server's processes; a handler's "
        "`app` argument is its application"
    )


class SessionManager:
    """Stands where applications add session verifiers; sessions themselves belong to the server."""

    def add_verifier(self, verifier: Callable[..., Any]) -> None:
        """Register a session verifier, as the decorator `session_verifier` does."""
        session_verifier(verifier)

    def get_session(self, session_id: str) -> CurrentSession | None:
        """Return the session whose handler is running, if that is its id.

        Raises UnsupportedFeature for any other: it may live on another instance.
        """
        session = get_session()
        if session is None or session.session_id != session_id:
            raise UnsupportedFeature(
                "session_manager.get_session reaches the running handler's session only: others may live "
                "on other instances; ss.push runs a handler in them"
            )
        return session

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnsupportedFeature(
            f"session_manager.{name} is not supported: the server makes and ends sessions; "
            "the admin lists the live ones"
        )


#: Where session verifiers can be added.
session_manager: Final = SessionManager()


def _author_logger() -> logging.Logger:
    logger = logging.getLogger("streamsync_application")
    if logger.level == logging.NOTSET:  # unless the site says otherwise: what an author logs is to be seen
        logger.setLevel(logging.INFO)
    return logger


class Config:
    """Facts about how applications are served, kept for code that reads them."""

    #: ``"edit"`` where the Builder is open to developers, else ``"run"``.
    mode: Literal["run", "edit"] = "run"
    #: Whether log entries are shown in pages; who sees them is decided per visitor here.
    is_mail_enabled_for_log: bool = False
    #: Experiments of the original that are switched on: none are here.
    feature_flags: tuple[str, ...] = ()
    #: A logger whose records reach the application's log, from INFO on; a main.py has it as `logger`.
    logger: logging.Logger = _author_logger()
