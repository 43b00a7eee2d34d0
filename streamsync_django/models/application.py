"""An application as the site manages it; its code is a folder, and where that is the settings say."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Application(models.Model):
    """One application known to the site, by the name in its address."""

    slug = models.SlugField(_("name in the address"), max_length=100, unique=True)
    created = models.DateTimeField(_("known since"), auto_now_add=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("slug",)
        default_permissions = ("view",)
        permissions = (
            ("open_application", _("May open applications that are not for everyone")),
            ("edit_layout", _("May edit layouts")),
            ("publish_layout", _("May publish layouts and return to earlier revisions")),
            ("edit_code", _("May edit the code of applications")),
            ("see_logs", _("May see everyone's log entries")),
            ("manage_sessions", _("May see, message and end live sessions")),
        )

    def __str__(self) -> str:
        return self.slug
