"""``{% load streamsync %}{% streamsync "shop" height=400 %}``: an application inside any page."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from streamsync_django.permissions import may_open

register = template.Library()


@register.inclusion_tag("streamsync_django/embedded.html", takes_context=True)
def streamsync(
    context: dict[str, Any], slug: str, height: int | str = "auto", title: str = "", first_page: str = ""
) -> dict[str, Any]:
    """Show an application in a frame: its styles and the page's never meet, and several fit in one page.

    Without a height in pixels the frame is as high as what it shows. Visitor and language are the page's own,
    because the frame is of the same site. Who may not open the application sees nothing.
    """
    request = context.get("request")
    pixels = str(height).removesuffix("px")
    fragment = f"#{first_page}" if first_page else ""
    return {
        "is_open": may_open(getattr(request, "user", None), slug),
        "address": reverse("streamsync:page", kwargs={"slug": slug}) + fragment,
        "title": title or slug.replace("_", " ").replace("-", " ").capitalize(),
        "is_automatic": not pixels.isdecimal(),
        "height": pixels if pixels.isdecimal() else "150",
    }
