"""Stands for ``streamsync.core_ui`` and ``writer.core_ui``."""

from streamsync_django.core.components import Component, ComponentTree
from streamsync_django.core.ui import UIError

__all__ = ["Component", "ComponentTree", "UIError"]
