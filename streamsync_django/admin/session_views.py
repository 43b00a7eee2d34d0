"""Live sessions in the admin: seeing them, ending one, telling all something."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from streamsync_django.admin.live_sessions import end_session, list_sessions, message_all
from streamsync_django.admin.views_base import ApplicationPages
from streamsync_django.core.errors import StoreError
from streamsync_django.models import Application

#: A notification is read in passing.
_MAX_MESSAGE = 1000


class SessionViews:
    """What operators do with running sessions."""

    def sessions_view(self: ApplicationPages, request: HttpRequest, slug: str) -> HttpResponse:
        """List the sessions; a POST ends one, or shows a notification in all."""
        application = self.application(request, slug, "sessions")
        try:
            if request.method == "POST":
                return self.done(request, application, _act(request, application))
            content = {"sessions": list_sessions(slug)}
            asked = request.GET.get("end")
            if asked is not None:
                content["asked"] = [row for row in content["sessions"] if row.session_id == asked]
        except StoreError as error:
            return self.failed(request, application, error)
        return self.page(request, application, "sessions.html", _("Live sessions"), content)


def _act(request: HttpRequest, application: Application) -> str:
    """Do what was asked for, and return it in words."""
    session_id, message = request.POST.get("end"), request.POST.get("message", "").strip()
    if session_id:
        if end_session(application.slug, session_id):
            return _("The session was ended.")
        return _("This session had ended already.")
    if not message:
        raise PermissionDenied(_("Neither a session nor a message was given."))
    title = request.POST.get("title", "").strip()[:200] or _("Message")
    count = message_all(application.slug, title, message[:_MAX_MESSAGE])
    return ngettext(
        "%(count)s session was told.",
        "%(count)s sessions were told.",
        count,
    ) % {"count": count}
