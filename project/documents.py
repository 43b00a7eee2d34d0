"""The pages of docs/, as the demo site shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

_FOLDER: Final[Path] = settings.BASE_DIR / "docs"
_PAGE: Final = re.compile(r"^([\w-]+)\.md(#.*)?$")


def all_documents() -> dict[str, str]:
    """Return the names of the files in docs/, each with its first heading, in the order of those."""
    found = {}
    for path in sorted(_FOLDER.glob("*.md")):
        with path.open(encoding="utf-8") as lines:
            found[path.stem] = next(lines, "").lstrip("# ").strip() or path.stem
    return dict(sorted(found.items(), key=lambda item: item[1].lower()))


def render_document(name: str) -> SafeString:
    """Return one file of docs/ as HTML; HTML in the file itself is shown, not used."""
    path = _FOLDER / f"{name}.md"
    return _rendered(path, path.stat().st_mtime_ns)


@cache
def _rendered(path: Path, changed_at: int) -> SafeString:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(path.read_text(encoding="utf-8"))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline":
            if before is not None and before.type == "heading_open":
                before.attrSet("id", _anchor(token.content))
            _lead_to_pages(token.children or [])
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    return SafeString(rendered)  # of our own files, and HTML in them is escaped


def _anchor(heading: str) -> str:
    """Return what links within Markdown call a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def _lead_to_pages(tokens: Sequence[Token]) -> None:
    """Have links between files of docs/ lead to their pages."""
    for token in tokens:
        if token.type == "link_open" and (linked := _PAGE.match(str(token.attrGet("href")))):
            token.attrSet("href", reverse("document", args=[linked[1]]) + (linked[2] or ""))
