"""Stands for ``writer.workflows``: a vendor's automation."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.workflows", INSTEAD["workflows"])
