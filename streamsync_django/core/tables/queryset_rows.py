"""Rows of a Django `QuerySet.values()`: the database sorts, searches and cuts them."""

from __future__ import annotations

import importlib
from datetime import date
from hashlib import blake2b
from typing import Any, Final

import msgspec

from .orders import Order, Question, TableError
from .texts import csv_lines

JSON_MIME: Final = "application/json"


def can_page(queryset: Any) -> bool:
    """Tell whether a queryset has rows with names and may still be sorted and cut."""
    kind = getattr(getattr(queryset, "_iterable_class", None), "__name__", "")
    query = getattr(queryset, "query", None)
    return (
        kind == "ValuesIterable"
        and getattr(queryset, "_result_cache", None) is None
        and query is not None
        and not query.is_sliced
        and not query.combinator
    )


class QuerySetRows:
    """A queryset that is never evaluated whole. It shows the database as it is, not as it was.

    Rows have a number where they are as they come; sorted or searched for they have none (null), because
    the database would have to number all of them for each page.
    """

    mime: Final = JSON_MIME

    def __init__(self, queryset: Any) -> None:
        first = queryset[:1]
        self._names: tuple[str, ...] = tuple(next(iter(first), {}))
        #: Grouped and distinct rows have no key of their own to sort by.
        self._has_keys = queryset.query.group_by is None and not queryset.query.distinct
        if not queryset.ordered and self._has_keys:
            queryset = queryset.order_by("pk")  # pages of rows in no order would not fit together
        self._queryset = queryset.all()
        self.row_count: int = queryset.count()

    @property
    def columns(self) -> tuple[str, ...]:
        return self._names

    def fingerprint(self) -> bytes:
        sql, parameters = self._queryset.query.sql_with_params()
        return blake2b(f"{self._queryset.db} {self.row_count} {sql} {parameters!r}".encode()).digest()

    def order(self, question: Question) -> Order:
        queryset = self._queryset
        if question.needle:
            queryset = self._found(queryset, question.needle)
        if question.sort is not None:
            models = importlib.import_module("django.db.models")
            key = models.F(question.sort)
            by = key.desc(nulls_last=True) if question.descending else key.asc(nulls_last=True)
            queryset = queryset.order_by(by, *(["pk"] if self._has_keys else []))
        # Questions and queries are small; what counts is that the count is not asked for at each page.
        return Order(queryset, queryset.count() if question.needle else self.row_count, 1024)

    def page(self, order: Order, offset: int, limit: int) -> bytes:
        queryset = self._queryset if order.rows is None else order.rows
        rows = [[row.get(name) for name in self._names] for row in queryset.all()[offset : offset + limit]]
        numbers = range(offset, offset + len(rows)) if order.rows is None else [None] * len(rows)
        return msgspec.json.encode(
            {
                "columns": self._names,
                "rows": [[_cell(value) for value in row] for row in rows],
                "numbers": list(numbers),
            },
            enc_hook=str,
        )

    def csv(self, order: Order, offset: int, limit: int, *, has_header: bool) -> bytes:
        queryset = self._queryset if order.rows is None else order.rows
        rows = [[row.get(name) for name in self._names] for row in queryset.all()[offset : offset + limit]]
        return csv_lines([list(self._names), *rows] if has_header else rows)

    def whole(self) -> object:
        return list(self._queryset.all())

    def _found(self, queryset: Any, needle: str) -> Any:
        models = importlib.import_module("django.db.models")
        error = importlib.import_module("django.core.exceptions").FieldError
        anywhere = None
        for name in self._names:
            condition = models.Q((f"{name}__icontains", needle))
            try:
                queryset.filter(condition)
            except error:  # a column that the query makes up, or one that has no text
                continue
            anywhere = condition if anywhere is None else anywhere | condition
        if anywhere is None:
            raise TableError("table.unsearchable", "no column of this query can be searched")
        return queryset.filter(anywhere)


def _cell(value: Any) -> object:
    """Return a cell as JSON has it, the same as of a list of rows."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return str(value) if isinstance(value, date) else value
