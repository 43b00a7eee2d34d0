"""Stands for ``streamsync.ui`` and ``writer.ui``: the types of what handlers get as ``ui``."""

from streamsync_django.core.placing import PlacedComponent, UIError
from streamsync_django.core.ui import UserInterface

StreamsyncUI = StreamsyncUIManager = WriterUI = WriterUIManager = UserInterface

__all__ = [
    "PlacedComponent",
    "StreamsyncUI",
    "StreamsyncUIManager",
    "UIError",
    "UserInterface",
    "WriterUI",
    "WriterUIManager",
]
