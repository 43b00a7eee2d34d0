"""Tables too large to send: what the browser gets at once, and what it may ask for."""

from __future__ import annotations

import functools
import gc
import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from streamsync_django.core.serializers import to_wire
from streamsync_django.core.tables import (
    ColumnFilter,
    LargeTable,
    Order,
    Question,
    TableError,
    TablePage,
    orders,
    read_filters,
)
from streamsync_django.core.tables.orders import OrderCache

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")

ROWS = 6_000
COLUMNS = {
    "id": list(range(ROWS)),
    "price": [None if n % 7 == 0 else (n * 37 % ROWS) / 4 for n in range(ROWS)],
    "city": [("Ärhus", "paris", "Λάρισα", "東京", "Paris")[n % 5] for n in range(ROWS)],
    "open": [n % 3 == 0 for n in range(ROWS)],
}
MAKERS = {
    "polars": lambda columns: pl.DataFrame(columns),
    "pyarrow": lambda columns: pa.table(columns),
    "pandas": lambda columns: pd.DataFrame(columns),
    "a record batch": lambda columns: pa.RecordBatch.from_pydict(columns),
}
EVERY_KIND = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def sent(value: Any) -> tuple[list[Any], LargeTable]:
    wire = to_wire(value)
    marker = json.loads(wire.json)["$"]
    (first,) = wire.binaries
    assert isinstance(first, TablePage)
    assert marker[0] == "table"
    return marker, first.table


def rows(data: bytes) -> list[dict[str, Any]]:
    return list(pa.ipc.open_stream(data).read_all().to_pylist())


def numbers(table: LargeTable, question: Question, offset: int = 0, limit: int = 1000) -> list[int]:
    return [row["row number"] for row in rows(table.page(question, offset, limit)[0])]


@EVERY_KIND
def test_of_a_large_table_the_browser_gets_the_first_rows(make: Any) -> None:
    wire = to_wire(make(COLUMNS))
    kind, mime, digest, size, count = json.loads(wire.json)["$"]
    (first,) = wire.binaries
    assert (kind, mime, count) == ("table", "application/vnd.apache.arrow.stream", ROWS)
    assert (digest, size) == (first.digest, len(first.data))
    shown = rows(first.data)
    assert len(shown) == 200
    assert shown[3] == {"id": 3, "price": 27.75, "city": "東京", "open": True, "row number": 3}


@EVERY_KIND
def test_a_small_table_is_sent_whole(make: Any) -> None:
    small = make({name: values[:500] for name, values in COLUMNS.items()})
    assert json.loads(to_wire(small).json)["$"][0] == "binary"


def test_few_rows_that_take_much_are_paged_and_the_first_of_them_stay_small() -> None:
    _, table = sent(pl.DataFrame({"text": ["long " * 1000] * 1000}))
    assert table.row_count == 1000
    assert len(table.first_page().data) < 150_000


@EVERY_KIND
def test_equal_tables_have_the_same_name_in_every_process_and_others_do_not(make: Any) -> None:
    name = sent(make(COLUMNS))[0][2]
    assert sent(make(COLUMNS))[0][2] == name
    changed = {**COLUMNS, "price": [*COLUMNS["price"][:-1], 99.5]}
    assert sent(make(changed))[0][2] != name, "the last row is other"


@EVERY_KIND
def test_a_page_has_each_row_s_number_in_the_whole_table(make: Any) -> None:
    _, table = sent(make(COLUMNS))
    data, total = table.page(Question(), 5_990, 200)
    assert total == ROWS
    assert [(row["id"], row["row number"]) for row in rows(data)] == [(n, n) for n in range(5_990, ROWS)]
    assert rows(table.page(Question(), 10_000, 10)[0]) == []


@EVERY_KIND
@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_sorted_and_what_is_missing_comes_last(make: Any, descending: bool) -> None:
    _, table = sent(make(COLUMNS))
    found = [numbers(table, Question("price", descending), offset) for offset in range(0, ROWS, 1000)]
    prices = [COLUMNS["price"][number] for page in found for number in page]
    known = [price for price in prices if price is not None]
    assert known == sorted(known, reverse=descending)
    assert prices[len(known) :] == [None] * (ROWS - len(known))


