"""Taking turns: a layout's row is locked before it is read, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections, models, router, transaction

from streamsync_django.layouts.errors import LayoutsUnavailable, UnmanagedLayout
from streamsync_django.models import Layout
from streamsync_django.publishing.catalogues import catalogue_of


@contextmanager
def locked_layout(slug: str) -> Iterator[Layout]:
    """Enter a transaction in which nobody else changes this layout.

    Raises UnmanagedLayout when the database has none, LayoutsUnavailable when it does not answer: what was
    done inside is then undone.
    """
    database = router.db_for_write(Layout)
    try:
        with transaction.atomic(using=database):
            layouts = Layout.objects.using(database).filter(application__slug=slug)
            if not connections[database].features.has_select_for_update:
                # SQLite: a transaction that reads first may not write any more once somebody else has.
                Layout.objects.using(database).filter(application__slug=slug).update(
                    version=models.F("version")
                )
            layout = (
                layouts.select_for_update(of=("self",) if _supports_of(database) else ())
                .select_related("application")
                .first()
            )
            if layout is None:
                raise UnmanagedLayout(f"the database has no layout of {slug!r}: import one first")
            layout.catalogue = catalogue_of(slug)
            yield layout
    except DatabaseError as error:
        raise LayoutsUnavailable(f"the database did not take the change to {slug!r}: {error}") from error


def _supports_of(database: str) -> bool:
    return connections[database].features.has_select_for_update_of
