"""Custom components on the way to the browser: their files, and what the page tells of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.static import serve

from streamsync_django.core.catalogue import ComponentDefinition
from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.extensions import FOLDER
from streamsync_django.hosting import get_registry
from streamsync_django.permissions import may_open
from streamsync_django.runtime.loader import LoadedApplication

#: What a browser loads of an extension; definitions and sources of other kinds stay on the server.
_SERVED = (
    ".js",
    ".mjs",
    ".css",
    ".json",
    ".map",
    ".svg",
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".gif",
    ".woff2",
    ".wasm",
)


@require_safe
def extension_file(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """Serve a module, a stylesheet or a picture of the application's ``extensions`` folder."""
    registry = get_registry()
    if slug not in registry or not path.lower().endswith(_SERVED):
        raise Http404("there is no such file of an extension")
    if not may_open(getattr(request, "user", None), slug):
        raise PermissionDenied(f"the application {slug!r} is not open to this visitor")
    try:
        folder = registry.get(slug).application.folder / FOLDER
    except (ApplicationError, LayoutError) as error:
        raise Http404("the application cannot be loaded") from error
    response = serve(request, path, document_root=str(folder))
    response["Cache-Control"] = "no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def extensions_for_page(application: LoadedApplication) -> list[dict[str, Any]]:
    """Return what the renderer must know of the application's custom types."""
    return [
        {
            "type": extension.definition.type,
            "module": _address(application.slug, extension.module),
            "styles": [_address(application.slug, style) for style in extension.styles],
            **_essence(extension.definition),
        }
        for extension in application.extensions.found
    ]


def _essence(definition: ComponentDefinition) -> dict[str, Any]:
    """Return the part of a definition that the renderer uses, in the form of the built-in ones (vite/catalogue.ts)."""
    fields = {
        name: [field.type, field.default, *([1] if field.css_variable else [])]
        for name, field in definition.fields.items()
    }
    events = {name: event.queue for name, event in definition.events.items()}
    return {"slot": definition.slot, "fields": fields, "events": events}


def _address(slug: str, path: str) -> str:
    return reverse("streamsync:extension", kwargs={"slug": slug, "path": path})
