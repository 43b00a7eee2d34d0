"""``{% load streamsync %}{% streamsync "shop" height=400 %}``: an application inside any page."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import get_language, get_language_from_request

from streamsync_django.locales import PAGE_PARAMETER
from streamsync_django.permissions import may_open
from streamsync_django.visitors import COOKIE

register = template.Library()

#: On a request whose page has a frame already.
_MARK = "_streamsync_has_frame"


@register.inclusion_tag("streamsync_django/embedded.html", takes_context=True)
def streamsync(
    context: dict[str, Any], slug: str, height: int | str = "auto", title: str = "", first_page: str = ""
) -> dict[str, Any]:
    """Show an application in a frame: its styles and the page's never meet, and several fit in one page.

    Without a height in pixels the frame is as high as what it shows. The visitor is the page's own, because
    the frame is of the same site, and so is the language. Who may not open the application sees nothing.
    """
    request = context.get("request")
    pixels = str(height).removesuffix("px")
    language = get_language()
    query = (
        f"?{PAGE_PARAMETER}={language}" if request is not None and _would_differ(request, language) else ""
    )
    fragment = f"#{first_page}" if first_page else ""
    return {
        "is_open": may_open(getattr(request, "user", None), slug),
        "address": reverse("streamsync:page", kwargs={"slug": slug}) + query + fragment,
        "title": title or slug.replace("_", " ").replace("-", " ").capitalize(),
        "is_automatic": not pixels.isdecimal(),
        "height": pixels if pixels.isdecimal() else "150",
        "waits": request is not None and _waits_for_another(request),
    }


def _would_differ(request: HttpRequest, language: str | None) -> bool:
    """Tell whether the frame would by itself speak another language: the page's may be in its address, or its view's choice."""
    return language is not None and language != get_language_from_request(request)


def _waits_for_another(request: HttpRequest) -> bool:
    """Tell whether the frame must not load before the page's first one has.

    To a new visitor the first frame brings the cookie that names them. Two at once would bring two, and one
    of the applications would not know its visitor any more.
    """
    get_token(
        request
    )  # the same is true of this cookie, and that the page around the frames can bring itself
    user = getattr(request, "user", None)
    if (user is not None and user.is_authenticated) or COOKIE in request.COOKIES:
        return False
    is_later = getattr(request, _MARK, False)
    setattr(request, _MARK, True)
    return is_later