@EVERY_KIND
def test_texts_are_sorted_without_regard_to_case(make: Any) -> None:
    _, table = sent(make(COLUMNS))
    assert [COLUMNS["city"][number] for number in numbers(table, Question("city"), 0, 3)] == [
        "paris",
        "Paris",
        "paris",
    ]


@EVERY_KIND
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("PARIS", lambda row: row["city"] in ("paris", "Paris")),
        (" äRHUS ", lambda row: row["city"] == "Ärhus"),
        ("λάρ", lambda row: row["city"] == "Λάρισα"),
        ("東", lambda row: row["city"] == "東京"),
        ("598", lambda row: "598" in str(row["id"]) or "598" in str(row["price"])),
        ("/^p.r.s$/", lambda row: row["city"] in ("paris", "Paris")),
        ("/(/", lambda row: False),
        ("a.i", lambda row: False),
        ("true", lambda row: row["open"]),
    ],
)
def test_a_search_finds_texts_in_every_column(make: Any, search: str, expected: Any) -> None:
    _, table = sent(make(COLUMNS))
    plain = [dict(zip(COLUMNS, values, strict=True)) for values in zip(*COLUMNS.values(), strict=True)]
    wanted = [row["id"] for row in plain if expected(row)]
    assert table.page(Question(search=search), 0, 10)[1] == len(wanted)
    assert numbers(table, Question(search=search)) == wanted[:1000]


@EVERY_KIND
def test_what_was_found_is_sorted_too(make: Any) -> None:
    _, table = sent(make(COLUMNS))
    found = numbers(table, Question("id", True, "東京"), 0, 3)
    assert found == [5998, 5993, 5988]


@EVERY_KIND
def test_a_table_is_not_asked_for_columns_it_does_not_have_nor_for_too_much(make: Any) -> None:
    _, table = sent(make(COLUMNS))
    for question, offset, limit, code in [
        (Question("row number"), 0, 10, "table.column"),
        (Question(), 0, 1001, "table.limit"),
        (Question(), 0, 0, "table.limit"),
        (Question(), -1, 10, "table.limit"),
    ]:
        with pytest.raises(TableError) as raised:
            table.page(question, offset, limit)
        assert raised.value.code == code


@EVERY_KIND
def test_all_rows_that_were_found_are_written_as_csv(make: Any) -> None:
    _, table = sent(make(COLUMNS))
    text = b"".join(table.csv(Question("id", True, "ärhus"))).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].replace('"', "") == "id,price,city,open"
    assert lines[1].replace('"', "").split(",")[0::2] == ["5995", "Ärhus"]
    assert len(lines) == 1 + ROWS // 5


def test_csv_of_many_parts_has_one_heading_and_every_row() -> None:
    _, table = sent(pl.DataFrame({"n": range(25_001)}))
    assert b"".join(table.csv(Question())).decode("utf-8-sig").split() == ["n", *map(str, range(25_001))]


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table], ids=["polars", "pyarrow"])
def test_nested_values_are_written_but_neither_sorted_nor_searched(make: Any) -> None:
    _, table = sent(make({"tags": [["a", "b,c"], []] * 3000, "n": range(6000)}))
    assert b"".join(table.csv(Question(search="5999"))).decode("utf-8-sig") == "tags,n\r\n[],5999\r\n"
    assert table.page(Question(search="b,c"), 0, 1)[1] == 0
    with pytest.raises(TableError, match="no order"):
        table.page(Question("tags"), 0, 1)


def test_categories_are_written_out_instead_of_sent_with_every_page() -> None:
    names = [f"name {n}" for n in range(ROWS)]
    for value in (
        pd.DataFrame({"name": pd.Categorical(names)}),
        pl.DataFrame({"name": pl.Series(names, dtype=pl.Categorical)}),
    ):
        _, table = sent(value)
        data, _ = table.page(Question("name", True), 0, 10)
        assert len(data) < 3_000
        assert rows(data)[0]["name"] == "name 999"
        assert table.page(Question(search="NAME 599"), 0, 1)[1] == 11


