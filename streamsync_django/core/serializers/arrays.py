"""Columns and grids of values: numpy arrays, pandas and polars series, Arrow arrays."""

from __future__ import annotations

from typing import Any

from .naming import Finished, Simplify


def numpy_array(value: Any) -> object:
    """Send an array as nested lists; only numbers that JSON may spoil are looked at one by one."""
    kind = value.dtype.kind
    if kind in "mM":
        return value.astype(f"{kind}8[us]").tolist()
    if (kind in "bf" and value.dtype.itemsize <= 8) or (kind in "iu" and value.dtype.itemsize <= 4):
        return Finished(value.tolist())
    return value.tolist()


def as_list(value: Any) -> object:
    """Send a column as a list."""
    return value.tolist()


def as_dict(value: Any) -> object:
    """Send a pandas series as an object: index to value."""
    return value.to_dict()


BY_NAME: dict[str, Simplify] = {
    "numpy.ndarray": numpy_array,
    "pandas.Series": as_dict,
    "pandas.Index": as_list,
    "pandas.ExtensionArray": as_list,
    "polars.Series": lambda value: value.to_list(),
    "pyarrow.Array": lambda value: value.to_pylist(),
    "pyarrow.ChunkedArray": lambda value: value.to_pylist(),
    "pyarrow.Scalar": lambda value: value.as_py(),
}
