"""What a measured server runs: the demo site, and beside it the bare consumer it is compared with."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
pages = get_asgi_application()

# Only now: they read models, and those exist once Django is set up.
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from streamsync_django.routing import websocket_application  # noqa: E402


class EchoConsumer(AsyncWebsocketConsumer):
    """The least that Channels can do for a message: send it back. No state, no handler, no store."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer with what came."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


echo: Any = EchoConsumer.as_asgi()
routes: list[Any] = [re_path(r"^echo/socket/$", echo), re_path(r"", websocket_application())]
application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(routes)})
