"""What a site's asgi.py needs: ``{"websocket": websocket_application()}``."""

from __future__ import annotations

from typing import Any, cast

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import re_path

from streamsync_django.transport.consumers import StreamsyncConsumer

#: An application's socket is below its page, wherever the site has put that.
websocket_urlpatterns: list[Any] = [
    # Channels routes ASGI applications with Django's patterns, whose types know views only.
    re_path(r"(?:^|/)(?P<slug>[-\w]+)/socket/$", cast(Any, StreamsyncConsumer.as_asgi())),
]


def websocket_application() -> Any:
    """Return the ASGI application that serves the sockets of all streamsync applications."""
    return AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
