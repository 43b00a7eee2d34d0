"""Stands for ``writer.command_line``: the command line."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.command_line", INSTEAD["command_line"])
