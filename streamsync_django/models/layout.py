"""A layout's draft: the tree that editors change, and which revision visitors get."""

from __future__ import annotations

import json
from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from streamsync_django.core.catalogue import Catalogue
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.drafts import Draft
from streamsync_django.models.application import Application

#: The smallest layout there is.
EMPTY: Final[dict[str, object]] = {
    "root": {"id": "root", "type": "root", "content": {}, "parentId": None, "position": 0}
}


class Layout(models.Model):
    """The one layout of an application. Only `streamsync_django.publishing` writes it."""

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="layout", verbose_name=_("application")
    )
    # Text and not JSON: databases reorder a JSON object's keys and refuse some characters that JSON may hold.
    draft_text = models.TextField(_("draft"))
    draft_digest = models.CharField(max_length=32)
    version = models.PositiveBigIntegerField(_("version"), default=0)
    changed = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.CharField(_("changed by"), max_length=254, blank=True)
    published = models.ForeignKey(
        "Revision",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published revision"),
    )
    #: The ui.json that was last imported or written, and the draft that it stood for.
    file_digest = models.CharField(max_length=64, blank=True)
    synced_digest = models.CharField(max_length=32, blank=True)

    #: With the application's own component types; set by `streamsync_django.publishing`, which knows where they are.
    catalogue: Catalogue | None = None

    class Meta:
        verbose_name = _("layout")
        verbose_name_plural = _("layouts")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.application_id}: version {self.version}"

    @property
    def draft(self) -> Draft:
        """The draft, checked again: the catalogue may have changed since it was stored."""
        return Draft(read_tree(self.draft_text, self.catalogue), self.version)

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self.draft_text = write_tree(draft.tree)
        self.draft_digest = draft.tree.revision
        self.version = draft.version

    @property
    def draft_or_broken(self) -> Draft:
        """The draft for somebody who replaces it whole: one that cannot be read any more counts as empty."""
        try:
            return self.draft
        except LayoutError:
            return Draft(ComponentTree.from_records(EMPTY), self.version)

    @property
    def is_ahead(self) -> bool:
        """Whether the draft differs from what visitors get."""
        return self.published is None or self.published.digest != self.draft_digest


def write_tree(tree: ComponentTree) -> str:
    """Return a tree as it is stored."""
    return json.dumps(tree.to_records(), ensure_ascii=True, separators=(",", ":"))


def read_tree(text: str, catalogue: Catalogue | None = None) -> ComponentTree:
    """Read a tree that was stored; raises LayoutError when the catalogue does not allow it any more."""
    return ComponentTree.from_records(json.loads(text), catalogue)


#: Whoever writes rows of these models: a user of the site's own model, or nobody (a command, the server).
AUTHOR_MODEL = settings.AUTH_USER_MODEL
