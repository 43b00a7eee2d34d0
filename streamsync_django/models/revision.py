"""A published layout: numbered, signed, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from streamsync_django.core.components import ComponentTree
from streamsync_django.models.layout import AUTHOR_MODEL, Layout, read_tree


class RevisionQuerySet(models.QuerySet["Revision"]):
    """Revisions, which cannot be changed in bulk either."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        _refuse()

    def bulk_update(self, objs: Iterable[Revision], *args: Any, **kwargs: Any) -> int:
        """Refuse."""
        _refuse()


class Revision(models.Model):
    """What visitors got from one moment on. Publishing makes one; returning to an earlier one makes another."""

    layout = models.ForeignKey(
        Layout, models.CASCADE, related_name="revisions", verbose_name=_("layout"), db_index=False
    )
    number = models.PositiveIntegerField(_("number"))
    tree_text = models.TextField(_("layout"))
    digest = models.CharField(max_length=32)
    author = models.ForeignKey(
        AUTHOR_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    author_name = models.CharField(_("author"), max_length=254, blank=True)
    message = models.TextField(_("message"), blank=True)
    created = models.DateTimeField(_("published"), auto_now_add=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("-number",)
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("layout", "number"), name="streamsync_revision_number"),
        )

    def __str__(self) -> str:
        return f"#{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new revision; an existing one is refused."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **kwargs)

    @property
    def tree(self) -> ComponentTree:
        """The layout, read anew."""
        return read_tree(self.tree_text, self.layout.catalogue)


def _refuse() -> NoReturn:
    raise TypeError("a revision is never changed: publish a new one")
