"""The admin of applications: a list with where each layout stands, an overview, and what one can do there."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from streamsync_django.admin.exchange_views import ExchangeViews
from streamsync_django.admin.live_sessions import count_sessions, recent_errors
from streamsync_django.admin.publishing_views import PublishingViews
from streamsync_django.admin.session_views import SessionViews
from streamsync_django.admin.status import builder_address, folder_of, layout_of, page_address, status_of
from streamsync_django.locations import application_locations
from streamsync_django.models import Application
from streamsync_django.permissions import ACTIONS, Action, may

_PAGE = "admin/streamsync_django/application"
#: Whoever may do any of this sees the list.
_MANAGING: tuple[Action, ...] = ("edit", "publish", "logs", "sessions")


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Application]
else:  # Django's own class takes no parameters
    _ModelAdmin = admin.ModelAdmin


class ApplicationAdmin(PublishingViews, ExchangeViews, SessionViews, _ModelAdmin):
    """Shows applications; they come from the settings, and are neither added nor deleted here."""

    list_display = ("slug", "status", "changed", "live_sessions")
    search_fields = ("slug",)
    ordering = ("slug",)

    class Media:
        css = {"all": ("streamsync_admin/admin.css",)}  # noqa: RUF012 (as Django reads it)

    # Who may see what

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: applications are added in the settings."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: revisions and edits are the site's memory."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes an application's row; what can be done has views of its own."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """Whoever may view all, or manage something of this (or any) application."""
        if super().has_view_permission(request, obj):
            return True
        slugs = [obj.slug] if obj is not None else list(application_locations())
        return any(may(request.user, action, slug) for slug in slugs for action in _MANAGING)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to those who would find something in it."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the applications this user may see."""
        queryset = super().get_queryset(request)
        if super().has_view_permission(request):
            return queryset
        slugs = [
            slug
            for slug in application_locations()
            if any(may(request.user, action, slug) for action in _MANAGING)
        ]
        return queryset.filter(slug__in=slugs)

    # The list

    @admin.display(description=gettext_lazy("layout"))
    def status(self, application: Application) -> str:
        """Say where the layout stands."""
        status = status_of(application)
        newer = format_html(" · {}", _("ui.json was changed")) if status.is_file_newer else ""
        return format_html('<span class="streamsync-{}">{}{}</span>', status.standing, status.text, newer)

    @admin.display(description=gettext_lazy("draft changed"), empty_value="–")
    def changed(self, application: Application) -> Any:
        """Say when the draft was last edited."""
        layout = layout_of(application)
        return layout.changed if layout is not None else None

    @admin.display(description=gettext_lazy("live sessions"), empty_value="?")
    def live_sessions(self, application: Application) -> int | None:
        """Count the sessions."""
        return count_sessions(application.slug)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """List the applications of the settings, new ones included."""
        known = set(Application.objects.values_list("slug", flat=True))
        new = [Application(slug=slug) for slug in application_locations() if slug not in known]
        Application.objects.bulk_create(new, ignore_conflicts=True)
        return super().changelist_view(request, {"title": _("Applications"), **(extra_context or {})})

    # One application

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show an application's overview instead of a form."""
        application = self.get_object(request, object_id)
        if application is None:
            raise Http404(_("There is no such application."))
        if not self.has_view_permission(request, application):
            raise PermissionDenied
        slug = application.slug
        layout = layout_of(application)
        can_see_log = may(request.user, "logs", slug)
        content = {
            "status": status_of(application),
            "layout": layout,
            "folder": folder_of(slug),
            "revisions": layout.revisions.all()[:50] if layout is not None else (),
            "edits": layout.edits.all()[:20] if layout is not None else (),
            "session_count": count_sessions(slug),
            "errors": recent_errors(slug) if can_see_log else (),
            "can_see_log": can_see_log,
            "page_address": page_address(slug),
            "builder_address": builder_address(slug),
        }
        return self.page(request, application, "overview.html", _("Application"), content)

    def get_urls(self) -> list[URLPattern]:
        """Put what one can do with an application before Django's own addresses."""
        views: list[tuple[str, str, Callable[..., Any]]] = [
            ("<slug:slug>/differences/", "differences", self.differences_view),
            ("<slug:slug>/publish/", "publish", self.publish_view),
            ("<slug:slug>/revert/<int:number>/", "revert", self.revert_view),
            ("<slug:slug>/restore/<int:number>/", "restore", self.restore_view),
            ("<slug:slug>/import/", "import", self.import_view),
            ("<slug:slug>/export/<str:which>/", "export", self.export_view),
            ("<slug:slug>/sessions/", "sessions", self.sessions_view),
        ]
        return [
            *(
                path(route, self._admin_only(view), name=f"streamsync_django_application_{name}")
                for route, name, view in views
            ),
            *super().get_urls(),
        ]

    def _admin_only(self, view: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            return self.admin_site.admin_view(view)(*arguments, **named)

        return update_wrapper(wrapped, view)

    # What the views share

    def application(self, request: HttpRequest, slug: str, *actions: Action) -> Application:
        """Return an application this user may do all of that with; raises Http404 or PermissionDenied."""
        application = Application.objects.filter(slug=slug).first()
        if application is None:
            raise Http404(_("There is no such application."))
        if not self.has_view_permission(request, application) or not all(
            may(request.user, action, slug) for action in actions
        ):
            raise PermissionDenied
        return application

    def page(
        self,
        request: HttpRequest,
        application: Application,
        template: str,
        title: str,
        content: dict[str, Any],
    ) -> HttpResponse:
        """Draw a page of an application in the admin's own frame."""
        may_do = {action: may(request.user, action, application.slug) for action in ACTIONS}
        return TemplateResponse(
            request,
            f"{_PAGE}/{template}",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "media": self.media,
                "original": application,
                "application": application,
                "title": title,
                "subtitle": application.slug,
                "may": may_do,
                "may_preview": may_do["edit"] or may_do["publish"],
                **content,
            },
        )

    def done(self, request: HttpRequest, application: Application, text: str) -> HttpResponse:
        """Note what was done, tell it, and go back to the overview."""
        self.log_change(request, application, text)
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self.overview_address(application))

    def failed(self, request: HttpRequest, application: Application, error: Exception) -> HttpResponse:
        """Tell why it was not done, and go back to the overview."""
        self.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(self.overview_address(application))

    def overview_address(self, application: Application) -> str:
        """Return where an application's overview is."""
        return reverse(f"{self.admin_site.name}:streamsync_django_application_change", args=(application.pk,))
