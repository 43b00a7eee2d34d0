"""Pages of applications, and what they fetch over HTTP: tickets, binaries, static files."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec
from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from django.views.static import serve

from streamsync_django.conf import get_settings
from streamsync_django.core.errors import ApplicationError, LayoutError, StoreError
from streamsync_django.core.files import Binary
from streamsync_django.extension_view import extensions_for_page
from streamsync_django.hosting import existing_runtime, get_registry, store_of_sessions
from streamsync_django.locales import PAGE_PARAMETER, offered_language, socket_query
from streamsync_django.permissions import may_open, sees_logs
from streamsync_django.previews import show_version
from streamsync_django.runtime.admission import is_admitted
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.stored_binaries import find_binary
from streamsync_django.visitors import (
    check_blob_query,
    make_ticket,
    remember,
    visitor_of,
    welcome_visitor,
)

_logger = logging.getLogger(__name__)
_DIGEST: Final = re.compile(r"^[0-9a-f]{32}$")
#: Kinds of content that are shown, and run no script; what is of no kind named here is downloaded.
_SHOWN: Final = re.compile(
    r"^(image/|audio/|video/|application/pdf$|application/vnd\.apache\.arrow)", re.IGNORECASE
)
_SHOWN_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
#: Documents, as they are put into frames: with scripts, which have an origin that is nobody else's.
_DOCUMENT: Final = re.compile(r"^text/html\b", re.IGNORECASE)
_DOCUMENT_POLICY: Final = "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads"
#: Characters that would end a script element or a line of JavaScript, escaped in the page's JSON.
_ESCAPES: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@require_safe
@never_cache
@xframe_options_sameorigin
@ensure_csrf_cookie
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw an application's page: layout and initial state are in it, so it shows before the socket opens.

    It makes no session; the socket's hello does.
    """
    template = "streamsync_django/page.html"
    language = offered_language(request.GET.get(PAGE_PARAMETER))
    if language is None:
        return draw_page(request, slug, template)
    with override(language):
        response = draw_page(request, slug, template)
    response.setdefault("Content-Language", language)
    return response


def draw_page(
    request: HttpRequest, slug: str, template: str, extra: dict[str, Any] | None = None
) -> HttpResponse:
    """Draw an application with this template, which includes `streamsync_django/head.html` and `body.html`.

    The view that calls it sets the CSRF cookie and lets nobody cache the page.
    """
    if (refusal := _turn_away(request, slug)) is not None:
        return refusal
    application = _application(request, slug)
    if isinstance(application, HttpResponse):
        return application
    headers = {name.lower(): value for name, value in request.headers.items() if name != "Cookie"}
    if not is_admitted(application, get_registry().log, request.COOKIES, headers):
        raise PermissionDenied(f"the application {slug!r} does not admit this visitor")
    visitor, cookie = welcome_visitor(request)
    which = request.GET.get("streamsync-layout", "")
    if which:
        application = show_version(application, which, visitor.user)
    language = get_language() or "en"
    boot = {
        "application": slug,
        "title": application.title,
        "ticket": make_ticket(slug, visitor, which),
        "urls": {"socket": reverse("streamsync:socket", kwargs={"slug": slug}) + f"?{socket_query(language)}"}
        | {
            name: reverse(f"streamsync:{view}", kwargs={"slug": slug})
            for name, view in {
                "ticket": "ticket",
                "blob": "blobs",
                "upload": "upload",
            }.items()
        },
        "base": {"digest": application.base.digest, "state": msgspec.Raw(application.base.snapshot)},
        "layout": {"revision": application.tree.revision, "components": application.tree.to_wire()},
        "maxUploadBytes": get_settings().max_upload_bytes,
        "maxUploadFiles": get_settings().max_upload_files,
        "locale": language,
        "developer": sees_logs(visitor.user, slug),
        "csrfToken": get_token(request),
        "resume": get_settings().resume_on_reload,
        "extensions": extensions_for_page(application),
    }
    content = {
        **(extra or {}),
        "application": application,
        "boot": _script_json(msgspec.json.encode(boot).decode()),
        "is_built": front_end_is_built(),
    }
    response = render(request, template, content)
    response["Cache-Control"] = "no-store"
    remember(response, cookie, request)
    return response


