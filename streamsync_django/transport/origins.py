"""Which pages may open a socket: those of this site, told by their origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

_PORTS = {"http": 80, "https": 443}


def is_allowed_origin(origin: str | None, host: str | None, *, is_secure: bool) -> bool:
    """Tell whether a socket opened from `origin` to `host` comes from a page of this site.

    Exact: scheme, host and port, or an entry of CSRF_TRUSTED_ORIGINS. Channels' own validator compares
    hosts only, and lets everything in where ALLOWED_HOSTS has a ``*``. Pages without an origin (``null``)
    and clients that send none are refused.
    """
    if not origin or origin == "null" or not host:
        return False
    if _is_trusted(origin, settings.CSRF_TRUSTED_ORIGINS):
        return True
    if not _is_own_host(host):
        return False
    return _normal(origin) == _normal(f"{'https' if is_secure else 'http'}://{host}")


def is_secure(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a socket is encrypted on its way to the site: here, or by a proxy that the site trusts."""
    if scope.get("scheme") == "wss":
        return True
    trusted: tuple[str, str] | None = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if trusted is None:
        return False
    name, value = trusted
    header = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
    return headers.get(header, b"").decode("latin-1").split(",")[0].strip() == value


def _is_own_host(host: str) -> bool:
    allowed = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed:
        allowed = [".localhost", "127.0.0.1", "[::1]"]
    name = urlsplit(f"//{host}").hostname or ""
    return validate_host(f"[{name}]" if ":" in name else name, allowed)


def _is_trusted(origin: str, trusted: Sequence[str]) -> bool:
    here = _normal(origin)
    if here is None:
        return False
    for entry in trusted:
        if "*" not in entry:
            if _normal(entry) == here:
                return True
            continue
        scheme, _, pattern = entry.partition("://")
        domain = pattern.lstrip("*")
        if here[0] == scheme and domain.startswith(".") and here[1].endswith(domain):
            return True
    return False


def _normal(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin, None for what is not one."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port
