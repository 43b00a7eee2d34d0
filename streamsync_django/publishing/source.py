"""Which layout visitors get: the published revision, or what ui.json says where the database has none."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from streamsync_django.connections import release_connections
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.extensions import read_extensions
from streamsync_django.layouts.errors import LayoutsUnavailable
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.models import Layout, Revision
from streamsync_django.models.layout import read_tree

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """What the database says of an application's layout, short of the layout itself."""

    slug: str
    version: int
    draft_digest: str
    #: None as long as nothing is published.
    number: int | None
    file_digest: str
    synced_digest: str

    @property
    def is_draft_edited(self) -> bool:
        """Whether the draft says something else than the ui.json it was last read from or written to."""
        return self.draft_digest != self.synced_digest


class DatabaseLayouts:
    """Layouts of a site that manages them in its database.

    While debugging, the newer of draft and ui.json. Before `migrate`, ui.json. While the database does not
    answer, the layout known last.
    """

    def __init__(self) -> None:
        self._files = FileLayouts()
        self._last: dict[str, ComponentTree] = {}

    def load(self, slug: str, folder: Path) -> ComponentTree:
        """Return the layout visitors get; raises LayoutError or ApplicationError."""
        try:
            tree = self._load(slug, folder)
        except LayoutsUnavailable as error:
            known = self._last.get(slug)
            if known is None:
                raise ApplicationError(f"{slug}: its layout is in the database, and {error}") from error
            _logger.error("%s keeps the layout it has: %s", slug, error)
            return known
        self._last[slug] = tree
        return tree

    def find(self, slug: str, folder: Path, revision: str) -> ComponentTree | None:
        """Return a published revision by its digest; None when there is none, or it cannot be read any more."""
        try:
            with _reading() as is_there:
                found = Revision.objects.filter(layout__application__slug=slug, digest=revision)
                text = found.values_list("tree_text", flat=True).first() if is_there else None
            return None if text is None else read_tree(str(text), read_extensions(folder).catalogue)
        except (LayoutsUnavailable, LayoutError) as error:
            _logger.warning("a session of %s goes on with the layout of today: %s", slug, error)
            return None

    def _load(self, slug: str, folder: Path) -> ComponentTree:
        row = read_rows(slug).get(slug)
        if row is None:
            return self._files.load(slug, folder)
        if settings.DEBUG:
            changed_on_disk = file_digest(folder / "ui.json") not in ("", row.file_digest)
            if changed_on_disk and not row.is_draft_edited:
                return self._files.load(slug, folder)
            return read_tree(_read_text(slug, "draft_text"), read_extensions(folder).catalogue)
        if row.number is None:
            return self._files.load(slug, folder)
        return read_tree(_read_text(slug, "published__tree_text"), read_extensions(folder).catalogue)


def read_rows(slug: str | None = None) -> dict[str, LayoutRow]:
    """Return what the database says of one application's layout, or of all; nothing before `migrate`.

    May be called from any thread. Raises LayoutsUnavailable.
    """
    columns = ("application__slug", "version", "draft_digest", "published__number")
    with _reading() as is_there:
        if not is_there:
            return {}
        rows = Layout.objects.filter(**({"application__slug": slug} if slug is not None else {}))
        return {row[0]: LayoutRow(*row) for row in rows.values_list(*columns, "file_digest", "synced_digest")}


def file_digest(path: Path) -> str:
    """Return a digest of a file's bytes; empty for one that is not there."""
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


@contextmanager
def _reading() -> Iterator[bool]:
    """Read from the database, whatever thread this is; gives whether the table is there."""
    database = router.db_for_read(Layout) or "default"
    connection = connections[database]
    try:
        if Layout._meta.db_table in _known_tables or _has_table(connection):
            # A failed query would spoil the transaction around it, if there is one.
            with transaction.atomic(using=database) if connection.in_atomic_block else nullcontext():
                yield True
        else:
            yield False
    except Error as error:
        raise LayoutsUnavailable(f"the database did not answer: {error}") from error
    finally:
        release_connections()


#: Tables are looked for until they are there.
_known_tables: set[str] = set()


def _has_table(connection: BaseDatabaseWrapper) -> bool:
    if Layout._meta.db_table not in connection.introspection.table_names():
        return False
    _known_tables.add(Layout._meta.db_table)
    return True


def _read_text(slug: str, column: str) -> str:
    with _reading():
        text = Layout.objects.filter(application__slug=slug).values_list(column, flat=True).first()
    if text is None:
        raise LayoutsUnavailable("it has just been removed there")
    return str(text)
