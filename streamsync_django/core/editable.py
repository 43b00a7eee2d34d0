"""A table whose rows a visitor may add, edit and remove: `EditableDataFrame`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .editable_tables import PandasTable, PolarsTable, RowList
from .errors import StateError
from .mutable import MutableValue
from .serializers.naming import class_names


class Table(Protocol):
    """What can be done to a table of one library; each change returns a new table, the old one stays."""

    def count(self, table: Any) -> int:
        """Return the number of rows."""

    def record(self, table: Any, index: int) -> dict[str, Any]:
        """Return one row by column name."""

    def added(self, table: Any, record: Mapping[str, Any]) -> Any:
        """Return the table with one more row at its end."""

    def updated(self, table: Any, index: int, record: Mapping[str, Any]) -> Any:
        """Return the table with another row at `index`."""

    def removed(self, table: Any, index: int) -> Any:
        """Return the table without the row at `index`."""

    def arrow(self, table: Any) -> Any:
        """Return a pyarrow.Table; needs pyarrow."""


class EditableDataFrame(MutableValue):
    """A pandas or polars DataFrame, or a list of dicts, that follows a DataFrame component's edits.

        def handle_update(state, payload):
            state["table"].record_update(payload)

    Its methods take the payloads of the component's events as they are, and mark the value as changed: no
    assignment is needed. Raises StateError (a ValueError) for any other kind of table. Changes replace the
    table inside; a table that you keep a reference to stays as it was.
    """

    def __init__(self, df: Any) -> None:
        self._table = _table_of(df)
        self._df = df

    @property
    def df(self) -> Any:
        """The table inside; setting it marks the value as changed."""
        return self._df

    @df.setter
    def df(self, value: Any) -> None:
        self._table = _table_of(value)
        self._df = value
        self.mutate()

    def record_add(self, payload: Mapping[str, Any]) -> None:
        """Append ``payload["record"]``; raises StateError (a ValueError) when its columns do not match."""
        self._df = self._table.added(self._df, _record_of(payload))
        self.mutate()

    def record_update(self, payload: Mapping[str, Any]) -> None:
        """Replace the row at the 0-based ``payload["record_index"]`` by ``payload["record"]``.

        Raises StateError (a ValueError) when the columns do not match or there is no such row.
        """
        self._df = self._table.updated(self._df, self._index_of(payload), _record_of(payload))
        self.mutate()

    def record_remove(self, payload: Mapping[str, Any]) -> None:
        """Drop the row at the 0-based ``payload["record_index"]``; raises StateError where there is none."""
        self._df = self._table.removed(self._df, self._index_of(payload))
        self.mutate()

    def record(self, record_index: int) -> dict[str, Any]:
        """Return the row at a 0-based index as a dict; raises StateError where there is none."""
        return self._table.record(self._df, self._index_of({"record_index": record_index}))

    def pyarrow_table(self) -> Any:
        """Return the table as a ``pyarrow.Table``; raises ImportError without pyarrow."""
        return self._table.arrow(self._df)

    def __streamsync_value__(self) -> Any:
        """Return what the browser gets: the table inside."""
        return self._df

    def __repr__(self) -> str:
        return f"EditableDataFrame({self._table.count(self._df)} rows)"

    def _index_of(self, payload: Mapping[str, Any]) -> int:
        index = payload.get("record_index")
        count = self._table.count(self._df)
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
            raise StateError(f"record_index: expected the number of a row, 0 to {count - 1}, not {index!r}")
        return index


#: The name that earlier releases of the original had.
EditableDataframe = EditableDataFrame


def _table_of(df: Any) -> Table:
    if isinstance(df, list) and all(isinstance(row, Mapping) for row in df):
        return RowList()
    names = class_names(type(df))
    if "pandas.DataFrame" in names:
        return PandasTable()
    if "polars.DataFrame" in names:
        return PolarsTable()
    raise StateError(
        f"EditableDataFrame takes a pandas or polars DataFrame or a list of dicts, not {type(df).__name__}"
    )


def _record_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    record = payload.get("record")
    if not isinstance(record, Mapping):
        raise StateError(f"expected {{'record': {{column: value}}}}, got {payload!r}")
    return record