@require_POST
def ticket(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a page whose ticket is used or too old a new one."""
    if slug not in get_registry():
        raise Http404(f"there is no application {slug!r}")
    _admit(request, slug)
    visitor, cookie = welcome_visitor(request)
    response = JsonResponse({"ticket": make_ticket(slug, visitor)})
    response["Cache-Control"] = "no-store"
    remember(response, cookie, request)
    return response


def socket(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain what is missing when a WebSocket's address is asked for by plain HTTP."""
    text = (
        "This address speaks WebSocket only. If a page of yours does not come alive, asgi.py lacks the "
        '"websocket" entry, "daphne" is not first in INSTALLED_APPS, or a proxy does not pass the '
        "Upgrade header on."
    )
    return HttpResponse(text, status=HTTPStatus.UPGRADE_REQUIRED, content_type="text/plain")


@require_safe
def blob_root(request: HttpRequest, slug: str) -> HttpResponse:
    """Nothing is listed: binaries are found by their digest only."""
    raise Http404("name a binary by its digest")


@require_safe
@xframe_options_sameorigin
def blob(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Serve bytes of the initial state, or of a session of this visitor's, by digest."""
    if not _DIGEST.match(digest):
        raise Http404("this is not a digest")
    _admit(request, slug)
    binary = _base_binary(slug, digest) or _session_binary(request, slug, digest)
    if binary is None:
        raise Http404("there is no such binary in this session")
    response = HttpResponse(binary.data, content_type=binary.mime)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _SHOWN_POLICY
    if _DOCUMENT.match(binary.mime):
        response["Content-Security-Policy"] = _DOCUMENT_POLICY
        if "charset" not in binary.mime:
            response["Content-Type"] += "; charset=utf-8"
    elif not _SHOWN.match(binary.mime):
        response["Content-Type"] = "application/octet-stream"
        response["Content-Disposition"] = "attachment"
    return response


@require_safe
def static(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """Serve a file of the application's ``static`` folder."""
    registry = get_registry()
    if slug not in registry:
        raise Http404(f"there is no application {slug!r}")
    _admit(request, slug)
    try:
        folder = registry.get(slug).application.folder / "static"
    except (ApplicationError, LayoutError) as error:
        raise Http404("the application cannot be loaded") from error
    response = serve(request, path, document_root=str(folder))
    response["Cache-Control"] = "no-cache"
    return response


def front_end_is_built() -> bool:
    """Tell whether the browser's part is there; a system check says how to build it."""
    return finders.find("streamsync/renderer.js") is not None or _is_collected()


def _is_collected() -> bool:
    from django.conf import settings

    return (
        bool(settings.STATIC_ROOT) and (Path(settings.STATIC_ROOT) / "streamsync" / "renderer.js").is_file()
    )


def _admit(request: HttpRequest, slug: str) -> None:
    """Raise PermissionDenied unless the visitor may open the application."""
    if not may_open(getattr(request, "user", None), slug):
        raise PermissionDenied(f"the application {slug!r} is not open to this visitor")


def _turn_away(request: HttpRequest, slug: str) -> HttpResponse | None:
    """Send somebody who is not logged in to the login page, where that may help; refuse others."""
    user = getattr(request, "user", None)
    if slug not in get_registry() or may_open(user, slug):
        return None
    if user is None or not user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    raise PermissionDenied(f"the application {slug!r} is not open to this visitor")


def _application(request: HttpRequest, slug: str) -> LoadedApplication | HttpResponse:
    """Return the application, or the page that says why it cannot be shown."""
    registry = get_registry()
    if slug not in registry:
        raise Http404(f"there is no application {slug!r}")
    try:
        return registry.get(slug)
    except (ApplicationError, LayoutError) as error:
        # The page tells visitors nothing, so operators find the cause here.
        traceback = getattr(error, "traceback", "")
        _logger.error("%s cannot be loaded: %s", slug, "\n".join(filter(None, (str(error), traceback))))
        content: dict[str, Any] = {
            "slug": slug,
            "is_developer": sees_logs(getattr(request, "user", None), slug),
        }
        if content["is_developer"]:
            content["problems"] = list(getattr(error, "problems", ())) or [str(error)]
            content["traceback"] = traceback
        return render(
            request, "streamsync_django/broken.html", content, status=HTTPStatus.INTERNAL_SERVER_ERROR
        )


def _script_json(text: str) -> str:
    """Escape JSON so that it can stand inside a script element."""
    return text.translate(_ESCAPES)


def _base_binary(slug: str, digest: str) -> Binary | None:
    registry = get_registry()
    if slug not in registry:
        return None
    try:
        return registry.get(slug).base.binaries.get(digest)
    except (ApplicationError, LayoutError):
        return None


def _session_binary(request: HttpRequest, slug: str, digest: str) -> Binary | None:
    """Return bytes of a session of this visitor's: from memory, or from the store when it lives elsewhere."""
    session_id = check_blob_query(request.GET.get("s", ""))
    visitor = visitor_of(getattr(request, "user", None), request.COOKIES)
    if session_id is None or visitor is None:
        return None
    runtime = existing_runtime()
    session = runtime.sessions.get(session_id) if runtime is not None else None
    if session is not None:
        if session.visitor.id != visitor.id:
            return None
        if (binary := session.binary(digest)) is not None:
            return binary
    store = store_of_sessions()
    if store is None or not store.stores_elements:
        return None
    try:
        return find_binary(store, get_registry().get(slug), session_id, visitor.id, digest)
    except (StoreError, ApplicationError, LayoutError, KeyError) as error:
        _logger.warning("a binary of session %s was not found: %s", session_id[:8], error)
        return None
