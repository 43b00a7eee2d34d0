"""What a socket's handshake tells about its visitor, as handlers get it in their `session` argument."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import translation

from streamsync_django.locales import language_and_zone

#: Longer values are hardly the same for two visitors.
_LONGEST_SHARED: Final = 512


def session_info(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return cookies, headers, language and, if it is not the site's, time zone.

    What many visitors have in common is in memory once.

    The headers are those of a page's request: what only the WebSocket needs is left out.
    """
    headers = {
        _text(name): _text(value)
        for name, value in scope.get("headers", ())
        if name != b"cookie" and not name.startswith(b"sec-websocket-")
    }
    language, zone = language_and_zone(scope.get("query_string", b""))
    info = {
        "cookies": dict(scope.get("cookies", {})),
        "headers": headers,
        "userinfo": {},
        "language": language or translation.get_language_from_request(_LanguageOf(headers, scope)),  # type: ignore[arg-type]
    }
    return info if zone is None else {**info, "timezone": _shared_text(zone.encode())}


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
