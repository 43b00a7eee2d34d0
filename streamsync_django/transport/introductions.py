"""What a socket's handshake tells about its visitor, as handlers get it in their `session` argument."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.utils import translation

from streamsync_django.languages import SOCKET_PARAMETER, offered_language

#: Longer values are hardly the same for two visitors.
_LONGEST_SHARED: Final = 512


def session_info(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return cookies, headers and language; what many visitors have in common is in memory once.

    The headers are those of a page's request: what only the WebSocket needs is left out.
    """
    headers = {
        _text(name): _text(value)
        for name, value in scope.get("headers", ())
        if name != b"cookie" and not name.startswith(b"sec-websocket-")
    }
    return {
        "cookies": dict(scope.get("cookies", {})),
        "headers": headers,
        "userinfo": {},
        "language": _language_of_page(scope)
        or translation.get_language_from_request(_LanguageOf(headers, scope)),  # type: ignore[arg-type]
    }


def _language_of_page(scope: Mapping[str, Any]) -> str | None:
    """Return the language in which the page around the socket was drawn, which its address says."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get(SOCKET_PARAMETER)
    return offered_language(asked[0]) if asked else None


class _LanguageOf:
    """The part of a request from which Django tells the language."""

    def __init__(self, headers: Mapping[str, str], scope: Mapping[str, Any]) -> None:
        self.META = {"HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", "")}
        self.COOKIES = scope.get("cookies", {})
        self.path_info = urlsplit(scope.get("path", "")).path


def _text(value: bytes) -> str:
    return _shared_text(value) if len(value) <= _LONGEST_SHARED else value.decode("latin-1")


@lru_cache(1024)
def _shared_text(value: bytes) -> str:
    return value.decode("latin-1")
