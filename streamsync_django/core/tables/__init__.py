"""Tables too large to send: the browser gets the first rows, and asks for the others as it shows them.

`large` has the table as the state's wire form names it, `orders` what a visitor sorted by and searched
for, `filters` what the columns were filtered by, and one module per kind of data says how it is cut, sorted,
filtered and searched with its own library.
"""

from __future__ import annotations

from .errors import TableError
from .filters import ColumnFacts, ColumnFilter, read_filters
from .large import FIRST_ROWS, MAX_PAGE_ROWS, LargeTable, TablePage, is_large
from .orders import Order, Question, orders

__all__ = [
    "FIRST_ROWS",
    "MAX_PAGE_ROWS",
    "ColumnFacts",
    "ColumnFilter",
    "LargeTable",
    "Order",
    "Question",
    "TableError",
    "TablePage",
    "is_large",
    "orders",
    "read_filters",
]
