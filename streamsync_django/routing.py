"""What a site's asgi.py needs: ``{"websocket": websocket_application()}``."""

from __future__ import annotations

from typing import Any, cast

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import re_path

from streamsync_django.hosting import note_sockets
from streamsync_django.transport.consumers import PLAIN_SEND, StreamsyncConsumer

#: An application's socket is below its page, wherever the site has put that: Django compares the whole path.
websocket_urlpatterns: list[Any] = [
    # Channels routes ASGI applications with Django's patterns, whose types know views only.
    re_path(r"^(?:.*/)?(?P<slug>[-\w]+)/socket/$", cast(Any, StreamsyncConsumer.as_asgi())),
]


def websocket_application() -> Any:
    """Return the ASGI application that serves the sockets of all streamsync applications."""
    note_sockets()
    inner: Any = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        # Before every message sent, Channels' session middleware looks whether the session is to be saved,
        # and never saves it with a socket's. The consumer sends without that.
        await inner({**scope, PLAIN_SEND: send}, receive, send)

    return application
