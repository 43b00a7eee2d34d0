"""Every type family on its way to the browser."""

from __future__ import annotations

import dataclasses
import enum
import io
import json
import math
import subprocess
import sys
from collections import Counter, OrderedDict, UserDict, deque, namedtuple
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.files import Binary, pack_bytes, pack_file
from streamsync_django.core.serializers import encode_items, to_wire
from tests.session_host import OpenPage

ARROW = "application/vnd.apache.arrow.stream"


def sent(value: object) -> Any:
    """What the browser's JSON.parse returns."""

    def refuse(literal: str) -> None:
        raise AssertionError(f"{literal} is not JSON")

    return json.loads(to_wire(value).json, parse_constant=refuse)


def sent_binary(value: object) -> Binary:
    """The binary that a value is sent as; its marker must describe it."""
    wire = to_wire(value)
    (binary,) = wire.binaries
    assert json.loads(wire.json) == {"$": ["binary", binary.mime, binary.digest, len(binary.data)]}
    assert binary == Binary.of(binary.mime, binary.data)
    return binary


class Tracked(list[object]):
    """Stands for the state's own containers."""


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Order:
    number: int
    at: date


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -7, 1.5, "", "é☃", [], {}, [1, [2]], {"a": {"b": [None]}}]
)
def test_plain_values_are_themselves(value: object) -> None:
    assert sent(value) == value
    assert type(sent(value)) is type(value)


def test_numbers_that_are_not_finite_become_null() -> None:
    assert sent([math.nan, math.inf, -math.inf]) == [None, None, None]
    assert sent(math.inf) is None
    assert sent((math.nan, date(2024, 1, 1))) == [None, "2024-01-01"]


def test_integers_beyond_javascript_travel_as_text() -> None:
    edge = 2**53
    assert sent(edge - 1) == edge - 1
    assert sent(1 - edge) == 1 - edge
    for value in (edge, -edge, 10**30):
        assert sent(value) == str(value)
        assert sent([1, value]) == [1, str(value)]
        assert sent({"a": ["x", value]}) == {"a": ["x", str(value)]}


def test_keys_become_text() -> None:
    assert sent({1: "a", None: "b", 1.5: "c", date(2024, 1, 31): "d"}) == {
        "1": "a",
        "None": "b",
        "1.5": "c",
        "2024-01-31": "d",
    }


def test_a_dict_that_looks_like_a_marker_is_wrapped() -> None:
    assert sent({"$": 1, "a": 2}) == {"$": ["object", {"$": 1, "a": 2}]}
    assert sent([{"$": {"$": 1}}]) == [{"$": ["object", {"$": {"$": ["object", {"$": 1}]}}]}]


def test_private_keys_are_sent_when_asked_for() -> None:
    assert sent({"_a": 1}) == {"_a": 1}


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert sent("a\ud800b") == "a\ufffdb"
    assert sent({"\ud800": ["\udfff"]}) == {"\ufffd": ["\ufffd"]}


def test_subclasses_of_containers_are_what_they_derive_from() -> None:
    assert sent(Tracked([1, Tracked([2])])) == [1, [2]]
    assert sent(Tracked([date(2024, 1, 31)])) == ["2024-01-31"]
    assert sent(Counter("aab")) == {"a": 2, "b": 1}


def test_an_ordered_dict_keeps_its_order() -> None:
    ordered = OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    assert to_wire(ordered).json == b'{"b":2,"a":1}'


def test_mappings_that_are_not_dicts_are_objects() -> None:
    assert sent(MappingProxyType({"a": 1})) == {"a": 1}
    assert sent(UserDict(a=date(2024, 1, 1))) == {"a": "2024-01-01"}


def test_series_become_arrays() -> None:
    pair = namedtuple("pair", "a b")
    assert (
        sent((1, 2))
        == sent(pair(1, 2))
        == sent(Point(1, 2))
        == sent(deque([1, 2]))
        == sent(range(1, 3))
        == [1, 2]
    )
    assert sent({"a": 1, "b": 2}.keys()) == ["a", "b"]


