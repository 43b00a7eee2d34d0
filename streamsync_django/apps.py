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
        """Register the system checks, and what listens to Django's signals; tell authors how they are served."""
        from django.conf import settings

        from streamsync_django import checks, hosting  # noqa: F401 (they register by being imported)
        from streamsync_django.core.author import Config
        from streamsync_django.core.pushing import install_pusher
        from streamsync_django.pushing import DjangoPusher
        from streamsync_django.transport import layout_news  # noqa: F401 (it does, too)

        install_pusher(DjangoPusher())
        Config.mode = "edit" if settings.DEBUG else "run"
        Config.is_mail_enabled_for_log = bool(settings.DEBUG)
