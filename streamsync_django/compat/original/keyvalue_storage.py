"""Stands for ``writer.keyvalue_storage``: a vendor's storage."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.keyvalue_storage", INSTEAD["keyvalue_storage"])
