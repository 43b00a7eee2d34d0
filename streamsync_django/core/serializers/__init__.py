"""State value -> wire value: JSON, and beside it the bytes that JSON cannot carry.

`wire` has the public functions, `walk` takes containers apart, and one module per family of types
says what a value of that family is sent as. Optional libraries are recognised by the names of their
classes; none is imported before one of its own values shows up.
"""

from __future__ import annotations

from .wire import Wire, encode_items, to_json_value, to_wire

__all__ = ["Wire", "encode_items", "to_json_value", "to_wire"]
