"""What a list says of one application's layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from streamsync_django.core.errors import ApplicationError
from streamsync_django.locations import application_locations
from streamsync_django.models import Application, Layout
from streamsync_django.publishing.mirror import has_changed_on_disk
from streamsync_django.runtime.loader import locate

Standing = Literal["file", "published", "ahead", "missing"]


@dataclass(frozen=True, slots=True)
class Status:
    """Where an application's layout stands, and in words."""

    standing: Standing
    text: str
    #: Somebody has written the ui.json since it was last imported or written.
    is_file_newer: bool = False


def folder_of(slug: str) -> Path | None:
    """Return where an application's code is, or None when the settings have it no more."""
    location = application_locations().get(slug)
    if location is None:
        return None
    try:
        return locate(location)[0]
    except ApplicationError:
        return None


def layout_of(application: Application) -> Layout | None:
    """Return the application's layout, or None as long as the database has none."""
    return Layout.objects.select_related("published", "application").filter(application=application).first()


def status_of(application: Application) -> Status:
    """Look at the database and at the file."""
    folder = folder_of(application.slug)
    if folder is None:
        return Status("missing", _("Not in the settings"))
    layout = layout_of(application)
    if layout is None:
        return Status("file", _("As in ui.json"))
    is_newer = has_changed_on_disk(layout, folder)
    if layout.published is None:
        return Status("ahead", _("Draft, never published"), is_newer)
    if layout.is_ahead:
        text = _("Draft ahead of revision %(number)s") % {"number": layout.published.number}
        if layout.changed_by:
            text = _("Draft ahead of revision %(number)s, by %(who)s") % {
                "number": layout.published.number,
                "who": layout.changed_by,
            }
        return Status("ahead", text, is_newer)
    return Status(
        "published", _("Revision %(number)s published") % {"number": layout.published.number}, is_newer
    )


def page_address(slug: str) -> str | None:
    """Return where visitors find it, or None in a site that does not include its addresses."""
    try:
        return reverse("streamsync:page", kwargs={"slug": slug})
    except NoReverseMatch:
        return None


def builder_address(slug: str) -> str | None:
    """Return where editors change the layout, or None in a site that has no address named `streamsync:builder`."""
    try:
        return reverse("streamsync:builder", kwargs={"slug": slug})
    except NoReverseMatch:
        return None
