"""Files from a page to its session, over HTTP: streamed to disk, checked on the way."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from streamsync_django.conf import get_settings
from streamsync_django.core.errors import (
    ApplicationError,
    LayoutError,
    SessionLost,
    StoreError,
    StreamsyncError,
)
from streamsync_django.core.file_types import is_accepted
from streamsync_django.core.rules import accepted_files, takes_files
from streamsync_django.hosting import existing_runtime, get_registry, store_of_sessions
from streamsync_django.permissions import may_open
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.runtime.uploads import ReceivedFile, hand_over
from streamsync_django.visitors import check_blob_query, visitor_of


class UploadRefused(StreamsyncError):
    """Raised when an upload is not taken; `status`, `code` and facts such as a `limit` go to the page."""

    def __init__(self, status: int, code: str, message: str, **facts: int) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.facts = facts


@csrf_exempt  # checked below, where the body is read by our own handler: the middleware would read it before
@require_POST
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take files for a session of this visitor's, and answer with a token for each.

    ``?s=`` names the session, as for binaries; ``component`` the component they are meant for.
    """
    receiver: _Receiver | None = None
    try:
        destination = _destination(request, slug)
        receiver = _Receiver(destination)
        request.upload_handlers = [receiver]
        _read(request)
        tokens = destination.keep(receiver.files)
        names = [
            {"upload": token, "name": file.name, "type": file.type, "size": file.size}
            for token, file in zip(tokens, receiver.files, strict=True)
        ]
        receiver.files = []
        return JsonResponse({"files": names})
    except UploadRefused as refusal:
        answer = {"code": refusal.code, "message": str(refusal), **refusal.facts}
        return JsonResponse(answer, status=refusal.status)
    finally:
        if receiver is not None:
            receiver.remove_files()


@dataclass(frozen=True, slots=True)
class _Destination:
    """The session an upload goes to, and what it may bring."""

    session_id: str
    component: str
    room: int
    is_accepted: Callable[[str, str], bool]
    keep: Callable[[list[ReceivedFile]], list[str]]


def _destination(request: HttpRequest, slug: str) -> _Destination:
    """Find the session; nothing of the body has been read yet."""
    if slug not in get_registry():
        raise UploadRefused(404, "upload.unknown-application", "There is no such application.")
    if not may_open(getattr(request, "user", None), slug):
        raise UploadRefused(403, "upload.forbidden", "This application is not open to you.")
    visitor = visitor_of(getattr(request, "user", None), request.COOKIES)
    session_id = check_blob_query(request.GET.get("s", ""))
    if visitor is None or session_id is None:
        raise UploadRefused(403, "upload.not-yours", "This address is not signed for a session of yours.")
    component = request.GET.get("component", "")
    runtime = existing_runtime()
    session = runtime.sessions.get(session_id) if runtime is not None else None
    if runtime is None or session is None:
        return _distant(slug, session_id, visitor.id, component)
    if session.visitor.id != visitor.id or session.application.slug != slug:
        raise UploadRefused(403, "upload.not-yours", "This session is not yours.")
    return _here(runtime, session, component)


def _here(runtime: Runtime, session: LiveSession, component_id: str) -> _Destination:
    """Return the destination in a session that lives in this process."""
    tree, catalogue = session.application.tree, session.application.extensions.catalogue
    named = tree.get(component_id)
    candidates = [named] if component_id else [tree[each] for each in tree]
    try:
        takers = [
            item for item in candidates if item is not None and takes_files(item, catalogue, session.state)
        ]
        lists = [accepted_files(item, catalogue, session.state) for item in takers]
    except SessionLost as error:
        raise UploadRefused(404, "upload.no-session", "This session has ended.") from error
    if not takers:
        raise UploadRefused(404, "upload.no-component", "Nothing in this layout takes these files.")
    waiting = runtime.uploads.size_of(session.id)
    return _Destination(
        session.id,
        component_id,
        get_settings().max_session_upload_bytes - waiting,
        lambda name, kind: any(is_accepted(accepted, name, kind) for accepted in lists),
        lambda files: runtime.uploads.keep(session.id, files),
    )


