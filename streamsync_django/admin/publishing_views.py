"""Comparing, publishing, and going back to revisions, in the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from streamsync_django.admin.status import folder_of, page_address
from streamsync_django.admin.views_base import ApplicationPages
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import StreamsyncError
from streamsync_django.layouts.differences import compare
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.catalogues import catalogue_of
from streamsync_django.publishing.versions import label_of, tree_of


class PublishingViews:
    """Each change shows what it will do before it is done."""

    def differences_view(self: ApplicationPages, request: HttpRequest, slug: str) -> HttpResponse:
        """Show what differs between two layouts of an application."""
        application = self.application(request, slug)
        old, new = request.GET.get("old", "published"), request.GET.get("new", "draft")
        try:
            content = _comparison(slug, old, new)
            content["numbers"] = [revision.number for revision in drafts.load(slug).revisions.all()[:100]]
        except StreamsyncError as error:
            return self.failed(request, application, error)
        return self.page(request, application, "differences.html", _("Differences"), content)

    def publish_view(self: ApplicationPages, request: HttpRequest, slug: str) -> HttpResponse:
        """Show what visitors will get, and publish it once that is confirmed."""
        application = self.application(request, slug, "publish")
        try:
            if request.method == "POST":
                revision = revisions.publish(
                    slug,
                    author=request.user,
                    message=request.POST.get("message", ""),
                    version=_number(request.POST.get("version")),
                )
                text = _("Visitors get revision %(number)s now.") % {"number": revision.number}
                return self.done(request, application, text)
            layout = drafts.load(slug)
            content = {
                **_comparison(slug, "published", "draft"),
                "version": layout.version,
                "question": _("Give visitors this draft?"),
                "asks_message": True,
                "confirm": _("Publish"),
            }
        except StreamsyncError as error:
            return self.failed(request, application, error)
        return self.page(request, application, "confirm.html", _("Publish"), content)

    def revert_view(self: ApplicationPages, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        """Show what visitors will get back, and publish it once that is confirmed."""
        application = self.application(request, slug, "publish")
        try:
            if request.method == "POST":
                revision = revisions.revert(
                    slug,
                    number,
                    base=_number(request.POST.get("version")),
                    author=request.user,
                    message=request.POST.get("message", ""),
                )
                text = _("Visitors get revision %(number)s again, as revision %(new)s.") % {
                    "number": number,
                    "new": revision.number,
                }
                return self.done(request, application, text)
            layout = drafts.load(slug)
            content = {
                **_comparison(slug, "published", str(number)),
                "version": layout.version,
                "question": _("Give visitors revision %(number)s again?") % {"number": number},
                "warning": _("The draft has changes that are not published; it becomes the same revision.")
                if layout.is_ahead
                else "",
                "asks_message": True,
                "confirm": _("Publish this revision again"),
            }
        except StreamsyncError as error:
            return self.failed(request, application, error)
        return self.page(request, application, "confirm.html", _("Go back"), content)

    def restore_view(self: ApplicationPages, request: HttpRequest, slug: str, number: int) -> HttpResponse:
        """Show what the draft will be, and replace it once that is confirmed; visitors notice nothing."""
        application = self.application(request, slug, "edit")
        try:
            if request.method == "POST":
                base = _number(request.POST.get("version"))
                revisions.restore(slug, number, base=-1 if base is None else base, author=request.user)
                text = _("The draft is revision %(number)s again.") % {"number": number}
                return self.done(request, application, text)
            layout = drafts.load(slug)
            content = {
                **_comparison(slug, "draft", str(number), old_tree=layout.draft_or_broken.tree),
                "version": layout.version,
                "question": _("Put revision %(number)s in the place of the draft?") % {"number": number},
                "confirm": _("Replace the draft"),
            }
        except StreamsyncError as error:
            return self.failed(request, application, error)
        return self.page(request, application, "confirm.html", _("Restore"), content)


def _comparison(slug: str, old: str, new: str, old_tree: ComponentTree | None = None) -> dict[str, Any]:
    """Return what a page shows of two layouts: what differs, and where to look at both."""
    old_tree = tree_of(slug, old, folder_of(slug)) if old_tree is None else old_tree
    return {
        "differences": compare(old_tree, tree_of(slug, new, folder_of(slug)), catalogue_of(slug)),
        "old": old,
        "new": new,
        "old_label": label_of(old),
        "new_label": label_of(new),
        "page_address": page_address(slug),
    }


def _number(text: str | None) -> int | None:
    return int(text[:18]) if text and text.isdecimal() else None
