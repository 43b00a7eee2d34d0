"""What Prometheus asks: how much, how fast, how often. Not public."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from streamsync_django.conf import get_settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

MISSING = "Metrics need the package prometheus-client: pip install streamsync_django[metrics]"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer who knows METRICS_TOKEN, and members of the staff; everybody else gets 403."""
    if not _is_allowed(request):
        return _text("Send METRICS_TOKEN as a bearer token, or log in as staff.", HTTPStatus.FORBIDDEN)
    try:
        from prometheus_client.exposition import choose_encoder
    except ImportError:
        return _text(MISSING, HTTPStatus.NOT_IMPLEMENTED)
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return HttpResponse(encode(_registry()), content_type=content_type)


def _is_allowed(request: HttpRequest) -> bool:
    token = get_settings().metrics_token
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and constant_time_compare(given.strip(), token):
        return True
    user = getattr(request, "user", None)  # a site need not have Django's users
    return bool(user is not None and user.is_active and user.is_staff)


@cache
def _registry() -> CollectorRegistry:
    """Return a registry of our own: a site's own metrics are served where the site serves them."""
    from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

    from streamsync_django.metrics import StreamsyncCollector

    registry = CollectorRegistry()
    registry.register(StreamsyncCollector())
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def _text(text: str, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