def _distant(slug: str, session_id: str, visitor_id: str, component: str) -> _Destination:
    """Return the destination in a session that another instance owns: it asks the layout when its event comes."""
    store = store_of_sessions()
    try:
        summary = store.peek(session_id) if store is not None and store.is_shared else None
        tree = get_registry().get(slug).tree
    except (StoreError, ApplicationError, LayoutError) as error:
        raise UploadRefused(503, "upload.unavailable", "Files cannot be taken now; try again.") from error
    if store is None or summary is None or summary.application != slug:
        raise UploadRefused(404, "upload.no-session", "This session has ended.")
    if summary.visitor != visitor_id:
        raise UploadRefused(403, "upload.not-yours", "This session is not yours.")
    if component and tree.get(component) is None:
        raise UploadRefused(404, "upload.no-component", "Nothing in this layout takes these files.")
    return _Destination(
        session_id,
        component,
        get_settings().max_session_upload_bytes,
        lambda name, kind: True,
        lambda files: hand_over(store, session_id, files, get_settings().session_ttl),
    )


@dataclass(slots=True)
class _Incoming:
    """The file being received."""

    descriptor: int
    path: Path
    size: int = 0


class _Receiver(FileUploadHandler):
    """Writes each file to disk as it arrives, and ends the request where a limit is passed."""

    def __init__(self, destination: _Destination) -> None:
        super().__init__()
        limits = get_settings()
        self._destination = destination
        self._max_files = limits.max_upload_files
        self._limit = max(0, min(limits.max_upload_bytes, destination.room))
        self._left = self._limit
        self._incoming: _Incoming | None = None
        self.files: list[ReceivedFile] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if len(self.files) >= self._max_files:
            raise _too_many(self._max_files)
        if not self._destination.is_accepted(self.file_name or "", self.content_type or ""):
            raise UploadRefused(415, "upload.type", f"Files such as {self.file_name} are not taken here.")
        descriptor, path = tempfile.mkstemp(prefix="streamsync-upload-", dir=settings.FILE_UPLOAD_TEMP_DIR)
        self._incoming = _Incoming(descriptor, Path(path))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        incoming = self._incoming
        assert incoming is not None  # new_file came first
        self._left -= len(raw_data)
        if self._left < 0:
            raise _too_large(self._limit)
        os.write(incoming.descriptor, raw_data)
        incoming.size += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        incoming, self._incoming = self._incoming, None
        assert incoming is not None  # new_file came first
        os.close(incoming.descriptor)
        name, kind = self.file_name or "", (self.content_type or "").lower()
        self.files.append(ReceivedFile(incoming.path, name, kind, incoming.size, self._destination.component))
        return UploadedFile(BytesIO(), name, kind, file_size)

    def remove_files(self) -> None:
        """Remove what nobody has taken over."""
        if self._incoming is not None:
            with suppress(OSError):
                os.close(self._incoming.descriptor)
            self._incoming.path.unlink(missing_ok=True)
        for file in self.files:
            file.path.unlink(missing_ok=True)


def _read(request: HttpRequest) -> None:
    """Check where the request comes from, and read its body through the upload handler."""
    limits = get_settings()
    length = request.META.get("CONTENT_LENGTH") or "0"
    # A form's own lines and headers come on top of what its files have.
    if not (length.isascii() and length.isdigit()) or int(length) > limits.max_upload_bytes + 64 * 1024 * (
        1 + limits.max_upload_files
    ):
        raise _too_large(limits.max_upload_bytes)
    if request.content_type != "multipart/form-data":
        raise UploadRefused(415, "upload.form", "Files are sent as multipart/form-data.")
    check = _CsrfCheck(lambda request: HttpResponse())
    try:
        check.process_request(request)
        check.process_view(request, _checked, (), {})  # looks for the token in the form, so it reads the body
        found = bool(request.FILES)
    except TooManyFilesSent as error:
        raise _too_many(limits.max_upload_files) from error
    except RequestDataTooBig as error:
        raise _too_large(limits.max_upload_bytes) from error
    except MultiPartParserError as error:
        raise UploadRefused(400, "upload.form", "The form with the files is broken.") from error
    if not found:
        raise UploadRefused(400, "upload.empty", "The form has no file.")


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, with the reason in place of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        raise UploadRefused(403, "upload.csrf", reason)


def _checked(request: HttpRequest) -> HttpResponse:
    """Stand for a view that is not exempt from the check."""
    raise AssertionError("only its attributes are asked for")


def _too_large(limit: int) -> UploadRefused:
    message = f"Files are taken up to {limit} bytes together."
    return UploadRefused(413, "upload.too-large", message, limit=limit)


def _too_many(limit: int) -> UploadRefused:
    return UploadRefused(413, "upload.too-many", f"At most {limit} files are taken at once.")
