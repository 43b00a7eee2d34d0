"""Stands for the packages ``streamsync`` and ``writer``."""

from streamsync_django import *  # noqa: F403 (the same names, by design)
from streamsync_django import __all__ as _names
from streamsync_django import __version__ as __version__
from streamsync_django.compat.names import INSTEAD, declared
from streamsync_django.compat.unsupported import unsupported_names

from . import ai as ai
from . import auth as auth
from . import blueprints as blueprints
from . import core as core
from . import core_ui as core_ui
from . import keyvalue_storage as keyvalue_storage
from . import serve as serve
from . import ui as ui
from . import workflows as workflows

__all__ = list(_names)

_unsupported = unsupported_names(
    "streamsync", "docs/migrating.md has a table of what takes the place of what", INSTEAD
)


def __getattr__(name: str) -> object:
    value = declared(name)
    return _unsupported(name) if value is None else value
