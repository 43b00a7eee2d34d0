"""Live, server-driven pages for Django: what the author of a main.py imports.

    import streamsync_django as ss

    ss.init_state({"counter": 0})

    def increment(state):
        state["counter"] += 1

Importing this loads neither Django nor anything heavy.
"""

from typing import TYPE_CHECKING

from .core.application import init_handlers, init_state, init_ui, middleware, session_verifier, shared_state
from .core.author import Config, get_app_process, get_session, session_manager
from .core.editable import EditableDataFrame, EditableDataframe
from .core.errors import UnsupportedFeature
from .core.files import BytesWrapper, FileWrapper, Readable, pack_bytes, pack_file
from .core.mutable import MutableValue
from .core.properties import computed_property as property  # noqa: A004 (the name authors know)
from .core.pushing import apush, push
from .core.root import StreamsyncState
from .core.state import State

__version__ = "0.1.0"
VERSION = __version__

#: The name of `StreamsyncState` in applications written for Writer Framework.
WriterState = StreamsyncState

__all__ = [
    "VERSION",
    "BytesWrapper",
    "Config",
    "EditableDataFrame",
    "EditableDataframe",
    "FileWrapper",
    "MutableValue",
    "Readable",
    "State",
    "StreamsyncState",
    "UnsupportedFeature",
    "WriterState",
    "__version__",
    "apush",
    "get_app_process",
    "get_session",
    "init_handlers",
    "init_state",
    "init_ui",
    "middleware",
    "pack_bytes",
    "pack_file",
    "property",
    "push",
    "session_manager",
    "session_verifier",
    "shared_state",
]

if not TYPE_CHECKING:  # a type checker should go on complaining of names that are not here

    def __getattr__(name: str) -> object:
        """Answer names whose value depends on the application being loaded, and explain those without one."""
        from .compat.names import INSTEAD, declared

        value = declared(name)
        if value is not None:
            return value
        if name in INSTEAD:
            raise UnsupportedFeature(f"streamsync_django.{name} is not supported: {INSTEAD[name]}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
