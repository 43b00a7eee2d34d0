"""The reusable app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class StreamsyncConfig(AppConfig):
    """Live, server-driven pages beside a site's own."""

    name = "streamsync_django"
    label = "streamsync_django"
    verbose_name = "Streamsync"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and what listens to Django's signals."""
        from streamsync_django import checks, hosting  # noqa: F401 (they register by being imported)
