"""What the database keeps: applications, their drafts, every edit, and every published revision."""

from streamsync_django.models.application import Application
from streamsync_django.models.edit import Edit
from streamsync_django.models.layout import Layout
from streamsync_django.models.revision import Revision

__all__ = ["Application", "Edit", "Layout", "Revision"]
