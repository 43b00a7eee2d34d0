"""Importing and exporting layouts in the admin."""

from __future__ import annotations

from typing import Any, Final

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from streamsync_django.admin.status import folder_of
from streamsync_django.admin.views_base import ApplicationPages
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError, StreamsyncError
from streamsync_django.layouts.differences import compare
from streamsync_django.layouts.errors import UnmanagedLayout
from streamsync_django.layouts.ui_json import MAX_BYTES, export_ui_json, import_ui_json
from streamsync_django.publishing import drafts
from streamsync_django.publishing.catalogues import catalogue_of
from streamsync_django.publishing.mirror import read_layout
from streamsync_django.publishing.versions import tree_of

#: What an upload is signed with between being shown and being confirmed.
_SALT: Final = "streamsync.import"
_CONFIRM_SECONDS: Final = 3600


class ExchangeViews:
    """A layout comes in from the file beside the code or from an upload, and is shown before it is taken."""

    def import_view(self: ApplicationPages, request: HttpRequest, slug: str) -> HttpResponse:
        """Ask for a file, show what it would change, and make it the draft once that is confirmed."""
        application = self.application(request, slug, "edit")
        content: dict[str, Any] = {"folder": folder_of(slug)}
        if request.method == "POST":
            try:
                tree, digest, source = _given(request, slug)
                if "confirm" in request.POST:
                    _take(slug, tree, digest, request)
                    text = _("%(count)s components are the draft now.") % {"count": len(tree)}
                    return self.done(request, application, text)
                content |= _question(slug, tree, digest) | {"source": source}
                return self.page(request, application, "confirm.html", _("Import"), content)
            except LayoutError as error:
                content["problems"] = error.problems
            except StreamsyncError as error:
                return self.failed(request, application, error)
        return self.page(request, application, "import.html", _("Import"), content)

    def export_view(self: ApplicationPages, request: HttpRequest, slug: str, which: str) -> HttpResponse:
        """Hand out a layout as ui.json; `?form=old` for what the original's release 0.5 reads."""
        application = self.application(request, slug)
        try:
            text = export_ui_json(
                tree_of(slug, which, folder_of(slug)), "old" if request.GET.get("form") == "old" else "new"
            )
        except StreamsyncError as error:
            return self.failed(request, application, error)
        response = HttpResponse(text, content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{slug}-{which}.ui.json"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _given(request: HttpRequest, slug: str) -> tuple[ComponentTree, str, str]:
    """Return the layout, the digest of the file beside the code if it came from there, and a name for it."""
    if "payload" in request.POST:
        try:
            text = signing.loads(request.POST["payload"], salt=f"{_SALT}.{slug}", max_age=_CONFIRM_SECONDS)
        except signing.BadSignature as error:
            raise LayoutError([_("This took too long: choose the file again.")]) from error
        return import_ui_json(text["layout"]), text["digest"], ""
    upload = request.FILES.get("file")
    if upload is not None:
        if upload.size is None or upload.size > MAX_BYTES:
            raise LayoutError([_("This file is larger than a layout may be.")])
        return import_ui_json(upload.read()), "", str(upload.name)
    folder = folder_of(slug)
    if folder is None or "disk" not in request.POST:
        raise LayoutError([_("Choose a file.")])
    return (*read_layout(folder), "ui.json")


def _question(slug: str, tree: ComponentTree, digest: str) -> dict[str, Any]:
    try:
        layout = drafts.load(slug)
        version, now = layout.version, layout.draft_or_broken.tree
    except UnmanagedLayout:
        version, now = 0, tree_of(slug, "file", folder_of(slug)) if folder_of(slug) is not None else tree
    payload = {"layout": export_ui_json(tree), "digest": digest}
    return {
        "differences": compare(now, tree, catalogue_of(slug)),
        "version": version,
        "warnings": tree.warnings,
        "payload": signing.dumps(payload, salt=f"{_SALT}.{slug}", compress=True),
        "question": _("Put this layout in the place of the draft?"),
        "confirm": _("Import"),
    }


def _take(slug: str, tree: ComponentTree, digest: str, request: HttpRequest) -> None:
    version = request.POST.get("version", "")
    base = int(version[:18]) if version.isdecimal() else -1
    try:
        drafts.replace(slug, tree, base=base, author=request.user, file_digest=digest or None)
    except UnmanagedLayout:
        drafts.begin(slug, tree, file_digest=digest, author=request.user)
