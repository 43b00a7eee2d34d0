"""Expressions: the table shared with the browser, and what only the server must hold to."""

from __future__ import annotations

import copy
import datetime
import decimal
import enum
import json
import timeit
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.errors import ExpressionError
from streamsync_django.core.expressions import (
    MISSING,
    assign,
    evaluate,
    evaluate_field,
    evaluate_template,
    is_truthy,
    js_number_text,
    lookup,
    ordered_keys,
    parse,
    resolve_path,
    to_text,
    whole_expression,
)

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "cases" / "expressions.json").read_text("utf-8")
)


@dataclass(frozen=True)
class Field:
    type: str
    default: object = ""


def rows(name: str) -> list[Any]:
    """Return the table's rows that concern Python, named by their place."""
    return [
        pytest.param(row, id=f"{name}-{place}")
        for place, row in enumerate(CASES[name])
        if not (isinstance(row, dict) and row.get("only") == "typescript")
    ]


def state_of(case: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(case.get("state", CASES["state"]))


def same(left: object, right: object) -> bool:
    """Equal as JSON: True is not 1, 12.0 is 12."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


@pytest.mark.parametrize("case", rows("expressions"))
def test_an_expression_reads_what_the_table_says(case: dict[str, Any]) -> None:
    value = lookup(case["expression"], state_of(case), case.get("context"))
    if case.get("missing"):
        assert value is MISSING
        assert evaluate(case["expression"], state_of(case), case.get("context")) is None
    else:
        assert same(value, case["value"])


@pytest.mark.parametrize("case", rows("templates"))
def test_a_template_shows_what_the_table_says(case: dict[str, Any]) -> None:
    assert evaluate_template(case["text"], state_of(case), case.get("context")) == case["result"]


@pytest.mark.parametrize("case", rows("fields"))
def test_a_field_is_cast_as_the_table_says(case: dict[str, Any]) -> None:
    field = Field(case["type"], case.get("default"))
    assert same(evaluate_field(case["text"], field, state_of(case), case.get("context")), case["result"])


@pytest.mark.parametrize("case", rows("numbers"))
def test_a_number_is_printed_as_javascript_prints_it(case: list[Any]) -> None:
    assert js_number_text(case[0]) == case[1]


@pytest.mark.parametrize("case", rows("truthy"))
def test_truth_is_that_of_javascript(case: list[Any]) -> None:
    assert is_truthy(case[0]) is case[1]


@pytest.mark.parametrize("case", rows("assignments"))
def test_an_assignment_writes_what_the_table_says(case: dict[str, Any]) -> None:
    state = copy.deepcopy(case["before"])
    paths = {name: tuple(path) for name, path in case.get("contextPaths", {}).items()}
    if case.get("refused"):
        with pytest.raises(ExpressionError):
            assign(case["expression"], state, case["value"], case.get("context"), paths)
        assert state == case["before"]
    else:
        assign(case["expression"], state, case["value"], case.get("context"), paths)
        assert same(state, case["after"])


def test_numbers_without_json_form_print_as_in_javascript_too() -> None:
    assert js_number_text(float("nan")) == "NaN"
    assert js_number_text(float("-inf")) == "-Infinity"
    assert js_number_text(10**400) == "Infinity"
    assert to_text([float("nan"), 1.0]) == "[null,1]"
    assert not is_truthy(float("nan"))


def test_values_json_does_not_know_are_shown_as_python_writes_them() -> None:
    class Colour(enum.Enum):
        RED = "red"

    class Opaque:
        def __str__(self) -> str:
            return "opaque"

        def __bool__(self) -> bool:
            raise ValueError("ambiguous, as a data frame is")

    identity = uuid.uuid4()
    state = {
        "day": datetime.date(2024, 1, 31),
        "moment": datetime.datetime(2024, 1, 31, 10),
        "price": decimal.Decimal("1.50"),
        "id": identity,
        "colour": Colour.RED,
        "opaque": Opaque(),
        "pair": (1, 2.0, datetime.date(2024, 1, 31)),
        "raw": b"ab",
    }
    shown = evaluate_template("@{day} @{moment} @{price} @{id} @{colour} @{opaque} @{pair} @{raw}", state)
    assert shown == (
        f'2024-01-31 2024-01-31 10:00:00 1.50 {identity} red opaque [1,2,"2024-01-31"] '
        "data:application/octet-stream;base64,YWI="
    )
    assert is_truthy(state["opaque"])
    assert evaluate_field("@{opaque}", Field("object"), state) is state["opaque"]


def test_numpy_scalars_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert to_text(numpy.float64(12)) == "12"
    assert to_text(numpy.int64(3)) == "3"
    assert to_text(numpy.bool_(False)) == "false"
    assert not is_truthy(numpy.int64(0))


def test_attributes_are_never_walked() -> None:
    @dataclass
    class Secret:
        password: str = "x"

    assert lookup("secret.password", {"secret": Secret()}) is MISSING
    assert lookup("secret.__class__", {"secret": Secret()}) is MISSING
    assert lookup("items", {}) is MISSING


def test_integer_keys_are_reached_by_their_text() -> None:
    state: dict[str, Any] = {"rows": {1: "one"}, "pair": ("a", "b")}
    assert evaluate("rows.1", state) == "one"
    assert evaluate("pair[1]", state) == "b"
    assign("rows.1", state, "uno")
    assert state["rows"] == {1: "uno"}
    with pytest.raises(ExpressionError, match="tuple"):
        assign("pair.0", state, "x")


def test_keys_are_ordered_as_a_browser_orders_them() -> None:
    assert ordered_keys({"b": 0, "10": 0, "a": 0, "2": 0, "01": 0, "-1": 0}) == [
        "2",
        "10",
        "b",
        "a",
        "01",
        "-1",
    ]


def test_a_mapping_whose_missing_keys_read_none_still_has_missing_keys() -> None:
    class Forgiving(dict[str, object]):
        def __missing__(self, key: str) -> None:
            return None

    state = Forgiving(a=Forgiving(b=1))
    assert lookup("a.c", state) is MISSING
    assert evaluate_template("[@{a.c}]", state) == "[]"
    assert evaluate("a.b", state) == 1


def test_a_value_that_contains_itself_is_an_error_with_words() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ExpressionError, match="contains itself"):
        evaluate_template("@{loop}", {"loop": loop})


def test_only_a_text_that_is_one_template_is_a_whole_expression() -> None:
    assert whole_expression(" @{ a.b } ") == "a.b"
    assert whole_expression("@{}") == ""
    for text in ("", "a", "@{a} b", "@{a}@{b}", r"\@{a}", "@{a"):
        assert whole_expression(text) is None


def test_the_path_of_a_nested_repeater_leads_through_its_outer_item() -> None:
    paths = {"item": ("shelves", 2)}
    context: dict[str, object] = {"item": {"books": []}}
    assert resolve_path("item.books", {}, context, paths) == ("shelves", 2, "books")
    assert resolve_path("chosen", {}, context, paths) == ("chosen",)


def test_malformed_brackets_are_named_in_the_error() -> None:
    with pytest.raises(ExpressionError, match="never closed"):
        parse("a[b")
    with pytest.raises(ExpressionError, match="unexpected"):
        parse("a]")


def test_a_refusal_tells_what_is_in_the_way() -> None:
    with pytest.raises(ExpressionError, match=r"a\.b is a int"):
        assign("a.b.c", {"a": {"b": 5}}, 1)
    with pytest.raises(ExpressionError, match="repeater"):
        assign("item", {}, 1, {"item": 3})


def test_reading_a_path_takes_next_to_no_time() -> None:
    state = {"a": {"b": 1}}
    best = min(timeit.repeat(lambda: evaluate("a.b", state), number=2000, repeat=5)) / 2000
    assert best < 20e-6  # measured below 2 µs; the margin is for busy machines
