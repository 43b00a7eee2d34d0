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
        """Register the system checks."""
        from streamsync_django import checks  # noqa: F401 (registers by being imported)