def test_views_of_a_dict_keep_its_order() -> None:
    ages = {"b": 2, "a": 1}
    assert sent(ages.keys()) == ["b", "a"]
    assert sent(ages.values()) == [2, 1]
    assert sent(ages.items()) == [["b", 2], ["a", 1]]


def test_sets_are_sorted_if_possible() -> None:
    assert sent({30, 10, 20}) == sent(frozenset([10, 20, 30])) == [10, 20, 30]
    assert sent({"b", 1, "a"}) == [1, "a", "b"]


def test_moments_are_printed_as_python_does() -> None:
    assert sent(datetime(2024, 1, 31, 10)) == "2024-01-31 10:00:00"
    assert sent(datetime(2024, 1, 31, 10, tzinfo=timezone(timedelta(hours=2)))) == "2024-01-31 10:00:00+02:00"
    assert sent([date(2024, 1, 31), time(9, 5), timedelta(days=1, hours=2)]) == [
        "2024-01-31",
        "09:05:00",
        "1 day, 2:00:00",
    ]


def test_exact_and_other_texts() -> None:
    identity = UUID(int=5)
    values = [Decimal("1.10"), Fraction(1, 3), identity, PurePosixPath("a/b"), type("S", (str,), {})("s")]
    assert sent(values) == ["1.10", "1/3", str(identity), "a/b", "s"]


def test_enums_are_their_values() -> None:
    assert sent([Colour.RED, Level.HIGH]) == ["red", 3]
    assert sent({Colour.RED: 1}) == {"Colour.RED": 1}


def test_bytes_travel_beside_the_json() -> None:
    assert sent_binary(b"abc") == Binary.of("application/octet-stream", b"abc")
    assert sent_binary(bytearray(b"abc")).data == sent_binary(memoryview(b"abc")).data == b"abc"
    assert sent_binary(pack_bytes(b"abc", "text/plain")) == Binary.of("text/plain", b"abc")
    assert sent_binary(pack_file(io.BytesIO(b"abc"), "text/csv")).mime == "text/csv"


def test_the_same_bytes_are_attached_once() -> None:
    wire = to_wire({"a": b"abc", "b": [b"abc", b"d"]})
    assert [binary.data for binary in wire.binaries] == [b"abc", b"d"]


def test_items_are_encoded_as_one_array() -> None:
    assert json.loads(encode_items((1, "a")).json) == [1, "a"]
    assert encode_items([b"x"]).binaries[0].data == b"x"


def test_a_dataclass_is_an_object_of_its_fields() -> None:
    assert sent(Order(1, date(2024, 1, 31))) == {"number": 1, "at": "2024-01-31"}
    slotted = dataclasses.make_dataclass("slotted", ["a"], slots=True)
    assert sent(slotted(1)) == {"a": 1}


def test_an_object_may_say_itself_what_is_sent() -> None:
    class Conversation(list[object]):
        def __streamsync_value__(self) -> object:
            return [message for message in self if message != "system"]

    class Described:
        def to_dict(self) -> object:
            return {"a": (1,)}

    assert sent(Conversation(["system", "user"])) == ["user"]
    assert sent(Described()) == {"a": [1]}


def test_what_has_no_wire_form_is_named() -> None:
    class Odd:
        pass

    for value in (Odd(), [Odd()], {"a": (Odd(),)}):
        with pytest.raises(SerializationError, match="begin its key with _") as caught:
            to_wire(value)
        assert caught.value.type_name.endswith("Odd")
    with pytest.raises(SerializationError):
        to_wire(Odd)
    with pytest.raises(SerializationError):
        to_wire(iter([1]))


def test_odd_numbers_and_keys_raise_nothing_else() -> None:
    class Nameless:
        def __str__(self) -> str:
            raise ZeroDivisionError

    for value in (10**5000, [10**5000], {Nameless(): 1}):
        with pytest.raises(SerializationError):
            to_wire(value)


