"""What each group of the admin's views expects of the class it is mixed into."""

from __future__ import annotations

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse

from streamsync_django.models import Application
from streamsync_django.permissions import Action


class ApplicationPages(Protocol):
    """Finds applications, draws pages, and tells how things went."""

    def application(self, request: HttpRequest, slug: str, *actions: Action) -> Application:
        """Return an application this user may do all of that with."""

    def page(
        self,
        request: HttpRequest,
        application: Application,
        template: str,
        title: str,
        content: dict[str, Any],
    ) -> HttpResponse:
        """Draw a page of an application."""

    def done(self, request: HttpRequest, application: Application, text: str) -> HttpResponse:
        """Note what was done, tell it, and go back."""

    def failed(self, request: HttpRequest, application: Application, error: Exception) -> HttpResponse:
        """Tell why it was not done, and go back."""

    def overview_address(self, application: Application) -> str:
        """Return where an application's overview is."""
