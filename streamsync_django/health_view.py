"""What a load balancer asks: may visitors be sent here?"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from streamsync_django.core.errors import StoreError
from streamsync_django.hosting import existing_runtime, store_of_sessions


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200, or 503 while this process is about to go or its store does not answer."""
    runtime = existing_runtime()
    status = "ok"
    if runtime is not None and runtime.is_leaving:
        status = "leaving"
    elif not _store_answers():
        status = "store-unavailable"
    sessions = len(runtime.sessions) if runtime is not None else 0
    code = HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": status, "sessions": sessions}, status=code)


def _store_answers() -> bool:
    """Tell what the heartbeat knows; a balancer does not wait for a store that hangs. Without one, ask."""
    runtime = existing_runtime()
    if runtime is not None:
        return runtime.store_answers
    try:
        store = store_of_sessions()
        if store is not None and store.is_shared:
            store.generation()
    except StoreError:
        return False
    return True
