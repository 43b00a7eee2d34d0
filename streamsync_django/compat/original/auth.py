"""Stands for ``writer.auth``: logging in."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.auth", INSTEAD["auth"])
