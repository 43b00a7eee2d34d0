"""Tables too large to send: the browser gets the first rows, and asks for the others as it shows them.

`large` has the table as the state's wire form names it, `orders` what a visitor sorted by and searched
for, and one module per kind of data says how it is cut, sorted and searched with its own library.
"""

from __future__ import annotations

from .large import FIRST_ROWS, MAX_PAGE_ROWS, LargeTable, TablePage, is_large
from .orders import Order, Question, TableError, orders

__all__ = [
    "FIRST_ROWS",
    "MAX_PAGE_ROWS",
    "LargeTable",
    "Order",
    "Question",
    "TableError",
    "TablePage",
    "is_large",
    "orders",
]
