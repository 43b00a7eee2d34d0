"""Pushes from Django's side: checked, sent when the transaction commits, and kept for every instance."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections

from streamsync_django.core.errors import ApplicationError, LayoutError, PushError
from streamsync_django.core.handlers import Handler
from streamsync_django.hosting import existing_runtime, get_registry, serves_sockets, store_of_sessions
from streamsync_django.runtime.pushes import END, MESSAGE, Push, encode_push


class DjangoPusher:
    """Pushes into the sessions of this site."""

    def push(
        self, slug: str, handler: str | Callable[..., Any], payload: Any, users: Iterable[Any] | None
    ) -> None:
        """Check a push now, and send it once no transaction is open any more; blocks while Redis answers."""
        visitors = None if users is None else frozenset(f"user:{getattr(user, 'pk', user)}" for user in users)
        data = _encoded(Push(_handler_name(slug, handler), payload, visitors))
        if not _reaches_sessions():
            raise PushError(
                "this process has no sessions of its own, and without Redis no other process hears of a push: "
                'set STREAMSYNC["REDIS_URL"] for both'
            )
        if visitors is not None and not visitors:
            return
        for connection in connections.all(initialized_only=True):
            if connection.in_atomic_block:
                connection.on_commit(lambda: _send(slug, data))
                return
        _send(slug, data)

    async def apush(
        self, slug: str, handler: str | Callable[..., Any], payload: Any, users: Iterable[Any] | None
    ) -> None:
        """Do what `push` does, in the thread that has the request's transactions."""
        await sync_to_async(self.push)(slug, handler, payload, users)


def push_message(slug: str, title: str, message: str) -> None:
    """Show a notification in every session of an application, on all instances; raises StoreError."""
    _send(slug, encode_push(Push(MESSAGE, {"type": "info", "title": title, "message": message})))


def push_end(slug: str, session_id: str, visitor: str) -> None:
    """Tell the instance that has a session of its end, which the store knows already; raises StoreError."""
    _send(slug, encode_push(Push(END, session_id, frozenset({visitor}))))


def _handler_name(slug: str, handler: str | Callable[..., Any]) -> str:
    """Return the name of a public handler of the application."""
    handlers = _handlers(slug)
    if not isinstance(handler, str):
        name = next((name for name, known in handlers.items() if _is_same(known, handler)), None)
        if name is None:
            raise PushError(f"{handler!r} is no handler of application {slug!r}: name one in its main.py")
        return name
    if handler not in handlers or handler.rpartition(".")[2].startswith("_"):
        known = ", ".join(sorted(handlers)) or "none"
        raise PushError(f"application {slug!r} has no handler {handler!r}; it has: {known}")
    return handler


def _is_same(known: Handler, function: Callable[..., Any]) -> bool:
    """Compare by what was written: every loading of an application makes new functions of the same code."""
    if known.function is function:
        return True
    try:
        same_file = inspect.getsourcefile(known.function) == inspect.getsourcefile(function)
    except TypeError:
        return False
    return same_file and known.function.__qualname__ == getattr(function, "__qualname__", None)


def _handlers(slug: str) -> dict[str, Handler]:
    try:
        return get_registry().get(slug).application.handlers
    except KeyError:
        raise PushError(f"there is no application {slug!r}") from None
    except (ApplicationError, LayoutError) as error:
        raise PushError(f"application {slug!r} cannot be loaded: {error}") from error


def _encoded(push: Push) -> bytes:
    try:
        return encode_push(push)
    except (TypeError, ValueError, RecursionError) as error:
        raise PushError(f"the payload of a push has to be something JSON can say: {error}") from error


def _reaches_sessions() -> bool:
    return existing_runtime() is not None or store_of_sessions() is not None or serves_sockets()


def _send(slug: str, data: bytes) -> None:
    store = store_of_sessions()
    if store is None:
        return  # a server that nobody has opened a page of yet
    store.add_push(slug, data)
    runtime = existing_runtime()
    if runtime is not None:
        runtime.pushes.look_soon(slug)
        runtime.tell_others(slug)
