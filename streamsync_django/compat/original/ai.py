"""Stands for ``writer.ai``: a vendor's language models."""

from streamsync_django.compat.names import INSTEAD
from streamsync_django.compat.unsupported import unsupported_names

__getattr__ = unsupported_names("writer.ai", INSTEAD["ai"])
