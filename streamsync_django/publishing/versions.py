"""The layouts one can compare, look at or take: draft, file, published, and revisions by number."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.errors import UnmanagedLayout
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.mirror import read_layout


def tree_of(slug: str, which: str, folder: Path | None) -> ComponentTree:
    """Return a layout by its name in an address; raises LayoutError, UnmanagedLayout, LayoutsUnavailable."""
    if which == "file":
        if folder is None:
            raise LayoutError([_("The settings have no application of this name.")])
        return read_layout(folder)[0]
    if which == "draft":
        return drafts.load(slug).draft.tree
    if which == "published":
        published = drafts.load(slug).published
        return tree_of(slug, "file", folder) if published is None else published.tree
    if which.isdecimal():
        return revisions.find(slug, int(which[:9])).tree
    raise UnmanagedLayout(_("There is no such version."))


def label_of(which: str) -> str:
    """Return what a person calls it."""
    names = {"file": "ui.json", "draft": _("the draft"), "published": _("what is published")}
    return names.get(which) or _("revision %(number)s") % {"number": which}
