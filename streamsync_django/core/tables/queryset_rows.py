"""Rows of a Django `QuerySet.values()`: the database sorts, filters, searches and cuts them."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from .errors import TableError
from .filters import MAX_CHOICES, Bounds, ColumnFacts, ColumnFilter, ColumnKind, bounds_of, facts_of
from .orders import Order, Question
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

    def kind(self, column: str) -> ColumnKind:
        return _kind(self._field(column))

    def facts(self, column: str) -> ColumnFacts:
        kind = self.kind(column)
        if (
            kind == "other" or not self._has_keys
        ):  # finding out about groups would take as long as all of them
            return facts_of(kind)
        models = importlib.import_module("django.db.models")
        cells = self._queryset.order_by().annotate(streamsync_cell=models.F(column))
        few = None if kind == "date" else _few(cells.values_list("streamsync_cell", flat=True))
        if kind in ("number", "date"):
            edges = cells.aggregate(least=models.Min("streamsync_cell"), most=models.Max("streamsync_cell"))
            return facts_of(kind, few, **edges)
        return facts_of(kind, few)

    def order(self, question: Question) -> Order:
        queryset = self._queryset
        for given in question.filters:
            queryset = self._passing(queryset, given)
        if question.needle:
            queryset = self._found(queryset, question.needle)
        if question.sort is not None:
            models = importlib.import_module("django.db.models")
            key = models.F(question.sort)
            by = key.desc(nulls_last=True) if question.descending else key.asc(nulls_last=True)
            queryset = queryset.order_by(by, *(["pk"] if self._has_keys else []))
        # Questions and queries are small; what counts is that the count is not asked for at each page.
        return Order(queryset, queryset.count() if question.is_narrowed else self.row_count, 1024)

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

    def _field(self, name: str) -> Any:
        """Return the model's field, or the kind of value that the query makes up."""
        models = importlib.import_module("django.db.models")
        field = models.F(name).resolve_expression(self._queryset.query.clone()).output_field
        while isinstance(field, models.ForeignKey):
            field = field.target_field
        return field

    def _cell_of(self, queryset: Any, name: str) -> tuple[Any, str]:
        """Return a queryset with a name for the very cell that is shown.

        A condition on ``tags__name`` alone would be about any tag of the row's object.
        """
        if "__" not in name or name in queryset.query.annotations or not self._has_keys:
            return queryset, name
        alias = f"streamsync_{self._names.index(name)}"
        return queryset.alias(**{alias: importlib.import_module("django.db.models").F(name)}), alias

    def _passing(self, queryset: Any, given: ColumnFilter) -> Any:
        field = self._field(given.column)
        bounds = bounds_of(given, _kind(field))
        queryset, name = self._cell_of(queryset, given.column)
        invalid = importlib.import_module("django.core.exceptions").ValidationError
        try:
            if given.contains:
                queryset = queryset.filter((f"{name}__icontains", given.contains))
            if bounds is not None:
                queryset = queryset.filter(*_between(name, bounds, field))
            if given.among is not None:
                queryset = queryset.filter((f"{name}__in", given.among))
        except (ValueError, invalid) as error:
            raise TableError(
                "table.filter", f"not a value of the column {given.column!r}: {error}"
            ) from error
        if given.empty is None:
            return queryset
        models = importlib.import_module("django.db.models")
        is_empty = models.Q((f"{name}__isnull", True))
        if _kind(field) == "text" and field.empty_strings_allowed:
            is_empty |= models.Q((name, ""))
        return queryset.filter(is_empty) if given.empty else queryset.exclude(is_empty)

    def _found(self, queryset: Any, needle: str) -> Any:
        models = importlib.import_module("django.db.models")
        error = importlib.import_module("django.core.exceptions").FieldError
        anywhere = None
        for column in self._names:
            named, name = self._cell_of(queryset, column)
            condition = models.Q((f"{name}__icontains", needle))
            try:
                named.filter(condition)
            except error:  # a column that the query makes up, or one that has no text
                continue
            queryset = named
            anywhere = condition if anywhere is None else anywhere | condition
        if anywhere is None:
            raise TableError("table.unsearchable", "no column of this query can be searched")
        return queryset.filter(anywhere)


def _kind(field: Any) -> ColumnKind:
    models = importlib.import_module("django.db.models")
    if isinstance(field, models.BooleanField):
        return "boolean"
    if isinstance(field, models.IntegerField | models.FloatField | models.DecimalField):
        return "number"
    if isinstance(field, models.DateField):  # and of moments
        return "date"
    texts = models.CharField | models.TextField | models.FileField | models.FilePathField
    keys = models.UUIDField | models.GenericIPAddressField
    return "text" if isinstance(field, texts | keys) else "other"


def _few(cells: Any) -> list[Any] | None:
    """Return the different values of a column, or None where they are too many to choose from."""
    found = list(cells.distinct()[: MAX_CHOICES + 2])  # nothing is one of them
    values = [
        value if isinstance(value, bool | int | float | str) else str(value)
        for value in found
        if value is not None
    ]
    return values if len(values) <= MAX_CHOICES else None


def _between(name: str, bounds: Bounds, field: Any) -> list[tuple[str, Any]]:
    """Return the conditions of a range; moments are compared with days that begin in UTC."""
    models = importlib.import_module("django.db.models")
    uses_zones = importlib.import_module("django.conf").settings.USE_TZ

    def edge(bound: Any) -> Any:
        if not isinstance(bound, datetime):
            return bound
        if not isinstance(field, models.DateTimeField):
            return bound.date()
        return bound.replace(tzinfo=UTC) if uses_zones else bound

    below = "lt" if isinstance(field, models.DateField) else "lte"
    edges = ((f"{name}__gte", bounds.least), (f"{name}__{below}", bounds.most))
    return [(lookup, edge(bound)) for lookup, bound in edges if bound is not None]


def _cell(value: Any) -> object:
    """Return a cell as JSON has it, the same as of a list of rows."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return str(value) if isinstance(value, date) else value