def test_a_pandas_index_goes_with_every_page() -> None:
    frame = pd.DataFrame({"a": range(ROWS)}, index=pd.Index([f"r{n}" for n in range(ROWS)], name="key"))
    _, table = sent(frame)
    page = pa.ipc.open_stream(table.page(Question(search="r5999"), 0, 10)[0]).read_all()
    assert page.to_pylist() == [{"a": 5999, "key": "r5999", "row number": 5999}]
    assert b'"index_columns": ["key"]' in page.schema.metadata[b"pandas"]


def test_a_polars_frame_changed_in_place_still_shows_what_was_sent() -> None:
    frame = pl.DataFrame(COLUMNS)
    _, table = sent(frame)
    frame.replace_column(0, pl.Series("other", [0] * ROWS))
    assert numbers(table, Question("id", True), 0, 2) == [5999, 5998]


def test_messages_and_stored_forms_have_the_whole_table() -> None:
    from streamsync_django.core.stored import from_stored, to_stored

    assert json.loads(to_wire(pl.DataFrame(COLUMNS), pages_tables=False).json)["$"][0] == "binary"
    stored = to_stored(pl.DataFrame(COLUMNS))
    assert stored.faithful
    assert sent(from_stored(stored.data))[0][2] == sent(pl.DataFrame(COLUMNS))[0][2], (
        "another instance knows it too"
    )


# Filters


FILTERED: dict[str, list[Any]] = {
    "id": list(range(ROWS)),
    "price": [
        None if n % 7 == 0 else float("nan") if n % 11 == 0 else (n * 37 % ROWS) / 4 for n in range(ROWS)
    ],
    "city": [(None, "Ärhus", "paris", "Λάρισα", "東京", "", "a.c", "Paris")[n % 8] for n in range(ROWS)],
    "open": [None if n % 5 == 0 else n % 3 == 0 for n in range(ROWS)],
    "at": [datetime(1960, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(ROWS)],
    "day": [None if n % 2 else date(2000, 1, 1) + timedelta(days=n) for n in range(ROWS)],
    "code": [Decimal(n) / 100 for n in range(ROWS)],
    "tags": [None if n % 4 == 0 else ["a", str(n)] for n in range(ROWS)],
}
PLAIN = [dict(zip(FILTERED, values, strict=True)) for values in zip(*FILTERED.values(), strict=True)]
FILTERED_MAKERS: dict[str, Callable[[], Any]] = {
    "polars": lambda: pl.DataFrame(FILTERED, strict=False).with_columns(
        pl.col("city").cast(pl.Categorical), pl.col("at").dt.convert_time_zone("Asia/Tokyo")
    ),
    "pyarrow": lambda: pa.table({**FILTERED, "city": pa.array(FILTERED["city"]).dictionary_encode()}),
    "pandas": lambda: pd.DataFrame({**FILTERED, "city": pd.array(FILTERED["city"], "string")}),
}
EVERY_FILTERED_KIND = pytest.mark.parametrize("kind", FILTERED_MAKERS)


@functools.cache
def filtered_table(kind: str) -> LargeTable:
    return sent(FILTERED_MAKERS[kind]())[1]


def given(**condition: Any) -> ColumnFilter:
    return read_filters([json.dumps(condition)])[0]


def is_number(value: Any) -> bool:
    return value is not None and value == value


@EVERY_FILTERED_KIND
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"column": "city", "contains": "PARIS"}, lambda row: row["city"] in ("paris", "Paris")),
        ({"column": "city", "contains": "äR"}, lambda row: row["city"] == "Ärhus"),
        ({"column": "city", "contains": "a.c"}, lambda row: row["city"] == "a.c"),
        ({"column": "city", "contains": "/p/"}, lambda row: False),
        ({"column": "city", "among": ["paris", "東京"]}, lambda row: row["city"] in ("paris", "東京")),
        ({"column": "city", "among": []}, lambda row: False),
        ({"column": "city", "empty": True}, lambda row: row["city"] in (None, "")),
        ({"column": "city", "empty": False}, lambda row: row["city"] not in (None, "")),
        (
            {"column": "price", "from": 100, "to": 200.5},
            lambda row: is_number(row["price"]) and 100 <= row["price"] <= 200.5,
        ),
        ({"column": "price", "empty": True}, lambda row: not is_number(row["price"])),
        ({"column": "price", "empty": False}, lambda row: is_number(row["price"])),
        ({"column": "id", "from": 5990}, lambda row: row["id"] >= 5990),
        ({"column": "id", "from": -(2**60), "to": 2.5}, lambda row: row["id"] <= 2),
        ({"column": "id", "among": [3, 4, 7000]}, lambda row: row["id"] in (3, 4)),
        ({"column": "open", "among": [True]}, lambda row: row["open"] is True),
        ({"column": "open", "among": [False]}, lambda row: row["open"] is False),
        ({"column": "open", "empty": True}, lambda row: row["open"] is None),
        (
            {"column": "at", "from": "1960-01-05", "to": "1960-01-06"},
            lambda row: date(1960, 1, 5) <= row["at"].date() <= date(1960, 1, 6),
        ),
        (
            {"column": "day", "from": "2001-02-03", "to": "9999-12-31"},
            lambda row: row["day"] is not None and row["day"] >= date(2001, 2, 3),
        ),
        ({"column": "code", "from": 0.5, "to": 1}, lambda row: Decimal("0.5") <= row["code"] <= 1),
        ({"column": "tags", "empty": True}, lambda row: row["tags"] is None),
        ({"column": "tags"}, lambda row: True),
    ],
    ids=lambda given: repr(given) if isinstance(given, dict) else "",
)
def test_a_column_is_filtered_by_text_range_choice_and_emptiness(
    kind: str, condition: dict[str, Any], expected: Any
) -> None:
    table = filtered_table(kind)
    wanted = [row["id"] for row in PLAIN if expected(row)]
    question = Question(filters=(given(**condition),))
    assert table.page(question, 0, 1)[1] == len(wanted)
    assert numbers(table, question) == wanted[:1000]


