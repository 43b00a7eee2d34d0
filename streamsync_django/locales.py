"""Language and time zone of a page go with it: into the frames it holds, and over the socket to its handlers."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_supported_language_variant

#: What a frame's address says when the page around it speaks a language that its own request would not tell.
PAGE_PARAMETER = "streamsync-language"
_LANGUAGE, _ZONE = "language", "timezone"
#: No time zone has a longer name.
_LONGEST_ZONE = 64


def socket_query(language: str) -> str:
    """Return what a socket's address says of the page around it, whose request is being answered."""
    zone = timezone.get_current_timezone_name()
    says = {_LANGUAGE: language}
    if zone != timezone.get_default_timezone_name():
        says[_ZONE] = zone
    return urlencode(says)


def language_and_zone(query: bytes) -> tuple[str | None, str | None]:
    """Return what a socket's address says, as far as the site has that language and the world that zone."""
    asked = {name: values[-1] for name, values in parse_qs(query.decode("latin-1")).items()}
    return offered_language(asked.get(_LANGUAGE)), _known_zone(asked.get(_ZONE))


def offered_language(asked: str | None) -> str | None:
    """Return the site's language for a code from an address, or None for one the site does not have."""
    try:
        return get_supported_language_variant(asked) if asked else None
    except LookupError:
        return None


def _known_zone(asked: str | None) -> str | None:
    if not asked or len(asked) > _LONGEST_ZONE:
        return None
    try:
        return ZoneInfo(asked).key
    except (KeyError, ValueError, OSError):  # no zone; no name; a folder of zones
        return None
