"""Who is there: visitors, and the signed papers that pages and sockets show each other."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.core import signing
from django.http import HttpRequest, HttpResponse

from streamsync_django.conf import get_settings
from streamsync_django.runtime.ports import Visitor

#: Names an anonymous visitor; HttpOnly, so that scripts in the page cannot show it around.
COOKIE: Final = "streamsync_visitor"
_COOKIE_AGE: Final = 365 * 24 * 3600
_COOKIE_FORM: Final = re.compile(r"^[A-Za-z0-9_-]{22,64}$")
_TICKET: Final = "streamsync.ticket"
_TOKEN: Final = "streamsync.token"
_BLOB: Final = "streamsync.blob"


def visitor_of(user: Any, cookies: Mapping[str, str]) -> Visitor | None:
    """Return who a request or socket is from: the Django user, or the anonymous cookie; None without either."""
    if user is not None and user.is_authenticated:
        return Visitor(f"user:{user.pk}", user)
    cookie = cookies.get(COOKIE, "")
    if not _COOKIE_FORM.match(cookie):
        return None
    return Visitor(f"anonymous:{cookie}", user)


def welcome_visitor(request: HttpRequest) -> tuple[Visitor, str | None]:
    """Return a page's visitor, and the cookie to set if it is a new one."""
    visitor = visitor_of(getattr(request, "user", None), request.COOKIES)
    if visitor is not None:
        return visitor, None
    cookie = secrets.token_urlsafe(24)
    return Visitor(f"anonymous:{cookie}", getattr(request, "user", None)), cookie


def remember(response: HttpResponse, cookie: str | None, request: HttpRequest) -> None:
    """Set a new anonymous visitor's cookie."""
    if cookie is not None:
        response.set_cookie(
            COOKIE, cookie, max_age=_COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
        )


def make_ticket(slug: str, visitor: Visitor, layout: str = "") -> str:
    """Return a short-lived paper that lets a page of this visitor open its socket.

    `layout` names a version that is not the published one, for an editor's preview.
    """
    return signing.dumps([slug, visitor.id, secrets.token_hex(8), layout], salt=_TICKET)


def layout_of_ticket(ticket: str) -> str:
    """Return which version of the layout a ticket, checked before, was made for; nothing for the published one."""
    content = signing.loads(ticket, salt=_TICKET)
    return str(content[3]) if len(content) > 3 else ""


def check_ticket(ticket: str, slug: str, visitor: Visitor) -> str | None:
    """Return the name of a ticket that is ours, fresh, and made for this application and visitor; None otherwise.

    Whoever lets somebody in with it notes the name, because a ticket serves once.
    """
    try:
        content = signing.loads(ticket, salt=_TICKET, max_age=timedelta(seconds=get_settings().ticket_ttl))
    except signing.BadSignature:
        return None
    return str(content[2]) if isinstance(content, list) and content[:2] == [slug, visitor.id] else None


def make_token(session_id: str, visitor: Visitor) -> str:
    """Return the paper with which this visitor resumes a session."""
    return signing.dumps([session_id, visitor.id], salt=_TOKEN)


def check_token(token: str, visitor: Visitor) -> str | None:
    """Return the session id that a token resumes, or None when it is not ours or not this visitor's."""
    try:
        content = signing.loads(token, salt=_TOKEN)
    except signing.BadSignature:
        return None
    if isinstance(content, list) and len(content) == 2 and content[1] == visitor.id:
        return str(content[0])
    return None


def make_blob_query(session_id: str) -> str:
    """Return the query string that lets a page fetch its session's binaries."""
    return f"s={signing.dumps(session_id, salt=_BLOB)}"


def check_blob_query(signature: str) -> str | None:
    """Return the session id that a binary's address names, or None when it is not ours."""
    try:
        return str(signing.loads(signature, salt=_BLOB))
    except signing.BadSignature:
        return None
