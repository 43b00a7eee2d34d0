"""Rows of a polars DataFrame, by polars alone."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from typing import Any, Final

from streamsync_django.core.files import Binary

from .errors import TableError
from .filters import MAX_CHOICES, ColumnFacts, ColumnFilter, ColumnKind, bounds_of, facts_of
from .naming import ARROW_MIME, number_column
from .orders import Order, Question
from .texts import csv_lines


class PolarsRows:
    """A polars DataFrame, as it was: changing the frame in place makes other columns, not other values."""

    mime: Final = ARROW_MIME

    def __init__(self, frame: Any) -> None:
        self._frame = frame.clone()
        self.row_count: int = frame.height
        self.columns: tuple[str, ...] = tuple(frame.columns)
        self._numbers_name = number_column(self.columns)

    def fingerprint(self) -> bytes:
        digest = blake2b(repr(self._frame.schema).encode(), digest_size=16)
        try:
            digest.update(_stream(self._frame.hash_rows().to_frame()))
        except _polars().exceptions.PolarsError:  # some nested types have no hash
            digest.update(_stream(self._frame))
        return digest.digest()

    def kind(self, column: str) -> ColumnKind:
        return _kind(_polars(), self._frame.schema[column])

    def facts(self, column: str) -> ColumnFacts:
        pl, dtype, kind = _polars(), self._frame.schema[column], self.kind(column)
        if kind == "other":
            return facts_of(kind)
        values = _comparable(pl, self._frame[column], dtype)
        few = None if kind == "date" or values.dtype.is_float() else _few(values)
        if kind in ("number", "date"):
            return facts_of(kind, few, values.min(), values.max())
        return facts_of(kind, few)

    def order(self, question: Question) -> Order:
        pl = _polars()
        numbers = pl.int_range(0, pl.len(), dtype=pl.UInt32).alias("number")
        chosen = self._frame.lazy()
        key = self._key(pl, question) if question.sort is not None else pl.lit(None)
        mask = pl.lit(True)
        for given in question.filters:
            for condition in _conditions(pl, given, self._frame.schema[given.column]):
                mask = mask & condition
        if question.needle:
            mask = mask & self._mask(pl, question)
        chosen = chosen.select(numbers, key.alias("key"), mask.alias("mask")).filter(pl.col("mask"))
        if question.sort is not None:
            chosen = chosen.sort("key", descending=question.descending, nulls_last=True, maintain_order=True)
        rows = chosen.select("number").collect()["number"]
        return Order(rows, len(rows), rows.estimated_size())

    def page(self, order: Order, offset: int, limit: int) -> bytes:
        part, numbers = self._part(order, offset, limit)
        return _stream(_without_categories(part).with_columns(numbers.alias(self._numbers_name)))

    def csv(self, order: Order, offset: int, limit: int, *, has_header: bool) -> bytes:
        part, _ = self._part(order, offset, limit)
        sink = BytesIO()
        try:
            part.write_csv(sink, include_header=has_header, line_terminator="\r\n")
        except _polars().exceptions.PolarsError:  # nested columns
            return csv_lines(([list(part.columns)] if has_header else []) + part.rows())
        return sink.getvalue()

    def whole(self) -> Binary:
        return Binary.of(ARROW_MIME, _stream(self._frame))

    def _part(self, order: Order, offset: int, limit: int) -> tuple[Any, Any]:
        if order.rows is None:
            pl = _polars()
            part = self._frame.slice(offset, limit)
            return part, pl.int_range(offset, offset + part.height, dtype=pl.UInt32, eager=True)
        numbers = order.rows.slice(offset, limit)
        return self._frame[numbers], numbers

    def _key(self, pl: Any, question: Question) -> Any:
        kind = self._frame.schema[question.sort]
        if kind.is_nested() or kind in (pl.Object, pl.Binary):
            raise TableError("table.unsortable", f"values of the column {question.sort!r} have no order")
        column = pl.col(question.sort)
        if kind in (pl.String, pl.Categorical):
            return column.cast(pl.String).str.to_lowercase()
        return column.fill_nan(None) if kind.is_float() else column

    def _mask(self, pl: Any, question: Question) -> Any:
        pattern = self._pattern(pl, question)
        matched = [
            pl.col(name).cast(pl.String).str.contains(pattern)
            for name, kind in self._frame.schema.items()
            if _may_be_found(pl, kind, question)
        ]
        return pl.any_horizontal(matched).fill_null(False) if matched else pl.lit(False)

    def _pattern(self, pl: Any, question: Question) -> str:
        if question.expression is not None:
            pattern = f"(?i){question.expression}"
            try:
                pl.Series([""]).str.contains(pattern)
                return pattern
            except pl.exceptions.PolarsError:
                pass  # a half-typed expression searches for its own characters
        return f"(?i){pl.escape_regex(question.needle)}"


def _kind(pl: Any, kind: Any) -> ColumnKind:
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if kind == pl.Boolean:
        return "boolean"
    if kind.is_numeric():
        return "number"
    return "date" if kind in (pl.Date, pl.Datetime) else "other"


def _comparable(pl: Any, column: Any, dtype: Any) -> Any:
    """Return a column, or the expression of one, with what filters compare: categories as texts, moments in UTC."""
    if dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if dtype == pl.Datetime and dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if dtype in (pl.Date, pl.Datetime):
        return column.cast(pl.Datetime("us"))
    if dtype.is_decimal():
        return column.cast(pl.Float64)
    return column.fill_nan(None) if dtype.is_float() else column


def _few(values: Any) -> list[Any] | None:
    """Return the different values of a column, or None where they are too many to choose from."""
    different = values.drop_nulls().unique()
    return different.to_list() if len(different) <= MAX_CHOICES else None


def _conditions(pl: Any, given: ColumnFilter, dtype: Any) -> Iterator[Any]:
    """Yield what must be true of a row to pass a filter; what is missing is not true."""
    kind = _kind(pl, dtype)
    column = _comparable(pl, pl.col(given.column), dtype)
    if given.contains:
        yield column.str.to_lowercase().str.contains(given.contains.lower(), literal=True)
    bounds = bounds_of(given, kind)
    if bounds is not None and bounds.least is not None:
        yield column >= bounds.least
    if bounds is not None and bounds.most is not None:
        yield column < bounds.most if kind == "date" else column <= bounds.most
    if given.among is not None:
        yield pl.any_horizontal([pl.lit(False), *(column == value for value in given.among)])
    if given.empty is not None:
        is_empty = column.is_null() | (column == "") if kind == "text" else column.is_null()
        yield is_empty.fill_null(True) if given.empty else ~is_empty.fill_null(True)


def _may_be_found(pl: Any, kind: Any, question: Question) -> bool:
    """Tell whether a column's texts may contain what is searched for: if not, they need not be written."""
    if kind.is_nested() or kind in (pl.Object, pl.Binary, pl.Null):
        return False
    if kind.is_temporal():
        return question.may_be_a_moment
    return question.may_be_a_number if kind.is_numeric() else True


def _without_categories(part: Any) -> Any:
    """Write categories out: a few rows would carry those of the whole table."""
    pl = _polars()
    kinds = [name for name, kind in part.schema.items() if kind in (pl.Categorical, pl.Enum)]
    return part.with_columns(pl.col(kinds).cast(pl.String)) if kinds else part


def _stream(frame: Any) -> bytes:
    """Write a frame in the types every Arrow reader knows."""
    buffer = BytesIO()
    frame.write_ipc_stream(buffer, compression="uncompressed", compat_level=_polars().CompatLevel.oldest())
    return buffer.getvalue()


def _polars() -> Any:
    return importlib.import_module("polars")
