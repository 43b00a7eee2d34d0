"""Tables: everything that can become an Arrow IPC stream, with whichever library is there."""

from __future__ import annotations

import importlib
from io import BytesIO
from types import ModuleType
from typing import Any

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.files import Binary
from streamsync_django.core.tables import LargeTable, is_large
from streamsync_django.core.tables.arrow_rows import ArrowRows
from streamsync_django.core.tables.naming import ARROW_MIME
from streamsync_django.core.tables.polars_rows import PolarsRows

from .naming import Simplify, type_name

__all__ = ["ARROW_MIME", "BY_METHOD", "BY_NAME", "arrow_stream", "pandas_stream", "polars_stream"]


def pandas_stream(frame: Any) -> bytes:
    """Write a pandas DataFrame, index and all, as an Arrow stream."""
    return _write(*_pandas_table(frame))


def _pandas_table(frame: Any) -> tuple[ModuleType, Any]:
    pyarrow = _optional("pyarrow")
    if pyarrow is None:
        raise _missing(frame, "pyarrow")
    if frame.columns.nlevels == 1 and frame.columns.inferred_type.startswith("mixed"):
        frame = frame.rename(columns=str)  # Arrow would do it too, and warn at each encoding
    try:
        return pyarrow, pyarrow.Table.from_pandas(frame)
    except (pyarrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        cure = "values of one type that Arrow knows" if frame.columns.is_unique else "a name of its own"
        raise SerializationError(
            f"this DataFrame has no Arrow form ({error}); give each column {cure}",
            type_name=type_name(frame),
        ) from error


def polars_stream(frame: Any) -> bytes:
    """Write a polars DataFrame with polars alone, in the types every Arrow reader knows."""
    compat_level = importlib.import_module("polars").CompatLevel.oldest()
    buffer = BytesIO()
    frame.write_ipc_stream(buffer, compression="uncompressed", compat_level=compat_level)
    return buffer.getvalue()


def arrow_stream(table: Any) -> bytes:
    """Write a pyarrow Table or RecordBatch."""
    return _write(importlib.import_module("pyarrow"), table)


def pandas_table(frame: Any) -> object:
    """Send a pandas DataFrame, or what it takes to answer for its rows."""
    return _sent(*_pandas_table(frame))


def polars_table(frame: Any) -> object:
    """Send a polars DataFrame, or what it takes to answer for its rows."""
    if is_large(frame.height, frame.estimated_size()):
        return LargeTable(PolarsRows(frame))
    return Binary.of(ARROW_MIME, polars_stream(frame))


def arrow_table(table: Any) -> object:
    """Send a pyarrow Table or RecordBatch."""
    return _sent(importlib.import_module("pyarrow"), table)


def capsule_table(value: Any) -> object:
    """Send anything with the Arrow PyCapsule interface, through pyarrow or else polars."""
    if (pyarrow := _optional("pyarrow")) is not None:
        return _sent(pyarrow, pyarrow.table(value))
    if (polars := _optional("polars")) is not None:
        return polars_table(polars.DataFrame(value))
    raise _missing(value, "pyarrow")


def interchange_table(value: Any) -> object:
    """Send anything with the older dataframe interchange protocol, through pyarrow."""
    if _optional("pyarrow") is None:
        raise _missing(value, "pyarrow")
    return arrow_table(importlib.import_module("pyarrow.interchange").from_dataframe(value))


def _sent(pyarrow: ModuleType, table: Any) -> object:
    if is_large(table.num_rows, table.nbytes):
        whole = table if isinstance(table, pyarrow.Table) else pyarrow.Table.from_batches([table])
        return LargeTable(ArrowRows(whole))
    return Binary.of(ARROW_MIME, _write(pyarrow, table))


def _write(pyarrow: ModuleType, table: Any) -> bytes:
    if table.num_rows == 0 and isinstance(table, pyarrow.Table):
        # A table without rows has no batch of its own, and the categories of its columns travel with a batch.
        columns = [column.combine_chunks() for column in table.columns]
        table = pyarrow.RecordBatch.from_arrays(columns, schema=table.schema)
    sink = BytesIO()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return sink.getvalue()


def _optional(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _missing(value: object, library: str) -> SerializationError:
    name = type_name(value)
    return SerializationError(f"a {name} is sent through {library}: pip install {library}", type_name=name)


BY_NAME: dict[str, Simplify] = {
    "pandas.DataFrame": pandas_table,
    "polars.DataFrame": polars_table,
    "pyarrow.Table": arrow_table,
    "pyarrow.RecordBatch": arrow_table,
}

#: By a method of the class, most faithful first.
BY_METHOD: dict[str, Simplify] = {
    "__arrow_c_stream__": capsule_table,
    "__dataframe__": interchange_table,
}
