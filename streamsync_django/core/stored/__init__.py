"""State value -> bytes in the store, and back to an equal Python value.

`form` has the public functions, `packing` takes values apart, and the codecs beside it say how a type
travels. Nothing is imported because stored bytes say so: classes are looked up among the modules this
process has imported already. Nothing is unpickled, unless the site asked for it and signed it (`pickling`).
"""

from __future__ import annotations

from .codec import Codec
from .form import Stored, encode_stored_items, from_stored, list_header, to_stored
from .packing import register_codec
from .pickling import accept_pickles, accepts_pickles

__all__ = [
    "Codec",
    "Stored",
    "accept_pickles",
    "accepts_pickles",
    "encode_stored_items",
    "from_stored",
    "list_header",
    "register_codec",
    "to_stored",
]
