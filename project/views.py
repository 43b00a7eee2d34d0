"""The demo site's own pages."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.examples import all_examples


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is and every example application."""
    return render(request, "home.html", {"examples": all_examples(), "documents": _documents()})


@require_safe
def document(request: HttpRequest, name: str) -> HttpResponse:
    """Show one file of docs/ as it is written."""
    title = _documents().get(name)
    if title is None:
        raise Http404(f"docs/{name}.md does not exist")
    text = (settings.BASE_DIR / "docs" / f"{name}.md").read_text(encoding="utf-8")
    return render(request, "document.html", {"title": title, "text": text, "name": name})


def _documents() -> dict[str, str]:
    """Return the names of the files in docs/, each with its first heading."""
    found = {}
    for path in sorted((settings.BASE_DIR / "docs").glob("*.md")):
        with path.open(encoding="utf-8") as lines:
            found[path.stem] = next(lines, "").lstrip("# ").strip() or path.stem
    return found
