"""Rows of a pyarrow Table, which pandas and everything with an Arrow interface become."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b
from io import BytesIO, RawIOBase
from typing import Any, Final

from streamsync_django.core.files import Binary

from .errors import TableError
from .filters import MAX_CHOICES, ColumnFacts, ColumnFilter, ColumnKind, bounds_of, facts_of
from .naming import ARROW_MIME, number_column
from .orders import Order, Question
from .texts import csv_lines

#: How many columns are searched, or taken the fingerprint of, at the same time.
THREADS: Final = 4


class ArrowRows:
    """A pyarrow Table. It never changes, so that pages of it always fit together."""

    mime: Final = ARROW_MIME

    def __init__(self, table: Any) -> None:
        self._table = table
        self.row_count: int = table.num_rows
        self.columns: tuple[str, ...] = tuple(table.column_names)
        self._numbers_name = number_column(self.columns)

    def fingerprint(self) -> bytes:
        digest = blake2b(self._table.schema.serialize().to_pybytes(), digest_size=16)
        with ThreadPoolExecutor(THREADS) as pool:
            for part in pool.map(self._fingerprint_of, range(self._table.num_columns)):
                digest.update(part)
        return digest.digest()

    def _fingerprint_of(self, place: int) -> bytes:
        sink = _Digest()
        _write(sink, self._table.select([place]))
        return sink.digest()

    def kind(self, column: str) -> ColumnKind:
        return _kind(importlib.import_module("pyarrow"), self._column(column).type)

    def facts(self, column: str) -> ColumnFacts:
        pa, pc = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.compute")
        kind = self.kind(column)
        if kind == "other":
            return facts_of(kind)
        values = _comparable(pa, pc, self._column(column))
        few = None if kind == "date" or pa.types.is_floating(values.type) else _few(pc, values)
        if kind in ("number", "date"):
            edges = pc.min_max(values)
            return facts_of(kind, few, edges["min"].as_py(), edges["max"].as_py())
        return facts_of(kind, few)

    def order(self, question: Question) -> Order:
        pc = importlib.import_module("pyarrow.compute")
        found = pc.indices_nonzero(self._chosen(pc, question)) if question.is_narrowed else None
        if question.sort is not None:
            found = self._sorted(pc, question, found)
        if found is None:
            return Order(None, self.row_count)
        rows = found.cast("uint32")
        return Order(rows, len(rows), rows.nbytes)

    def page(self, order: Order, offset: int, limit: int) -> bytes:
        part, numbers = self._part(order, offset, limit)
        part = _without_dictionaries(part).append_column(self._numbers_name, numbers)
        sink = BytesIO()
        _write(sink, part.combine_chunks())
        return sink.getvalue()

    def csv(self, order: Order, offset: int, limit: int, *, has_header: bool) -> bytes:
        part, _ = self._part(order, offset, limit)
        writer = importlib.import_module("pyarrow.csv")
        pa = importlib.import_module("pyarrow")
        sink = BytesIO()
        try:
            options = writer.WriteOptions(include_header=has_header, quoting_style="needed", eol="\r\n")
        except TypeError:  # releases that end lines as they like
            options = writer.WriteOptions(include_header=has_header, quoting_style="needed")
        try:
            writer.write_csv(_without_dictionaries(part), sink, options)
        except pa.ArrowException:  # nested columns
            lines = ([list(part.column_names)] if has_header else []) + _as_lists(part)
            return csv_lines(lines)
        return sink.getvalue()

    def whole(self) -> Binary:
        sink = BytesIO()
        _write(sink, self._table)
        return Binary.of(ARROW_MIME, sink.getvalue())

    def _part(self, order: Order, offset: int, limit: int) -> tuple[Any, Any]:
        if order.rows is None:
            part = self._table.slice(offset, limit)
            numbers = range(offset, offset + part.num_rows)
            return part, importlib.import_module("pyarrow").array(numbers, "uint32")
        numbers = order.rows.slice(offset, limit)
        return self._table.take(numbers), numbers

    def _sorted(self, pc: Any, question: Question, found: Any) -> Any:
        pa = importlib.import_module("pyarrow")
        column = _decoded(self._column(question.sort or ""))
        if found is not None:
            column = column.take(found)
        if _is_text(pa, column.type):
            column = pc.utf8_lower(column)
        keys = [("", "descending" if question.descending else "ascending")]
        try:
            places = pc.sort_indices(column, sort_keys=keys)  # what is missing comes last, either way
        except pa.ArrowException as error:
            raise TableError(
                "table.unsortable", f"values of the column {question.sort!r} have no order"
            ) from error
        return places if found is None else found.take(places)

    def _column(self, name: str) -> Any:
        return self._table.column(self.columns.index(name))

    def _chosen(self, pc: Any, question: Question) -> Any:
        """Tell which rows pass all filters and the search."""
        pa = importlib.import_module("pyarrow")
        chosen = self._mask(pc, question) if question.needle else None
        for given in question.filters:
            for passed in _conditions(pa, pc, self._column(given.column), given):
                met = pc.fill_null(passed, False)
                chosen = met if chosen is None else pc.and_(chosen, met)
        # Filters that ask for nothing leave every row.
        return pa.array([True]).take(pa.array([0] * self.row_count)) if chosen is None else chosen

    def _mask(self, pc: Any, question: Question) -> Any:
        pa = importlib.import_module("pyarrow")
        mask = None
        with ThreadPoolExecutor(THREADS) as pool:  # pyarrow does one column in one thread, without the GIL
            for matched in pool.map(lambda column: _matched(pa, pc, column, question), self._table.columns):
                if matched is not None:
                    mask = matched if mask is None else pc.or_(mask, matched)
        return pa.array([], "bool") if mask is None else mask


def _kind(pa: Any, kind: Any) -> ColumnKind:
    types = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    if _is_text(pa, kind):
        return "text"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    return "date" if types.is_date(kind) or types.is_timestamp(kind) else "other"


def _comparable(pa: Any, pc: Any, column: Any) -> Any:
    """Return a column with what filters compare: categories as texts, moments in UTC, numbers that mix with others."""
    column = _decoded(column)
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pc.cast(column, pa.timestamp("us"), safe=False)
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_uint64(kind):
        return pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    return column


def _few(pc: Any, values: Any) -> list[Any] | None:
    """Return the different values of a column, or None where they are too many to choose from."""
    different = pc.unique(values).drop_null()
    return different.to_pylist() if len(different) <= MAX_CHOICES else None


def _conditions(pa: Any, pc: Any, column: Any, given: ColumnFilter) -> Iterator[Any]:
    """Yield what must be true of a row to pass a filter; what is missing is not true."""
    kind = _kind(pa, column.type)
    if kind != "other":
        column = _comparable(pa, pc, column)
    if given.contains:
        yield pc.match_substring(column, given.contains, ignore_case=True)
    bounds = bounds_of(given, kind)
    if bounds is not None and bounds.least is not None:
        yield pc.greater_equal(column, _scalar(pa, bounds.least))
    if bounds is not None and bounds.most is not None:
        compare = pc.less if kind == "date" else pc.less_equal
        yield compare(column, _scalar(pa, bounds.most))
    if given.among is not None:
        yield pc.is_in(column, value_set=_value_set(pa, column.type, given))
    if given.empty is not None:
        is_empty = pc.is_null(column)
        if kind == "text":
            is_empty = pc.or_kleene(is_empty, pc.equal(column, ""))
        yield is_empty if given.empty else pc.invert(is_empty)


def _scalar(pa: Any, bound: object) -> Any:
    return pa.scalar(bound, pa.timestamp("us")) if isinstance(bound, datetime) else pa.scalar(bound)


def _value_set(pa: Any, kind: Any, given: ColumnFilter) -> Any:
    try:
        return pa.array(given.among, kind)
    except (pa.ArrowException, OverflowError) as error:
        raise TableError("table.filter", f"not a value of the column {given.column!r}: {error}") from error


def _matched(pa: Any, pc: Any, column: Any, question: Question) -> Any:
    """Tell which cells of a column have what is searched for; None where none can."""
    types = pa.types
    kind = column.type.value_type if _is_dictionary(pa, column) else column.type
    if types.is_temporal(kind) and not question.may_be_a_moment:
        return None
    is_number = types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)
    if is_number and not question.may_be_a_number:
        return None
    texts = _decoded(column)
    if not _is_text(pa, kind):
        try:
            texts = pc.cast(texts, pa.large_string())
        except pa.ArrowException:  # nested, or bytes
            return None
    return pc.fill_null(_match(pa, pc, texts, question), False)


def _match(pa: Any, pc: Any, texts: Any, question: Question) -> Any:
    if question.expression is not None:
        try:
            return pc.match_substring_regex(texts, question.expression, ignore_case=True)
        except pa.ArrowException:  # a half-typed expression searches for its own characters
            pass
    return pc.match_substring(texts, question.needle, ignore_case=True)


def _is_text(pa: Any, kind: Any) -> bool:
    is_view = getattr(pa.types, "is_string_view", lambda _: False)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or is_view(kind)


def _is_dictionary(pa: Any, column: Any) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _decoded(column: Any) -> Any:
    pa = importlib.import_module("pyarrow")
    if _is_dictionary(pa, column):
        column = column.cast(column.type.value_type)
    is_view = getattr(pa.types, "is_string_view", lambda _: False)
    return column.cast(pa.large_string()) if is_view(column.type) else column


def _without_dictionaries(part: Any) -> Any:
    """Write categories out: a few rows would carry the dictionary of the whole table."""
    for place, column in enumerate(part.columns):
        decoded = _decoded(column)
        if decoded is not column:
            part = part.set_column(place, part.schema.field(place).name, decoded)
    return part


def _as_lists(part: Any) -> list[list[object]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in part.columns), strict=True)]


def _write(sink: Any, table: Any) -> None:
    with importlib.import_module("pyarrow").ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)


class _Digest(RawIOBase):
    """A file that keeps nothing of what is written to it but its digest."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        view = memoryview(data)
        self._hash.update(view)
        return view.nbytes

    def digest(self) -> bytes:
        return self._hash.digest()
