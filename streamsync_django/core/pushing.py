"""Handlers called from anywhere: the author's and the site's side, before anybody knows how they get there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .errors import PushError


class Pusher(Protocol):
    """Brings pushes to sessions; installed by the process that can."""

    def push(
        self, slug: str, handler: str | Callable[..., Any], payload: Any, users: Iterable[Any] | None
    ) -> None:
        """Do what the function `push` of this module promises."""

    async def apush(
        self, slug: str, handler: str | Callable[..., Any], payload: Any, users: Iterable[Any] | None
    ) -> None:
        """Do what the function `apush` of this module promises."""


_installed: list[Pusher] = []


def install_pusher(pusher: Pusher) -> None:
    """Have this one bring the pushes to come."""
    _installed[:] = [pusher]


def push(
    slug: str,
    handler: str | Callable[..., Any],
    payload: Any = None,
    users: Iterable[Any] | None = None,
) -> None:
    """Run a public handler of an application in every open session of it, on every instance.

    `payload` is anything JSON can say; the handler asks for it by name. `users` are Django users or their
    primary keys, None means everybody. Inside a transaction it is sent when that commits. A session that is
    away at the time gets the newest push of each handler when it is back; a handler's failure is in the log.
    Raises PushError for an unknown application, handler or payload, and where sessions cannot be reached.
    """
    _pusher().push(slug, handler, payload, users)


async def apush(
    slug: str,
    handler: str | Callable[..., Any],
    payload: Any = None,
    users: Iterable[Any] | None = None,
) -> None:
    """Do what `push` does, from asynchronous code."""
    await _pusher().apush(slug, handler, payload, users)


def _pusher() -> Pusher:
    if not _installed:
        raise PushError(
            'nobody here can push: call django.setup() first, with "streamsync_django" in INSTALLED_APPS'
        )
    return _installed[0]
