"""What a measured server runs: the demo site, and beside it the bare consumer it is compared with."""

import gzip
import mimetypes
import os
from pathlib import Path
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
pages: Any = get_asgi_application()

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


class CompressedFiles:
    """Static files as a proxy in front would answer them: compressed, to be kept for ever. All else goes on."""

    def __init__(self, folder: Path, pages: Any) -> None:
        self._folder = folder
        self._pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer with a file below the folder."""
        name = scope["path"].removeprefix("/static/")
        if name == scope["path"]:
            await self._pages(scope, receive, send)
            return
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-encoding", b"gzip"),
            (b"cache-control", b"public, max-age=31536000, immutable"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = gzip.compress((self._folder / name).read_bytes(), 6)
        await send({"type": "http.response.body", "body": body})


if folder := os.environ.get("STREAMSYNC_BENCH_STATIC"):
    pages = CompressedFiles(Path(folder), pages)

echo: Any = EchoConsumer.as_asgi()
routes: list[Any] = [re_path(r"^echo/socket/$", echo), re_path(r"", websocket_application())]
application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(routes)})
