"""Live, server-driven pages for Django: what the author of a main.py imports.

    import streamsync_django as ss

    ss.init_state({"counter": 0})

    def increment(state):
        state["counter"] += 1

Importing this loads neither Django nor anything heavy.
"""

from .core.application import init_handlers, init_state, middleware, session_verifier
from .core.files import BytesWrapper, FileWrapper, Readable, pack_bytes, pack_file
from .core.root import StreamsyncState
from .core.state import State

__version__ = "0.1.0"
VERSION = __version__

__all__ = [
    "VERSION",
    "BytesWrapper",
    "FileWrapper",
    "Readable",
    "State",
    "StreamsyncState",
    "__version__",
    "init_handlers",
    "init_state",
    "middleware",
    "pack_bytes",
    "pack_file",
    "session_verifier",
]
