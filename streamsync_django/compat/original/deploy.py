"""Stands for ``writer.deploy``: a vendor's hosting."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.deploy", INSTEAD["deploy"])