def test_an_error_inside_a_value_is_told_with_its_cause() -> None:
    class Broken:
        def to_dict(self) -> object:
            raise ZeroDivisionError("no")

    with pytest.raises(SerializationError, match="no") as caught:
        to_wire(Broken())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop += [loop, loop]
    knot: dict[str, object] = {}
    knot["a"] = {"b": [knot]}
    for value in (loop, knot, (loop,)):
        with pytest.raises(SerializationError, match="contains itself"):
            to_wire(value)


def test_types_are_named_as_their_author_knows_them() -> None:
    tracked = OpenPage({"rows": []}).state["rows"]
    tracked.append(tracked)
    with pytest.raises(SerializationError, match="a list contains itself") as caught:
        to_wire(tracked)
    assert caught.value.type_name == "list"
    ours = type("Order", (), {"__module__": "_streamsync_applications.g3_shop.orders.models_"})
    with pytest.raises(SerializationError, match=r"^a value of type orders\.models_\.Order cannot be sent"):
        to_wire(ours())


def test_the_same_value_twice_is_no_loop() -> None:
    shared = [b"x"]
    assert len(sent([shared, shared, {"a": shared}])) == 3


def test_a_value_nested_too_deeply_is_refused() -> None:
    def nested(depth: int) -> list[object]:
        value: list[object] = []
        for _ in range(depth - 1):
            value = [value]
        return value

    assert to_wire(nested(200)).json == b"[" * 200 + b"]" * 200
    for depth in (201, 100_000):
        with pytest.raises(SerializationError, match="200 levels"):
            to_wire(nested(depth))


def test_numpy_scalars_are_numbers_and_texts() -> None:
    np = pytest.importorskip("numpy")
    assert sent(
        [np.int64(3), np.uint8(4), np.float32(0.5), np.float64("nan"), np.bool_(True), np.str_("a")]
    ) == [
        3,
        4,
        0.5,
        None,
        True,
        "a",
    ]
    assert sent(np.uint64(2**63)) == str(2**63)
    assert sent(np.datetime64("2024-01-31T10:00:00.5", "ns")) == "2024-01-31 10:00:00.500000"
    assert sent([np.datetime64("2024-01-31"), np.timedelta64(90, "m"), np.datetime64("NaT")]) == [
        "2024-01-31",
        "1:30:00",
        None,
    ]
    assert sent({np.str_("k"): 1, np.int64(2): 3}) == {"k": 1, "2": 3}


def test_numpy_arrays_are_nested_lists() -> None:
    np = pytest.importorskip("numpy")
    assert sent(np.array([[1.0, np.nan], [np.inf, 2.0]])) == [[1.0, None], [None, 2.0]]
    assert sent(np.array([2**60, 1])) == [str(2**60), 1]
    assert sent(np.array(["a", None, 1], dtype=object)) == ["a", None, 1]
    assert sent(np.array(["2024-01-31", "NaT"], dtype="datetime64[ns]")) == ["2024-01-31 00:00:00", None]
    assert sent(np.array(5)) == 5
    assert sent(np.zeros((2, 0))) == [[], []]
    assert sent(np.ma.masked_array([1, 2], mask=[False, True])) == [1, None]


def test_a_pandas_table_keeps_its_index() -> None:
    pd, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=pd.Index(["p", "q"], name="key"))
    binary = sent_binary(frame)
    assert binary.mime == ARROW
    restored = pa.ipc.open_stream(binary.data).read_all().to_pandas()
    pd.testing.assert_frame_equal(restored, frame)


