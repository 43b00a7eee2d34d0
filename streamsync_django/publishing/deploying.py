"""Taking over the layouts that came with the code, at a deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from streamsync_django.layouts.errors import UnmanagedLayout
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.mirror import read_layout

#: `begun`: the database had none. `imported`: visitors get the file's layout. `unchanged`: it is the one that was
#: imported last. `kept`: the draft was edited in the database, and the file's layout waits to be looked at.
Result = Literal["begun", "imported", "unchanged", "kept"]


def take_over(slug: str, folder: Path, *, author: Any = None) -> Result:
    """Import and publish an application's ui.json if it is not the one that was imported last.

    Edits made in the database since are never overwritten: then nothing happens. Raises LayoutError when the
    file is broken, LayoutsUnavailable.
    """
    tree, digest = read_layout(folder)
    try:
        layout = drafts.load(slug)
    except UnmanagedLayout:
        drafts.begin(slug, tree, file_digest=digest, author=author)
        revisions.publish(slug, author=author, message="Imported from ui.json")
        return "begun"
    is_the_draft = layout.draft_digest == tree.revision
    if layout.file_digest == digest if digest else is_the_draft:
        return "unchanged"
    if layout.draft_digest != layout.synced_digest and not is_the_draft:
        return "kept"
    edit = drafts.replace(slug, tree, base=layout.version, author=author, file_digest=digest)
    revisions.publish(slug, author=author, message="Imported from ui.json", version=edit.version)
    return "imported"
