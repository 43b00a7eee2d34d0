"""Stands for ``writer.app_runner``: the process that runs an application."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.app_runner", INSTEAD["app_runner"])