def test_a_table_that_arrow_cannot_hold_is_explained() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    with pytest.raises(SerializationError, match="values of one type"):
        to_wire(pd.DataFrame({"a": [1, "x", object()]}))
    with pytest.raises(SerializationError, match="a name of its own"):
        to_wire(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(SerializationError, match=r"too large to convert .* one type that Arrow knows"):
        to_wire(pd.DataFrame({"a": [2**70]}))


def test_pandas_columns_and_missing_values() -> None:
    pd = pytest.importorskip("pandas")
    assert sent(pd.Series([1.0, None], index=["x", "y"])) == {"x": 1.0, "y": None}
    assert sent(pd.Series([1, 2])) == {"0": 1, "1": 2}
    assert sent(pd.Index(["a", "b"])) == ["a", "b"]
    assert sent([pd.NaT, pd.NA, pd.Timestamp("2024-01-31 10:00")]) == [None, None, "2024-01-31 10:00:00"]


def test_a_polars_table_uses_types_every_reader_knows() -> None:
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    table = pa.ipc.open_stream(sent_binary(pl.DataFrame({"a": ["x", "y"]})).data).read_all()
    assert table.schema.field("a").type == pa.large_string()
    assert sent(pl.Series([1, 2])) == [1, 2]


def test_arrow_tables_and_columns() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"a": [1, 2]})
    for value in (table, table.to_batches()[0]):
        binary = sent_binary(value)
        assert binary.mime == ARROW
        assert pa.ipc.open_stream(binary.data).read_all().equals(table)
    assert sent([pa.array([1, None]), table["a"], pa.scalar(3)]) == [[1, None], [1, 2], 3]


def test_anything_with_an_arrow_interface_is_a_table() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"a": [1, 2]})

    class Relation:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return table.__arrow_c_stream__(requested_schema)

    class Older:
        def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> object:
            return table.__dataframe__(nan_as_null, allow_copy)

    for value in (Relation(), Older()):
        assert pa.ipc.open_stream(sent_binary(value).data).read_all().to_pydict() == {"a": [1, 2]}


def test_a_duckdb_relation_is_a_table() -> None:
    duckdb, pa = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow")
    relation = duckdb.connect().sql("select 1 as a union all select 2 order by a")
    assert pa.ipc.open_stream(sent_binary(relation).data).read_all().to_pydict() == {"a": [1, 2]}


def test_a_matplotlib_figure_is_a_picture_and_pyplot_lets_go_of_it() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(1, 1))
    axes.plot([1, 2])
    binary = sent_binary(figure)
    assert binary.mime == "image/png"
    assert binary.data.startswith(b"\x89PNG")
    assert plt.get_fignums() == []
    assert sent_binary(figure).data.startswith(b"\x89PNG")


def test_a_plotly_figure_is_its_own_json() -> None:
    go = pytest.importorskip("plotly.graph_objects")
    figure = sent([go.Figure(go.Bar(x=["a"], y=[float("nan")]))])[0]
    assert figure["data"][0]["x"] == ["a"]
    assert figure["data"][0]["y"] == [None]
    assert "layout" in figure


def test_an_altair_chart_is_its_specification() -> None:
    alt = pytest.importorskip("altair")
    chart = alt.Chart(alt.Data(values=[{"a": 1}])).mark_bar().encode(x="a:Q")
    assert sent(chart) == chart.to_dict()


def test_pillow_images_are_png_and_photographs_stay_jpeg() -> None:
    pillow = pytest.importorskip("PIL.Image")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "HSV", "I;16"):
        assert sent_binary(pillow.new(mode, (2, 2))).mime == "image/png"
    buffer = io.BytesIO()
    pillow.new("RGB", (2, 2)).save(buffer, format="JPEG")
    assert sent_binary(pillow.open(buffer)).mime == "image/jpeg"


def test_a_pydantic_model_is_what_it_dumps() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Item", price=(Decimal, ...), tags=(set[str], ...))
    assert sent(model(price="1.10", tags={"a"})) == {"price": "1.10", "tags": ["a"]}


def test_lazy_translations_are_read_when_sent() -> None:
    functional = pytest.importorskip("django.utils.functional")
    language = ["Hello"]
    text = functional.lazy(lambda: language[0], str)()
    assert sent([text]) == ["Hello"]
    language[0] = "Hallo"
    assert sent({text: text}) == {"Hallo": "Hallo"}


