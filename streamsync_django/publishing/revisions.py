"""Publishing: a draft becomes what visitors get, as a revision that stays as it is."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max

from streamsync_django.layouts.errors import Conflict, EditConflict, UnmanagedLayout
from streamsync_django.models import Edit, Layout, Revision
from streamsync_django.publishing import drafts
from streamsync_django.publishing.authors import account_of, name_of
from streamsync_django.publishing.catalogues import catalogue_of
from streamsync_django.publishing.locking import locked_layout
from streamsync_django.publishing.signals import layout_published


def publish(slug: str, *, author: Any = None, message: str = "", version: int | None = None) -> Revision:
    """Give visitors the draft, as a new revision; the one they have already is returned as it is.

    With `version`, exactly that draft: EditConflict when somebody has edited it since. Raises LayoutError
    when the draft does not fit the catalogue any more, UnmanagedLayout and LayoutsUnavailable.
    """
    with locked_layout(slug) as layout:
        if version is not None and version != layout.version:
            raise EditConflict(_changes_since(layout, version), layout.version)
        published = layout.published
        if published is not None and published.digest == layout.draft_digest:
            return published
        tree = layout.draft.tree  # checked
        newest = layout.revisions.aggregate(newest=Max("number"))["newest"] or 0
        revision = Revision.objects.create(
            layout=layout,
            number=newest + 1,
            tree_text=layout.draft_text,
            digest=tree.revision,
            author=account_of(author),
            author_name=name_of(author),
            message=message.strip(),
        )
        layout.published = revision
        layout.save(update_fields=["published"])
        send = partial(layout_published.send_robust, sender=Layout, slug=slug, revision=revision)
        transaction.on_commit(send)
    return revision


def find(slug: str, number: int) -> Revision:
    """Return a revision by its number; raises UnmanagedLayout."""
    revision = (
        Revision.objects.filter(layout__application__slug=slug, number=number)
        .select_related("layout__application")
        .first()
    )
    if revision is None:
        raise UnmanagedLayout(f"{slug!r} has no revision {number}")
    revision.layout.catalogue = catalogue_of(slug)
    return revision


def restore(slug: str, number: int, *, base: int, author: Any = None) -> Edit:
    """Put a revision in the place of the draft as it was at version `base`; visitors notice nothing yet."""
    return drafts.replace(slug, find(slug, number).tree, base=base, author=author)


def revert(
    slug: str, number: int, *, base: int | None = None, author: Any = None, message: str = ""
) -> Revision:
    """Give visitors an earlier revision again, as a new one; the draft becomes the same.

    Raises EditConflict when the draft was edited since version `base`. What the draft was stays in its edits.
    """
    with transaction.atomic():
        with locked_layout(slug) as layout:
            base = layout.version if base is None else base
        tree = find(slug, number).tree
        if layout.draft_digest != tree.revision:
            drafts.replace(slug, tree, base=base, author=author)
        return publish(slug, author=author, message=message or f"Back to revision {number}")


def _changes_since(layout: Layout, version: int) -> list[Conflict]:
    found = []
    for edit in layout.edits.filter(version__gt=version):
        past = edit.as_past()
        found += [
            Conflict(component_id, part, past.who, past.when, past.version)
            for component_id, parts in past.touched.items()
            for part in parts
        ]
    if not found:
        raise UnmanagedLayout(f"there is no version {version} of the draft")
    return found
