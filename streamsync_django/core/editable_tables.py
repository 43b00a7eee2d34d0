"""Adding, replacing and removing rows, by the library a table comes from.

A library is imported only where one of its tables is at hand, so it is loaded already. Every function
returns a new table: a flush in another thread meets the old one or the new one.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import StateError


class RowList:
    """A list of dicts."""

    def count(self, table: Any) -> int:
        return len(table)

    def record(self, table: Any, index: int) -> dict[str, Any]:
        return dict(table[index])

    def added(self, table: Any, record: Mapping[str, Any]) -> Any:
        return [*table, self._row(table, record)]

    def updated(self, table: Any, index: int, record: Mapping[str, Any]) -> Any:
        return [*table[:index], self._row(table, record), *table[index + 1 :]]

    def removed(self, table: Any, index: int) -> Any:
        return [*table[:index], *table[index + 1 :]]

    def arrow(self, table: Any) -> Any:
        return importlib.import_module("pyarrow").Table.from_pylist([dict(row) for row in table])

    def _row(self, table: Any, record: Mapping[str, Any]) -> dict[str, Any]:
        if table:
            check_columns(record, table[0])
        return dict(record)


class PolarsTable:
    """A polars DataFrame."""

    def count(self, table: Any) -> int:
        return int(table.height)

    def record(self, table: Any, index: int) -> dict[str, Any]:
        return dict(table.row(index, named=True))

    def added(self, table: Any, record: Mapping[str, Any]) -> Any:
        return self._joined(table, self._row(table, record))

    def updated(self, table: Any, index: int, record: Mapping[str, Any]) -> Any:
        return self._joined(table[:index], self._row(table, record), table[index + 1 :])

    def removed(self, table: Any, index: int) -> Any:
        return self._joined(table[:index], table[index + 1 :])

    def arrow(self, table: Any) -> Any:
        return table.to_arrow()

    def _row(self, table: Any, record: Mapping[str, Any]) -> Any:
        check_columns(record, table.columns)
        polars = importlib.import_module("polars")
        values = {name: [record[name]] for name in table.columns}
        try:
            return polars.DataFrame(values, schema=table.schema)
        except (TypeError, polars.exceptions.PolarsError):
            return polars.DataFrame(values)  # its columns grow to a type that holds both, where there is one

    def _joined(self, *parts: Any) -> Any:
        polars = importlib.import_module("polars")
        try:
            return polars.concat(parts, how="vertical_relaxed")
        except polars.exceptions.PolarsError as error:
            raise StateError(f"the record's values do not fit the columns: {error}") from error


class PandasTable:
    """A pandas DataFrame. Fields of an index may be in a record, and may be left out."""

    def count(self, table: Any) -> int:
        return len(table)

    def record(self, table: Any, index: int) -> dict[str, Any]:
        row = {str(name): table.iat[index, place] for place, name in enumerate(table.columns)}
        return {**dict(zip(_index_fields(table), _label_parts(table, index), strict=False)), **row}

    def added(self, table: Any, record: Mapping[str, Any]) -> Any:
        row = self._row(table, record)
        end = len(table)
        return _rebuilt(table, end, end, row, _extended_index(table, record))

    def updated(self, table: Any, index: int, record: Mapping[str, Any]) -> Any:
        row = self._row(table, record)
        new_index = table.index
        fields = _index_fields(table)
        if fields and all(field in record for field in fields):
            label = _label([record[field] for field in fields])
            new_index = new_index.delete(index).insert(index, label)
        return _rebuilt(table, index, index + 1, row, new_index)

    def removed(self, table: Any, index: int) -> Any:
        kept = table.take([place for place in range(len(table)) if place != index])
        return kept if _index_fields(table) else kept.set_axis(_range(table.index, len(kept)))

    def arrow(self, table: Any) -> Any:
        return importlib.import_module("pyarrow").Table.from_pandas(table)

    def _row(self, table: Any, record: Mapping[str, Any]) -> list[Any]:
        check_columns(record, [str(name) for name in table.columns], optional=_index_fields(table))
        return [record[str(name)] for name in table.columns]


def check_columns(record: Mapping[str, Any], columns: Iterable[str], *, optional: Iterable[str] = ()) -> None:
    """Raise StateError, naming the columns, unless the record has all of them and no others."""
    wanted = list(columns)
    missing = [name for name in wanted if name not in record]
    unknown = [name for name in record if name not in wanted and name not in optional]
    problems = [f"lacks {', '.join(map(repr, missing))}"] if missing else []
    problems += [f"has unknown {', '.join(map(repr, unknown))}"] if unknown else []
    if problems:
        raise StateError(
            f"the record {' and '.join(problems)}; the columns are {', '.join(map(repr, wanted))}"
        )


def _is_range(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex"


def _range(index: Any, length: int) -> Any:
    pandas = importlib.import_module("pandas")
    return pandas.RangeIndex(index.start, index.start + length * index.step, index.step, name=index.name)


def _index_fields(table: Any) -> list[str]:
    """Return the names that the parts of an index have in a record; a plain numbering has none."""
    if _is_range(table.index):
        return []
    return [
        f"__index_level_{level}__" if name is None else str(name)
        for level, name in enumerate(table.index.names)
    ]


def _label_parts(table: Any, index: int) -> list[Any]:
    label = table.index[index]
    return list(label) if table.index.nlevels > 1 else [label]


def _label(parts: list[Any]) -> Any:
    return tuple(parts) if len(parts) > 1 else parts[0]


def _extended_index(table: Any, record: Mapping[str, Any]) -> Any:
    index, fields = table.index, _index_fields(table)
    if not fields:
        return _range(index, len(table) + 1)
    if all(record.get(field) is not None for field in fields):
        return index.insert(len(index), _label([record[field] for field in fields]))
    if index.nlevels > 1:
        raise StateError(f"the record needs the fields of the index: {', '.join(fields)}")
    numbers = getattr(index.dtype, "kind", "") in "iu" and len(index)
    return index.insert(len(index), int(index.max()) + 1 if numbers else len(index))


def _rebuilt(table: Any, start: int, end: int, row: list[Any], index: Any) -> Any:
    """Return the table with `row` instead of the rows from `start` to `end`."""
    pandas = importlib.import_module("pandas")
    columns = {}
    for place, value in enumerate(row):
        column = table.iloc[:, place]
        parts = [column.iloc[:start], _cell(pandas, column, value), column.iloc[end:]]
        columns[place] = pandas.concat([part for part in parts if len(part)], ignore_index=True)
    rebuilt = pandas.DataFrame(columns)
    rebuilt.columns = table.columns
    rebuilt.index = index
    return rebuilt


def _cell(pandas: Any, column: Any, value: Any) -> Any:
    """Return a series of one value, of the column's type where that holds the value."""
    if value is None and column.dtype.kind == "b":
        return pandas.Series([None])  # it would become False
    try:
        typed = pandas.Series([value]).astype(column.dtype)
    except (TypeError, ValueError):
        return pandas.Series([float("nan") if value is None else value])
    # Texts of a date become dates; anything else must still be what it was.
    if value is None or column.dtype.kind in "Mm" or bool(typed.iloc[0] == value):
        return typed
    return pandas.Series([value])
