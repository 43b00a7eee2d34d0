"""Rows of large tables over HTTP: the page asks for those it is about to show."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from http import HTTPStatus
from typing import Final

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_GET

from streamsync_django.connections import release_connections
from streamsync_django.core.errors import ApplicationError, LayoutError, StoreError
from streamsync_django.core.tables import (
    MAX_PAGE_ROWS,
    LargeTable,
    Question,
    TableError,
    TablePage,
    read_filters,
)
from streamsync_django.core.tables.orders import MAX_SEARCH
from streamsync_django.hosting import existing_runtime, get_registry, store_of_sessions
from streamsync_django.permissions import may_open
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.stored_tables import StoredTables
from streamsync_django.stores.base import SessionStore
from streamsync_django.visitors import check_blob_query, visitor_of

_logger = logging.getLogger(__name__)

#: What the browser is told of an error, by its code; all others are the question's fault.
_STATUS: Final = {
    "table.gone": HTTPStatus.NOT_FOUND,
    "table.unreachable": HTTPStatus.SERVICE_UNAVAILABLE,
    "table.failed": HTTPStatus.INTERNAL_SERVER_ERROR,
}

#: How often a browser is sent on to look for the instance that has a table; browsers follow 20 times at most.
MAX_HOPS: Final = 15

_stored_tables: Final = StoredTables()


class _LivesElsewhere(Exception):
    """The table is not in the store, and the session is at another living instance: that one has it."""


@require_GET
async def table_rows(request: HttpRequest, slug: str, digest: str) -> HttpResponseBase:
    """Answer with rows of a large table that the initial state, or a session of this visitor's, shows.

    ``offset``, ``limit``, ``sort`` (a column), ``descending=1``, ``search``, ``filter`` (once per column);
    ``format=csv`` downloads all of them, ``facts`` tells what a column can be filtered by. Sorting a million rows takes its time: it happens in a thread of its own, not in the one that
    all other synchronous views share.
    """
    response = await sync_to_async(_answer, thread_sensitive=False)(request, slug, digest)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _answer(request: HttpRequest, slug: str, digest: str) -> HttpResponseBase:
    release_connections()
    try:
        table = _find(request, slug, digest)
        column = request.GET.get("facts")
        if column is not None:
            return JsonResponse(asdict(table.facts(column)))
        question = _question(request)
        if request.GET.get("format") == "csv":
            return _download(request, table, question)
        offset, limit = _number(request, "offset", 0), _number(request, "limit", MAX_PAGE_ROWS)
        data, total = table.page(question, offset, limit)
    except TableError as error:
        return _refusal(error.code, str(error))
    except _LivesElsewhere:
        return _send_on(request)
    except (PermissionDenied, Http404):
        raise
    except Exception:  # of a database or a library, on an author's data
        _logger.exception("rows of a table of %s could not be read", slug)
        return _refusal("table.failed", "The rows could not be read.")
    finally:
        release_connections()
    response = HttpResponse(data, content_type=table.rows.mime)
    response["X-Total"] = str(total)
    return response


def _find(request: HttpRequest, slug: str, digest: str) -> LargeTable:
    """Return the table; private values have no digest that anybody could ask for."""
    registry = get_registry()
    if slug not in registry:
        raise Http404(f"there is no application {slug!r}")
    if not may_open(getattr(request, "user", None), slug):
        raise PermissionDenied(f"the application {slug!r} is not open to this visitor")
    try:
        application = registry.get(slug)
    except (ApplicationError, LayoutError) as error:
        raise Http404("the application cannot be loaded") from error
    first = application.base.binaries.get(digest)
    table = first.table if isinstance(first, TablePage) else _of_session(request, application, digest)
    if table is None:
        raise TableError("table.gone", "No table of this session has these rows any more.")
    return table


def _of_session(request: HttpRequest, application: LoadedApplication, digest: str) -> LargeTable | None:
    session_id = check_blob_query(request.GET.get("s", ""))
    visitor = visitor_of(getattr(request, "user", None), request.COOKIES)
    if session_id is None or visitor is None:
        return None
    runtime = existing_runtime()
    session = runtime.sessions.get(session_id) if runtime is not None else None
    if session is not None:
        if session.visitor.id != visitor.id or session.application.slug != application.slug:
            return None
        first = session.binary(digest)
        if isinstance(first, TablePage):
            return first.table
    store = store_of_sessions()
    if store is None or not store.stores_elements:
        return None
    try:
        table = _stored_tables.find(store, application, session_id, visitor.id, digest)
        if table is None and session is None and _has_living_owner(store, session_id, visitor.id):
            raise _LivesElsewhere
    except StoreError as error:
        raise TableError("table.unreachable", "The session cannot be reached at the moment.") from error
    return table


def _has_living_owner(store: SessionStore, session_id: str, visitor: str) -> bool:
    summary = store.peek(session_id)
    return summary is not None and summary.visitor == visitor and bool(store.living([summary.owner]))


def _send_on(request: HttpRequest) -> HttpResponseBase:
    """Send the browser to this very address again: the balancer picks another instance, sooner or later the owner.

    Instances do not know each other's addresses, and a browser follows for a download, too.
    """
    query = request.GET.copy()
    text = query.get("hops", "0")
    hops = int(text) + 1 if text.isascii() and text.isdigit() and len(text) < 3 else MAX_HOPS + 1
    if hops > MAX_HOPS:
        return _refusal("table.unreachable", "The instance that has this table was not found; try again.")
    query["hops"] = str(hops)
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}", preserve_request=True)


def _question(request: HttpRequest) -> Question:
    search = request.GET.get("search", "")
    if len(search) > MAX_SEARCH:
        raise TableError("table.search", f"search for up to {MAX_SEARCH} characters")
    filters = read_filters(request.GET.getlist("filter"))
    return Question(request.GET.get("sort"), request.GET.get("descending") == "1", search, filters)


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise TableError("table.limit", f"{name} is a number of rows")
    return int(text)


def _download(request: HttpRequest, table: LargeTable, question: Question) -> StreamingHttpResponse:
    lines = table.csv(question)
    content = _in_threads(lines) if isinstance(request, ASGIRequest) else lines
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="data.csv"'
    return response


async def _in_threads(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Have each part written by a thread, when the one before has been taken: memory stays flat."""

    def write_next() -> bytes | None:
        release_connections()
        try:
            return next(lines, None)
        finally:
            release_connections()

    while (part := await sync_to_async(write_next, thread_sensitive=False)()) is not None:
        yield part


def _refusal(code: str, message: str) -> JsonResponse:
    status = _STATUS.get(code, HTTPStatus.BAD_REQUEST)
    return JsonResponse({"code": code, "message": message}, status=status)
