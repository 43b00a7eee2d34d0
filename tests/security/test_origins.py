"""Only pages of this very site open sockets."""

from __future__ import annotations

import pytest
from channels.testing import WebsocketCommunicator
from django.test import override_settings

from streamsync_django.routing import websocket_application
from tests.live import Page

HOST = b"shop.example:8000"


async def close_code(origin: str | None) -> int | None:
    """Open a socket from an origin; None when it was accepted."""
    headers = [(b"host", HOST)] + ([(b"origin", origin.encode())] if origin is not None else [])
    socket = WebsocketCommunicator(websocket_application(), "/bank/socket/", headers)
    socket.scope["scheme"] = "ws"
    accepted, code = await socket.connect(timeout=5)
    await socket.disconnect()
    return None if accepted else int(code)


@override_settings(
    ALLOWED_HOSTS=["*"], CSRF_TRUSTED_ORIGINS=["https://partner.example", "https://*.trusted.example"]
)
@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        ("http://shop.example:8000", True),
        ("HTTP://SHOP.example:8000", True),
        ("https://partner.example", True),
        ("https://a.trusted.example", True),
        ("http://shop.example", False),
        ("http://shop.example:8001", False),
        ("https://shop.example:8000", False),
        ("http://evil.shop.example:8000", False),
        ("http://shop.example.evil:8000", False),
        ("http://shop.example:8000@evil.example", False),
        ("http://partner.example", False),
        ("https://trusted.example.evil", False),
        ("https://eviltrusted.example", False),
        ("null", False),
        ("", False),
        (None, False),
        ("file://", False),
        ("http://[", False),
        ("http://shop.example:99999", False),
    ],
)
async def test_a_socket_needs_the_sites_own_origin(page: Page, origin: str | None, is_let_in: bool) -> None:
    assert await close_code(origin) == (None if is_let_in else 4403)


@override_settings(ALLOWED_HOSTS=["other.example"])
async def test_a_host_that_is_not_the_sites_is_refused_whatever_the_origin(page: Page) -> None:
    assert await close_code("http://shop.example:8000") == 4403
