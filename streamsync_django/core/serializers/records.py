"""Objects with named fields: dataclasses, pydantic models, attrs and msgspec classes; and Django's querysets."""

from __future__ import annotations

import dataclasses
from typing import Any

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.tables import LargeTable
from streamsync_django.core.tables.large import MAX_WHOLE_ROWS
from streamsync_django.core.tables.queryset_rows import QuerySetRows, can_page

from .naming import Simplify, type_name


def dataclass_fields(value: Any) -> dict[str, object]:
    """Send a dataclass as an object of its fields."""
    return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}


def struct_fields(value: Any) -> dict[str, object]:
    """Send a msgspec struct as an object of its fields."""
    return {name: getattr(value, name, None) for name in value.__struct_fields__}


def attrs_fields(value: Any) -> dict[str, object]:
    """Send an attrs object as an object of its fields."""
    return {attribute.name: getattr(value, attribute.name, None) for attribute in value.__attrs_attrs__}


def pydantic_fields(value: Any) -> object:
    """Send what pydantic itself would dump, computed fields and serializers included."""
    return value.model_dump(mode="python") if hasattr(value, "model_dump") else value.dict()


def queryset_rows(value: Any) -> object:
    """Evaluate a queryset and send its rows; of one with many `values()`, what it takes to answer for them."""
    try:
        if can_page(value):
            rows: list[object] = list(value[: MAX_WHOLE_ROWS + 1])
            if len(rows) > MAX_WHOLE_ROWS:
                return LargeTable(QuerySetRows(value))
        else:
            rows = list(value)
    except Exception as error:
        raise SerializationError(
            f"the queryset could not be read ({error}); evaluate it in the handler, e.g. list(queryset.values())",
            type_name=type_name(value),
        ) from error
    return rows


def refuse_model(value: Any) -> object:
    """Refuse a Django model: which of its fields the browser may see is its author's decision."""
    raise SerializationError(
        f"a {type(value).__name__} is a Django model; choose its fields, e.g. queryset.values('id', 'name') "
        "or django.forms.model_to_dict(instance, fields=[…])",
        type_name=type_name(value),
    )


BY_NAME: dict[str, Simplify] = {
    "pydantic.BaseModel": pydantic_fields,
    "django.QuerySet": queryset_rows,
    "django.Model": refuse_model,
}

#: By an attribute of the class.
BY_ATTRIBUTE: dict[str, Simplify] = {
    "__dataclass_fields__": dataclass_fields,
    "__struct_fields__": struct_fields,
    "__attrs_attrs__": attrs_fields,
}