class FakeRows:
    """What Django's QuerySet is to us: a class of that name that can be iterated."""

    def __init__(self, rows: list[object]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[object]:
        return iter(self.rows)


QuerySet = type("QuerySet", (FakeRows,), {"__module__": "django.db.models.query"})
Model = type("Model", (), {"__module__": "django.db.models.base"})


def test_a_queryset_of_values_is_a_list_of_rows() -> None:
    assert sent(QuerySet([{"id": 1, "at": date(2024, 1, 1)}])) == [{"id": 1, "at": "2024-01-01"}]
    assert sent(QuerySet([(1, "a")])) == [[1, "a"]]


def test_a_model_is_refused_with_the_way_out() -> None:
    for value in (Model(), QuerySet([Model()])):
        with pytest.raises(SerializationError, match=r"queryset\.values"):
            to_wire(value)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.binary(max_size=8),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals(),
    st.uuids(),
    st.fractions(),
    st.sampled_from([Colour.RED, Level.HIGH, Order(1, date(2024, 1, 1)), Point(1, 2)]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=3), st.just("$"), st.integers()), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(values)
def test_whatever_is_sent_is_strict_json_with_every_binary_attached(value: object) -> None:
    wire = to_wire(value)
    markers: set[str] = set()

    def note(pairs: dict[str, Any]) -> dict[str, Any]:
        if "$" in pairs and isinstance(pairs["$"], list) and pairs["$"][:1] == ["binary"]:
            markers.add(pairs["$"][2])
        return pairs

    sent(value)
    json.loads(wire.json, object_hook=note)
    assert {binary.digest for binary in wire.binaries} <= markers


BLOCKED = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {absent!r}:
            return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
{code}
"""


def run_without(absent: set[str], code: str) -> str:
    """Run code in a fresh interpreter where some libraries cannot be imported."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(absent=absent, code=code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_serializers_imports_no_optional_library() -> None:
    code = (
        "import streamsync_django.core.serializers, streamsync_django.core.stored\n"
        "names = {'numpy', 'pandas', 'polars', 'pyarrow', 'matplotlib', 'plotly', 'altair', 'PIL', 'django'}\n"
        "print(sorted(names & set(sys.modules)))"
    )
    assert run_without(set(), code) == "[]"


def test_polars_needs_neither_pandas_nor_pyarrow() -> None:
    pytest.importorskip("polars")
    code = (
        "import polars\n"
        "from streamsync_django.core.serializers import to_wire\n"
        "from streamsync_django.core.stored import from_stored, to_stored\n"
        "frame = polars.DataFrame({'a': ['x', None], 'b': [1, 2]})\n"
        "class Relation:\n"
        "    def __arrow_c_stream__(self, requested_schema=None): return frame.__arrow_c_stream__(requested_schema)\n"
        "for value in (frame, Relation()):\n"
        "    assert polars.read_ipc_stream(to_wire(value).binaries[0].data).equals(frame)\n"
        "stored = to_stored(frame)\n"
        "assert stored.faithful and from_stored(stored.data).equals(frame)\n"
        "print('fine')"
    )
    assert run_without({"pandas", "pyarrow", "numpy"}, code) == "fine"


def test_pandas_does_not_need_polars() -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    code = (
        "import pandas\n"
        "from streamsync_django.core.serializers import to_wire\n"
        "print(to_wire(pandas.DataFrame({'a': [1]})).binaries[0].mime)"
    )
    assert run_without({"polars"}, code) == ARROW


def test_pandas_without_pyarrow_says_what_to_install() -> None:
    pytest.importorskip("pandas")
    code = (
        "import pandas\n"
        "from streamsync_django.core.errors import SerializationError\n"
        "from streamsync_django.core.serializers import to_wire\n"
        "try: to_wire(pandas.DataFrame({'a': [1]}))\n"
        "except SerializationError as error: print(error)"
    )
    assert "pip install pyarrow" in run_without({"polars", "pyarrow"}, code)
