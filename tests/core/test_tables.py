"""Tables too large to send: what the browser gets at once, and what it may ask for."""

from __future__ import annotations

import gc
import json
import threading
from typing import Any

import pytest

from streamsync_django.core.serializers import to_wire
from streamsync_django.core.tables import LargeTable, Order, Question, TableError, TablePage, orders
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
