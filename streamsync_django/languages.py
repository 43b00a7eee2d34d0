"""The language of a page goes with it: into the frames it holds, and over the socket to its handlers."""

from __future__ import annotations

from django.utils.translation import get_supported_language_variant

#: What a frame's address says when the page around it speaks a language that its own request would not tell.
PAGE_PARAMETER = "streamsync-language"
#: The same in the address of a page's socket.
SOCKET_PARAMETER = "language"


def offered_language(asked: str | None) -> str | None:
    """Return the site's language for a code from an address, or None for one the site does not have."""
    try:
        return get_supported_language_variant(asked) if asked else None
    except LookupError:
        return None
