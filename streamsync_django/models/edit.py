"""An accepted edit: who did which operations, and when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from streamsync_django.layouts.drafts import PastEdit
from streamsync_django.layouts.operations import AnyOperation, restore_operations
from streamsync_django.models.layout import AUTHOR_MODEL, Layout


class Edit(models.Model):
    """One accepted edit: the audit of a draft, what later edits are merged with, and what undoing needs."""

    layout = models.ForeignKey(
        Layout, models.CASCADE, related_name="edits", verbose_name=_("layout"), db_index=False
    )
    version = models.PositiveBigIntegerField(_("version"))
    #: The editor's window, and its own name for the edit: one that is sent twice is applied once.
    client = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 (null is not unique)
    author = models.ForeignKey(
        AUTHOR_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    author_name = models.CharField(_("author"), max_length=254, blank=True)
    created = models.DateTimeField(_("time"), auto_now_add=True)
    operations_text = models.TextField(_("operations"))
    touched_text = models.TextField()
    before_text = models.TextField()

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        ordering = ("-version",)
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("layout", "version"), name="streamsync_edit_version"),
            models.UniqueConstraint(fields=("layout", "client", "key"), name="streamsync_edit_key"),
        )

    def __str__(self) -> str:
        return f"{self.version}: {', '.join(sorted(self.touched))[:80]}"

    @property
    def operations(self) -> Sequence[AnyOperation]:
        """What was done, with every id filled in."""
        return restore_operations(self.operations_text)

    @property
    def touched(self) -> dict[str, list[str]]:
        """The parts of components that were changed."""
        parts: dict[str, list[str]] = json.loads(self.touched_text)
        return parts

    @property
    def before(self) -> dict[str, dict[str, Any] | None]:
        """The touched components as they were; None for those that were not there."""
        records: dict[str, dict[str, Any] | None] = json.loads(self.before_text)
        return records

    def as_past(self) -> PastEdit:
        """Return what merging needs to know."""
        who = self.author_name or str(_("the server"))
        return PastEdit(self.version, who, self.created, self.client, self.touched)
