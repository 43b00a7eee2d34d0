"""A table of which the browser gets the first rows only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, Protocol

from streamsync_django.core.files import Binary

from .errors import TableError
from .filters import ColumnFacts, ColumnKind, check_filter
from .orders import Order, Question, orders

#: Tables of up to this many rows are sent whole …
MAX_WHOLE_ROWS: Final = 5_000
#: … unless they take more than this.
MAX_WHOLE_BYTES: Final = 256 * 1024
#: How many rows the browser gets at once, to draw the table with.
FIRST_ROWS: Final = 200
#: What these may take: with wide rows there are fewer.
FIRST_BYTES: Final = 128 * 1024
MIN_FIRST_ROWS: Final = 20
#: How many rows one request may ask for.
MAX_PAGE_ROWS: Final = 1_000
#: How many rows of a download are written at a time.
CSV_ROWS: Final = 10_000

NATURAL: Final = Question()


class Rows(Protocol):
    """The rows of one kind of table. Methods block, and may be called from any thread."""

    @property
    def row_count(self) -> int: ...
    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that may be sorted and filtered by."""

    @property
    def mime(self) -> str:
        """What `page` returns."""

    def fingerprint(self) -> bytes:
        """Return bytes that differ when the content does, equal in every process."""

    def kind(self, column: str) -> ColumnKind:
        """Tell what the values of a column are."""

    def facts(self, column: str) -> ColumnFacts:
        """Tell what a column can be filtered by."""

    def order(self, question: Question) -> Order:
        """Sort, filter and search; the columns are there, and their kinds fit. Raises TableError."""

    def page(self, order: Order, offset: int, limit: int) -> bytes:
        """Return some rows; the last column has each row's number in the whole table, from 0."""

    def csv(self, order: Order, offset: int, limit: int, *, has_header: bool) -> bytes:
        """Return some rows as lines of CSV."""

    def whole(self) -> object:
        """Return what is sent where a table cannot be asked for its rows later."""


def is_large(row_count: int, size_bytes: int) -> bool:
    """Tell whether a table is better sent in pages."""
    return row_count > MAX_WHOLE_ROWS or (size_bytes > MAX_WHOLE_BYTES and row_count > FIRST_ROWS)


class LargeTable:
    """What a value of the state was when it was sent: its rows can be asked for as long as it is shown."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @property
    def rows(self) -> Rows:
        return self._rows

    @property
    def row_count(self) -> int:
        return self.rows.row_count

    def first_page(self) -> TablePage:
        """Return the first rows, which also name the table."""
        count = FIRST_ROWS
        data = self.page(NATURAL, 0, count)[0]
        while len(data) > FIRST_BYTES and count > MIN_FIRST_ROWS:
            count = max(MIN_FIRST_ROWS, min(count // 2, count * FIRST_BYTES // len(data)))
            data = self.page(NATURAL, 0, count)[0]
        digest = blake2b(data, digest_size=16)
        digest.update(self.rows.fingerprint())
        return TablePage(self.rows.mime, data, digest.hexdigest(), self)

    def page(self, question: Question, offset: int, limit: int) -> tuple[bytes, int]:
        """Return some of the rows that a question is about, and how many there are. Raises TableError."""
        order = self._order(question)
        if offset < 0 or not 0 < limit <= MAX_PAGE_ROWS:
            raise TableError("table.limit", f"ask for 1 to {MAX_PAGE_ROWS} rows, from 0 on")
        return self.rows.page(order, offset, limit), order.count

    def facts(self, column: str) -> ColumnFacts:
        """Return what a column can be filtered by. Raises TableError."""
        self._check_column(column)
        return self.rows.facts(column)

    def csv(self, question: Question) -> Iterator[bytes]:
        """Yield the rows that a question is about as CSV. Raises TableError before the first."""
        order = self._order(question)

        def write() -> Iterator[bytes]:
            # The byte order mark makes spreadsheets read the file as UTF-8, whatever its alphabet.
            yield b"\xef\xbb\xbf" + self.rows.csv(order, 0, CSV_ROWS, has_header=True)
            for offset in range(CSV_ROWS, order.count, CSV_ROWS):
                yield self.rows.csv(order, offset, CSV_ROWS, has_header=False)

        return write()

    def _order(self, question: Question) -> Order:
        if question.sort is not None:
            self._check_column(question.sort)
        for given in question.filters:
            self._check_column(given.column)
            check_filter(given, self.rows.kind(given.column))
        return orders.get(self, question)

    def _check_column(self, name: str) -> None:
        if name not in self.rows.columns:
            raise TableError("table.column", f"the table has no column {name!r}")


@dataclass(frozen=True, slots=True)
class TablePage(Binary):
    """The first rows of a large table: bytes like any others, but their digest names the whole table."""

    table: LargeTable = field(compare=False, repr=False)
