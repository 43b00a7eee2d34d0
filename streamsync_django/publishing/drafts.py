"""Editing drafts: every change of a layout comes through here, whoever makes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from streamsync_django.core.components import ComponentTree
from streamsync_django.layouts.drafts import Accepted, Draft, apply_edit
from streamsync_django.layouts.errors import LayoutsUnavailable, OperationError, UnmanagedLayout
from streamsync_django.layouts.operations import AnyOperation, Replace, write_operations
from streamsync_django.models import Application, Edit, Layout
from streamsync_django.models.layout import write_tree
from streamsync_django.publishing.authors import account_of, name_of
from streamsync_django.publishing.catalogues import catalogue_of
from streamsync_django.publishing.locking import locked_layout
from streamsync_django.publishing.signals import draft_edited

#: Operations one edit may have.
MAX_OPERATIONS = 500


def begin(slug: str, tree: ComponentTree, *, file_digest: str = "", author: Any = None) -> Layout:
    """Return an application's layout; the first time it is made, with this tree as its draft.

    Raises LayoutError when the application's catalogue does not allow the tree, LayoutsUnavailable.
    """
    tree = ComponentTree.from_records(tree.to_records(), catalogue_of(slug))
    try:
        with transaction.atomic():
            application, _ = Application.objects.get_or_create(slug=slug)
            layout, _ = Layout.objects.get_or_create(
                application=application,
                defaults={
                    "draft_text": write_tree(tree),
                    "draft_digest": tree.revision,
                    "changed_by": name_of(author),
                    "file_digest": file_digest,
                    "synced_digest": tree.revision if file_digest else "",
                },
            )
    except DatabaseError as error:
        raise LayoutsUnavailable(f"the database has no place for the layout of {slug!r}: {error}") from error
    return layout


def load(slug: str) -> Layout:
    """Return an application's layout; raises UnmanagedLayout, or LayoutsUnavailable."""
    try:
        layout = (
            Layout.objects.select_related("application", "published").filter(application__slug=slug).first()
        )
    except DatabaseError as error:
        raise LayoutsUnavailable(f"the database did not answer: {error}") from error
    if layout is None:
        raise UnmanagedLayout(f"the database has no layout of {slug!r}: import one first")
    layout.catalogue = catalogue_of(slug)
    if layout.published is not None:
        layout.published.layout = layout
    return layout


def edit(
    slug: str,
    operations: Sequence[AnyOperation],
    *,
    base: int,
    author: Any = None,
    client: str = "",
    key: str = "",
) -> Edit:
    """Apply operations that build on the draft's version `base`, all or none, and return the edit made of them.

    `client` names the editor's window: its own earlier edits are no conflict. `key` is the window's name for
    this edit: sent again, the same edit is returned and nothing applied twice. Raises EditConflict, OutdatedEdit, another LayoutError, UnmanagedLayout or LayoutsUnavailable; nothing has changed then.
    """
    if not 0 < len(operations) <= MAX_OPERATIONS:
        raise OperationError([f"an edit has 1 to {MAX_OPERATIONS} operations"])
    with locked_layout(slug) as layout:
        known = layout.edits.filter(key=key[:64], client=client[:64]).first() if key else None
        if known is not None:
            return known
        history = [past.as_past() for past in layout.edits.filter(version__gt=base)]
        accepted = apply_edit(
            layout.draft,
            operations,
            base=base,
            client=client[:64],
            history=history,
            catalogue=layout.catalogue,
        )
        return _store(layout, accepted, author, client, key)


def replace(
    slug: str, tree: ComponentTree, *, base: int, author: Any = None, file_digest: str | None = None
) -> Edit:
    """Put a whole layout in the place of the draft as it was at version `base`: an import or a return.

    Raises EditConflict when somebody has edited the draft since. With a `file_digest` the draft is from
    then on what that ui.json says.
    """
    operation = Replace(components={key: dict(record) for key, record in tree.to_records().items()})
    with locked_layout(slug) as layout:
        history = [past.as_past() for past in layout.edits.filter(version__gt=base)]
        accepted = apply_edit(
            layout.draft_or_broken, [operation], base=base, history=history, catalogue=layout.catalogue
        )
        if file_digest is not None:
            layout.file_digest, layout.synced_digest = file_digest, accepted.draft.tree.revision
        return _store(layout, accepted, author, "", "")


def prune(older_than: timedelta, keep: int = 200) -> int:
    """Forget edits older than that, but for the newest `keep` of each layout; return how many."""
    deleted = 0
    limit = timezone.now() - older_than
    for layout in Layout.objects.all():
        oldest_kept = layout.version - keep
        count, _ = layout.edits.filter(created__lt=limit, version__lte=oldest_kept).delete()
        deleted += count
    return deleted


def _store(layout: Layout, accepted: Accepted, author: Any, client: str, key: str) -> Edit:
    draft: Draft = accepted.draft
    layout.draft = draft
    layout.changed_by = name_of(author)
    layout.save()
    edit = Edit.objects.create(
        layout=layout,
        version=draft.version,
        client=client[:64],
        key=key[:64] or None,
        author=account_of(author),
        author_name=name_of(author),
        operations_text=write_operations(accepted.operations),
        touched_text=json.dumps({name: sorted(parts) for name, parts in accepted.touched.items()}),
        before_text=json.dumps(accepted.before),
    )
    slug = layout.application.slug
    transaction.on_commit(partial(draft_edited.send_robust, sender=Layout, slug=slug, edit=edit))
    return edit
