"""Looking at a layout before, or without, publishing it: a page of one's own with a session of one's own."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from streamsync_django.connections import release_connections
from streamsync_django.core.errors import StreamsyncError
from streamsync_django.permissions import may
from streamsync_django.publishing.versions import tree_of
from streamsync_django.runtime.loader import LoadedApplication


def show_version(application: LoadedApplication, which: str, user: Any) -> LoadedApplication:
    """Return the application with another version of its layout: draft, file, or a revision's number.

    Raises PermissionDenied for those who may neither edit nor publish it, Http404 for a version that is not
    there. Sessions made of it stay with it, whatever is published meanwhile.
    """
    if not (may(user, "edit", application.slug) or may(user, "publish", application.slug)):
        raise PermissionDenied(f"layouts of {application.slug!r} that are not published are for editors")
    try:
        tree = tree_of(application.slug, which, application.application.folder)
    except StreamsyncError as error:
        raise Http404(str(error)) from error
    finally:
        release_connections()  # a socket asks from a thread that no request ends
    return dataclasses.replace(application, tree=tree)
