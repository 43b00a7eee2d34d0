"""What a visitor sorted a table by, filtered and searched it for, and the rows that came out, kept for a while."""

from __future__ import annotations

import re
import threading
import weakref
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .filters import ColumnFilter

#: What all orders of a process may take together.
MAX_BYTES: Final = 128 * 1024 * 1024
#: How many there may be, whatever they take.
MAX_ORDERS: Final = 500
#: Longer searches are refused.
MAX_SEARCH: Final = 500

_EXPRESSION: Final = re.compile(r"^/(.+)/$", re.DOTALL)
#: Letters of numbers as texts: what has others cannot be found in a number.
_NUMERIC: Final = frozenset("0123456789+-.einfa")
_TEMPORAL: Final = frozenset("0123456789+-:. tz/uc")


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows of a table are wanted, in which order."""

    sort: str | None = None
    descending: bool = False
    search: str = ""
    #: Each for a column of its own, or several for one: all must hold.
    filters: tuple[ColumnFilter, ...] = ()

    @property
    def is_natural(self) -> bool:
        """Whether all rows are wanted as they are."""
        return self.sort is None and not self.is_narrowed

    @property
    def is_narrowed(self) -> bool:
        """Whether some rows only are wanted."""
        return bool(self.needle or self.filters)

    @property
    def needle(self) -> str:
        """What is searched for, without blanks around it."""
        return self.search.strip()

    @property
    def expression(self) -> str | None:
        """The regular expression of a search written ``/…/``."""
        matched = _EXPRESSION.match(self.needle)
        return matched[1] if matched else None

    @property
    def may_be_a_number(self) -> bool:
        """Whether a number's text may contain what is searched for."""
        return self.expression is not None or _NUMERIC.issuperset(self.needle.lower())

    @property
    def may_be_a_moment(self) -> bool:
        """Whether the text of a date or time may contain what is searched for."""
        return self.expression is not None or _TEMPORAL.issuperset(self.needle.lower())


@dataclass(frozen=True, slots=True)
class Order:
    """The answer to a question: which rows, in the form the table's library has for it."""

    #: None for all rows as they are.
    rows: Any
    count: int
    size_bytes: int = 0


class Sorter(Protocol):
    """Rows that can be sorted, filtered and searched."""

    def order(self, question: Question) -> Order:
        """Sort, filter and search. Raises TableError."""


class Sortable(Protocol):
    """A table that has such rows; its orders live as long as it."""

    @property
    def rows(self) -> Sorter: ...
    @property
    def row_count(self) -> int: ...


class OrderCache:
    """The orders of all tables of a process: bounded, and forgotten with their table. For any thread.

    A question that two requests ask at the same time is answered once.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_orders: int = MAX_ORDERS) -> None:
        self._max_bytes = max_bytes
        self._max_orders = max_orders
        self._lock = threading.RLock()  # a table may be collected, and forgotten, inside any call
        self._kept: OrderedDict[tuple[int, Question], Order] = OrderedDict()
        self._asked: dict[tuple[int, Question], Future[Order]] = {}
        self._tables: set[int] = set()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, table: Sortable, question: Question) -> Order:
        """Return the rows that answer a question. Raises TableError."""
        if question.is_natural:
            return Order(None, table.row_count)
        key = (id(table), question)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
            asked = self._asked.get(key)
            if asked is None:
                mine = self._asked[key] = Future()
        if asked is not None:
            return asked.result()
        try:
            order = table.rows.order(question)
        except BaseException as error:
            with self._lock:
                del self._asked[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._asked[key]
            self._keep(table, key, order)
        mine.set_result(order)
        return order

    def _keep(self, table: Sortable, key: tuple[int, Question], order: Order) -> None:
        if key[0] not in self._tables:
            self._tables.add(key[0])
            weakref.finalize(table, self._forget, key[0]).atexit = False
        self._kept[key] = order
        self.size_bytes += order.size_bytes
        while self._kept and (self.size_bytes > self._max_bytes or len(self._kept) > self._max_orders):
            self.size_bytes -= self._kept.popitem(last=False)[1].size_bytes

    def _forget(self, table: int) -> None:
        with self._lock:
            self._tables.discard(table)
            for key in [key for key in self._kept if key[0] == table]:
                self.size_bytes -= self._kept.pop(key).size_bytes


#: The orders of this process.
orders: Final = OrderCache()
