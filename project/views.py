"""The demo site's own pages."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from project.documents import all_documents, render_document
from project.examples import all_examples
from streamsync_django.models import Application
from streamsync_django.permissions import may


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is and every example application."""
    editable = _editable(request)
    examples = [(example, editable.get(example.slug)) for example in all_examples()]
    content = {"examples": examples, "documents": all_documents()}
    return render(request, "home.html", content)


@require_safe
def document(request: HttpRequest, name: str) -> HttpResponse:
    """Show one file of docs/."""
    title = all_documents().get(name)
    if title is None:
        raise Http404(f"docs/{name}.md does not exist")
    content = {"title": title, "text": render_document(name), "name": name}
    return render(request, "document.html", content)


def _editable(request: HttpRequest) -> dict[str, str]:
    """Return where this visitor edits layouts, in the admin, by the application's name."""
    if not request.user.is_staff:
        return {}
    return {
        application.slug: reverse("admin:streamsync_django_application_change", args=[application.pk])
        for application in Application.objects.all()
        if may(request.user, "edit", application.slug)
    }
