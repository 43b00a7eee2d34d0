"""Stands for ``writer.serve``: the web server."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.serve", INSTEAD["serve"])