@EVERY_FILTERED_KIND
def test_filters_search_and_sort_hold_together_and_the_download_has_just_these_rows(kind: str) -> None:
    filters = (given(column="city", among=["paris", "Paris"]), given(column="id", to=100))
    wanted = [row["id"] for row in PLAIN if row["city"] in ("paris", "Paris") and row["id"] <= 100]
    table = filtered_table(kind)
    assert numbers(table, Question("id", True, filters=filters)) == wanted[::-1]
    assert numbers(table, Question("id", True, "98", filters)) == [98]
    lines = b"".join(table.csv(Question("id", True, filters=filters))).decode("utf-8-sig").splitlines()
    assert [int(line.split(",")[0].strip('"')) for line in lines[1:]] == wanted[::-1]


@EVERY_FILTERED_KIND
def test_a_column_tells_what_it_can_be_filtered_by(kind: str) -> None:
    table = filtered_table(kind)
    facts = {name: table.facts(name) for name in table.rows.columns}
    assert {name: fact.kind for name, fact in facts.items()} == {
        **{"id": "number", "price": "number", "city": "text", "open": "boolean"},
        **{"at": "date", "day": "date", "code": "number", "tags": "other"},
    }
    assert facts["city"].choices == ("a.c", "Paris", "paris", "Ärhus", "Λάρισα", "東京"), "in order"
    assert facts["open"].choices == (False, True)
    assert (facts["id"].choices, facts["id"].least, facts["id"].most) == (None, 0, ROWS - 1)
    prices = [row["price"] for row in PLAIN if is_number(row["price"])]
    assert (facts["price"].least, facts["price"].most) == (min(prices), max(prices))
    assert (facts["at"].least, facts["at"].most) == ("1960-01-01", "1976-06-04")
    assert (facts["code"].least, facts["code"].most) == (0.0, 59.99)


def test_many_or_long_values_are_no_choices() -> None:
    columns = {"many": [f"{n % 31}" for n in range(ROWS)], "long": ["x" * 61] * ROWS}
    _, table = sent(pl.DataFrame({**columns, "few": [n % 3 for n in range(ROWS)]}))
    assert [table.facts(name).choices for name in table.rows.columns] == [None, None, (0, 1, 2)]


