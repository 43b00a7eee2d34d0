"""Stands for ``streamsync.core`` and ``writer.core``."""

from streamsync_django import (
    VERSION,
    BytesWrapper,
    Config,
    EditableDataFrame,
    EditableDataframe,
    FileWrapper,
    MutableValue,
    Readable,
    State,
    StreamsyncState,
    WriterState,
    get_app_process,
    get_session,
    init_handlers,
    init_state,
    init_ui,
    middleware,
    pack_bytes,
    pack_file,
    property,  # noqa: A004 (the name authors know)
    session_manager,
    session_verifier,
)
from streamsync_django.compat.names import declared
from streamsync_django.compat.unsupported import unsupported_names
from streamsync_django.core.components import Component, ComponentTree
from streamsync_django.core.ui import UIError, UserInterface

#: Annotations of handlers' parameters in later releases.
StreamsyncUIManager = WriterUIManager = UserInterface

__all__ = [
    "VERSION",
    "BytesWrapper",
    "Component",
    "ComponentTree",
    "Config",
    "EditableDataFrame",
    "EditableDataframe",
    "FileWrapper",
    "MutableValue",
    "Readable",
    "State",
    "StreamsyncState",
    "StreamsyncUIManager",
    "UIError",
    "WriterState",
    "WriterUIManager",
    "get_app_process",
    "get_session",
    "init_handlers",
    "init_state",
    "init_ui",
    "middleware",
    "pack_bytes",
    "pack_file",
    "property",
    "session_manager",
    "session_verifier",
]

_unsupported = unsupported_names(
    "streamsync.core", "it is an inner part of the original; use what the module `streamsync_django` offers"
)


def __getattr__(name: str) -> object:
    value = declared(name)
    return _unsupported(name) if value is None else value
