"""An application as a whole page of the site's own design."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic.base import ContextMixin, View

from streamsync_django.views import draw_page


@method_decorator([never_cache, ensure_csrf_cookie], name="dispatch")
class StreamsyncView(ContextMixin, View):
    """Draws an application with a template of the site.

        path("shop/", StreamsyncView.as_view(slug="shop", template_name="shop.html"))

    The template puts ``{% include "streamsync_django/head.html" %}`` into its head and
    ``{% include "streamsync_django/body.html" %}`` where the application is to stand.
    """

    slug: str = ""
    template_name: str = ""

    def get_slug(self) -> str:
        """Return which application this is; by default from the attribute, or from the address."""
        return self.slug or str(self.kwargs.get("slug", ""))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Draw it."""
        slug = self.get_slug()
        if not slug or not self.template_name:
            raise ImproperlyConfigured(f"{type(self).__name__} needs a slug and a template_name.")
        return draw_page(request, slug, self.template_name, self.get_context_data(**kwargs))