@EVERY_FILTERED_KIND
@pytest.mark.parametrize(
    ("condition", "code", "says"),
    [
        ({"column": "nothing", "contains": "a"}, "table.column", "no column 'nothing'"),
        ({"column": "row number", "from": 1}, "table.column", "no column"),
        ({"column": "price", "contains": "1"}, "table.filter", "'price' has no texts"),
        ({"column": "price", "to": 10**400}, "table.filter", "too large"),
        ({"column": "city", "from": 1}, "table.filter", "neither numbers nor dates"),
        ({"column": "price", "from": "2026-01-01"}, "table.filter", "is no number"),
        ({"column": "at", "from": 5}, "table.filter", "is no day"),
        ({"column": "day", "to": "2026-02-30"}, "table.filter", "is no day"),
        ({"column": "city", "among": [1]}, "table.filter", "cannot be a value of the column 'city'"),
        ({"column": "open", "among": ["true"]}, "table.filter", "cannot be a value"),
        ({"column": "id", "among": [True]}, "table.filter", "cannot be a value"),
        ({"column": "id", "among": [2**60]}, "table.filter", "cannot be a value"),
        ({"column": "tags", "contains": "a"}, "table.filter", "has no texts"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_filter_that_the_column_cannot_answer_is_refused(
    kind: str, condition: dict[str, Any], code: str, says: str
) -> None:
    with pytest.raises(TableError, match=says) as raised:
        filtered_table(kind).page(Question(filters=(given(**condition),)), 0, 10)
    assert raised.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "5", "null", '{"contains": "a"}', '{"column": 5}', '{"column": "a", "contains": 5}'),
        *('{"column": "a", "sql": "1=1"}', '{"column": "a", "from": []}', '{"column": "a", "from": NaN}'),
        *('{"column": "a", "among": "abc"}', '{"column": "a", "among": [[]]}', '{"column": "a", "empty": 0}'),
        '{"column": "a", "contains": "' + "x" * 501 + '"}',
        '{"column": "a", "among": [' + ",".join("1" * 101) + "]}",
        "[" * 5000,
        '{"column": "\\ud800',
        "\ud800",
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(TableError) as raised:
        read_filters([text])
    assert raised.value.code == "table.filter"


def test_too_many_filters_are_refused() -> None:
    with pytest.raises(TableError, match="up to 50"):
        read_filters(['{"column": "a"}'] * 51)


# The cache of orders


class CountingRows:
    """Rows that count how often they are sorted."""

    def __init__(self, size_bytes: int = 10) -> None:
        self.asked: list[Question] = []
        self.size_bytes = size_bytes
        self.row_count = 3
        self.gate: threading.Event | None = None

    @property
    def rows(self) -> CountingRows:
        return self

    def order(self, question: Question) -> Order:
        self.asked.append(question)
        if self.gate is not None:
            self.gate.wait(5)
        return Order([0], 1, self.size_bytes)


def test_a_question_is_answered_once_and_memory_is_bounded() -> None:
    cache, table = OrderCache(max_bytes=100), CountingRows(40)
    for _ in range(2):
        cache.get(table, Question("a"))
    assert table.asked == [Question("a")]
    for name in "bcdefg":
        cache.get(table, Question(name))
        assert cache.size_bytes <= 100
    assert len(cache) == 2


def test_one_answer_larger_than_the_bound_is_given_but_not_kept() -> None:
    cache = OrderCache(max_bytes=100)
    assert cache.get(CountingRows(1000), Question("a")).count == 1
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_requests_that_ask_the_same_at_the_same_time_share_the_work() -> None:
    cache, table = OrderCache(), CountingRows()
    table.gate = threading.Event()
    threads = [threading.Thread(target=cache.get, args=(table, Question("a"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    table.gate.set()
    for thread in threads:
        thread.join()
    assert len(table.asked) == 1


def test_a_question_that_failed_is_asked_again() -> None:
    class Failing(CountingRows):
        def order(self, question: Question) -> Order:
            super().order(question)
            raise TableError("table.unsortable", "no")

    cache, table = OrderCache(), Failing()
    for _ in range(2):
        with pytest.raises(TableError):
            cache.get(table, Question("a"))
    assert len(table.asked) == 2


def test_orders_go_with_their_table() -> None:
    gc.collect()  # tables of other tests go now, not while this one counts
    _, table = sent(pl.DataFrame(COLUMNS))
    before = len(orders)
    table.page(Question("id"), 0, 1)
    assert len(orders) == before + 1
    del table
    gc.collect()
    assert len(orders) == before
