"""What goes into the store comes back."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import pickle
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.files import BytesWrapper, pack_bytes, pack_file
from streamsync_django.core.own_modules import working_for
from streamsync_django.core.serializers import to_wire
from streamsync_django.core.stored import (
    Codec,
    accept_pickles,
    encode_stored_items,
    from_stored,
    list_header,
    register_codec,
    to_stored,
)
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.loader import LoadedApplication, load_application
from tests.making_apps import make_app


def kept(value: object) -> Any:
    """Store a value faithfully and read it back."""
    stored = to_stored(value)
    assert stored.faithful
    return from_stored(stored.data)


class Colour(enum.Enum):
    RED = ("red", 1)


class Level(enum.IntFlag):
    LOW = 1
    HIGH = 2


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Order:
    number: int
    lines: list[Decimal]


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    colour: Colour
    at: date = date(2024, 1, 1)


class Odd:
    """Has a wire form and no stored one."""

    def __init__(self, value: object) -> None:
        self.value = value

    def to_dict(self) -> dict[str, object]:
        return {"value": self.value}


class Tracked(list[object]):
    """Stands for the state's own containers."""


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        2**53,
        2**63 - 1,
        2**63,
        -(2**63),
        -(2**63) - 1,
        10**40,
        1.5,
        math.inf,
        "",
        "é",
        "\ud800",
        b"\x00",
        bytearray(b"a"),
        [],
        [1, [2, (3,)]],
        (),
        (1, ("a",)),
        {1, "a", (2,)},
        frozenset({1}),
        {},
        {"a": {"b": (1,)}},
        {1: "a", None: 2, (1, 2): 3, 2.5: 4, "x": 5},
        {"\ud800": 1},
        deque([1, 2], maxlen=2),
        range(1, 9, 2),
        date(2024, 1, 31),
        datetime(2024, 1, 31, 10, 0, 0, 5),
        datetime(2024, 1, 31, tzinfo=UTC),
        datetime(2024, 1, 31, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        time(9, 5, 0, 7),
        time(9, tzinfo=UTC),
        timedelta(days=-1, microseconds=3),
        Decimal("1.10"),
        Decimal("Infinity"),
        UUID(int=7),
        Fraction(1, 3),
        Path("a/b"),
        Colour.RED,
        Level.LOW | Level.HIGH,
        Point(1, 2),
        Order(1, [Decimal("1.1")]),
        Frozen(Colour.RED),
        pack_bytes(b"abc", "text/plain"),
        pack_file("somewhere.txt"),
    ],
    # A set's repr has another order in every process.
    ids=lambda value: "a set of several" if value == {1, "a", (2,)} else repr(value),
)
def test_a_value_comes_back_equal_and_of_its_type(value: object) -> None:
    assert kept(value) == value
    assert type(kept(value)) is type(value)
    assert kept({"deep": [value]}) == {"deep": [value]}


def test_not_a_number_comes_back() -> None:
    assert math.isnan(kept(math.nan))
    assert Decimal("NaN").compare_total(kept(Decimal("NaN"))) == 0


def test_true_is_not_one_after_a_round_trip() -> None:
    assert [type(item) for item in kept([True, 1, 1.0])] == [bool, int, float]


def test_a_named_time_zone_and_its_fold_come_back() -> None:
    moment = datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    assert kept(moment).tzinfo is moment.tzinfo
    assert kept(moment).fold == 1
    assert kept(moment).utcoffset() == moment.utcoffset()


def test_a_time_zone_nobody_can_find_again_is_not_called_faithful() -> None:
    class Home(tzinfo):
        def utcoffset(self, _moment: datetime | None) -> timedelta:
            return timedelta(hours=1)

        def dst(self, _moment: datetime | None) -> None:
            return None

        def tzname(self, _moment: datetime | None) -> None:
            return None

    stored = to_stored(datetime(2024, 1, 31, tzinfo=Home()))
    assert not stored.faithful
    assert from_stored(stored.data) == "2024-01-31 00:00:00+01:00"


def test_subclasses_of_containers_come_back_as_what_they_derive_from() -> None:
    assert type(kept(Tracked([1]))) is list
    assert kept({"a": Tracked([1, Tracked([(2,)])])}) == {"a": [1, [(2,)]]}
    ordered = OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    assert list(kept(ordered)) == list(kept([ordered])[0]) == ["b", "a"]
    assert type(kept({"a": type("S", (str,), {})("x")})["a"]) is str


def test_a_list_grows_by_concatenation() -> None:
    data = to_stored([1, (2,)]).data
    more = encode_stored_items([date(2024, 1, 31)])
    assert more is not None
    assert from_stored(data + more + more) == [1, (2,), date(2024, 1, 31), date(2024, 1, 31)]
    assert from_stored(list_header()) == []
    assert from_stored(list_header() + more) == [date(2024, 1, 31)]


def test_items_without_a_faithful_form_are_not_appended() -> None:
    assert encode_stored_items([1, Odd(2)]) is None


def test_an_enum_or_class_that_is_gone_leaves_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = [to_stored(value).data for value in (Colour.RED, Frozen(Colour.RED), Point(1, 2))]
    for name in ("Colour", "Frozen", "Point"):
        monkeypatch.delattr(sys.modules[__name__], name)
    assert [from_stored(data) for data in stored] == [
        ("red", 1),
        {"colour": ("red", 1), "at": date(2024, 1, 1)},
        (1, 2),
    ]


def test_a_field_added_since_gets_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_stored(Order(1, [])).data
    newer = dataclasses.make_dataclass(
        "Order", [("number", int), ("note", str, dataclasses.field(default="-"))]
    )
    monkeypatch.setattr(sys.modules[__name__], "Order", newer)
    assert from_stored(data) == newer(1)
    stricter = dataclasses.make_dataclass("Order", ["number", "price"])
    monkeypatch.setattr(sys.modules[__name__], "Order", stricter)
    assert from_stored(data) == {"number": 1, "lines": []}


def test_stored_bytes_cannot_name_just_any_class(monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_stored(Colour.RED).data
    monkeypatch.setattr(sys.modules[__name__], "Colour", threading.Thread)
    assert from_stored(data) == ("red", 1)
    data = to_stored(Order(1, [])).data
    monkeypatch.setattr(sys.modules[__name__], "Order", threading.Thread)
    assert from_stored(data) == {"number": 1, "lines": []}


def test_reading_imports_no_module_that_stored_bytes_name(monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_stored(Level.HIGH).data
    monkeypatch.delitem(sys.modules, __name__)
    assert from_stored(data) == 2
    assert __name__ not in sys.modules


def test_looking_for_a_class_runs_no_code_of_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_stored(Level.HIGH).data
    asked: list[str] = []
    lazy = ModuleType(__name__)
    lazy.__getattr__ = asked.append  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, __name__, lazy)
    assert from_stored(data) == 2
    assert asked == []


@pytest.fixture
def two_loadings(tmp_path: Path) -> Iterator[list[LoadedApplication]]:
    """Load one application twice, as two processes do, or a developer who saves it."""
    main = """
        import dataclasses, enum, typing

        class Mood(enum.Enum):
            GOOD = 1

        class Point(typing.NamedTuple):
            x: int

        @dataclasses.dataclass
        class Order:
            mood: Mood

        class Odd:
            def __init__(self, value):
                self.value = value
            def to_dict(self):
                return {"value": self.value}

        def local():
            class Inner(enum.Enum):
                A = 1
            return Inner.A
    """
    folder = make_app(tmp_path, main, name="shop")
    loaded = [load_application("shop", folder, FileLayouts()) for _ in range(2)]
    yield loaded
    for application in loaded:
        application.generation.retire()


def _main(application: LoadedApplication) -> Any:
    return sys.modules[f"{application.generation.name}.main"]


@pytest.mark.usefixtures("signing")
def test_classes_of_an_application_are_found_in_whatever_loading_reads_them(
    two_loadings: list[LoadedApplication],
) -> None:
    (writer, reader), (there, here) = two_loadings, map(_main, two_loadings)
    writer.generation.retire()  # a session that goes on after a reload has values of the old classes
    value = [there.Order(there.Mood.GOOD), there.Point(1), there.Odd({"a": there.Mood.GOOD}), there.Order]
    plain, odd = to_stored(value[:2]), to_stored(value[2:])
    assert plain.faithful
    assert odd.faithful
    assert writer.generation.name.encode() not in plain.data + odd.data
    with working_for(reader.generation.name):
        order, point = from_stored(plain.data)  # type: ignore[misc]
        read = from_stored(odd.data)
    assert (type(order), order.mood, point) == (here.Order, here.Mood.GOOD, here.Point(1))
    assert type(point) is here.Point
    assert isinstance(read, list)
    assert (type(read[0]), read[0].value, read[1]) == (here.Odd, {"a": here.Mood.GOOD}, here.Order)
    assert from_stored(plain.data) == [{"mood": 1}, (1,)], "nobody is at work"
    assert not is_faithful_without_pickles(there.local())


def is_faithful_without_pickles(value: object) -> bool:
    accept_pickles(())
    return to_stored(value).faithful


def test_a_dataclass_with_more_than_its_fields_is_not_called_faithful() -> None:
    order = Order(1, [])
    order.extra = 1  # type: ignore[attr-defined]
    assert not to_stored(order).faithful


def test_what_has_no_stored_form_is_kept_as_the_browser_saw_it() -> None:
    stored = to_stored({"a": Odd((1, b"abc")), "$": [date(2024, 1, 31)]})
    assert not stored.faithful
    restored = from_stored(stored.data)
    assert restored == {
        "a": {"value": [1, BytesWrapper(b"abc", "application/octet-stream")]},
        "$": ["2024-01-31"],
    }
    assert to_wire(restored) == to_wire({"a": Odd((1, b"abc")), "$": [date(2024, 1, 31)]})


def test_a_known_wire_form_is_not_made_again() -> None:
    asked = []

    class Costly:
        def to_dict(self) -> dict[str, int]:
            asked.append(self)
            return {"a": 1}

    value = Costly()
    stored = to_stored(value, wire=to_wire(value))
    assert from_stored(stored.data) == {"a": 1}
    assert len(asked) == 1


def test_a_value_without_any_form_is_named() -> None:
    with pytest.raises(SerializationError, match="object"):
        to_stored(object())


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop += [(loop,), (loop,)]
    with pytest.raises(SerializationError, match="contains itself"):
        to_stored(loop)
    deep: object = ()
    for _ in range(10_000):
        deep = (deep,)
    with pytest.raises(SerializationError, match="levels deep"):
        to_stored(deep)


@pytest.fixture
def signing() -> Iterator[None]:
    """A process that pickles what no codec knows."""
    accept_pickles([b"key"])
    yield
    accept_pickles(())


@pytest.mark.usefixtures("signing")
def test_a_pickle_needs_the_key_it_was_signed_with() -> None:
    stored = to_stored(Odd(3))
    assert stored.faithful
    accept_pickles([b"newer", b"key"])
    restored = from_stored(stored.data)
    assert isinstance(restored, Odd)
    assert restored.value == 3
    accept_pickles([b"other"])
    for forged in (stored.data, stored.data[:-1] + b"x", b"p" + pickle.dumps(3)):
        with pytest.raises(SerializationError, match="wrong signature"):
            from_stored(forged)
    accept_pickles(())
    with pytest.raises(SerializationError, match="STORE_PICKLE is off"):
        from_stored(stored.data)


@pytest.mark.usefixtures("signing")
def test_a_key_does_not_make_pickles_of_what_has_a_stored_form() -> None:
    plain = to_stored((1, date(2024, 1, 31)))
    assert plain.data[:1] == b"m"


@pytest.mark.usefixtures("signing")
def test_what_cannot_be_pickled_falls_back_to_its_wire_form() -> None:
    stored = to_stored(Odd(threading.Lock))
    assert stored.faithful
    unpicklable = Odd(1)
    unpicklable.lock = threading.Lock()  # type: ignore[attr-defined]
    assert from_stored(to_stored(unpicklable).data) == {"value": 1}


@pytest.mark.parametrize(
    "data", [b"", b"z", b"m", b"m\xc1", b"l\x00\x00\x00\x09\x90", b"l\x01", b"w\x90", b"m\xc7\x01\x7f\xc0"]
)
def test_bytes_that_are_no_stored_value_are_refused(data: bytes) -> None:
    with pytest.raises(SerializationError):
        from_stored(data)


def test_a_class_can_be_given_a_codec() -> None:
    class Money:
        def __init__(self, cents: int) -> None:
            self.cents = cents

    register_codec(
        Money, Codec(100, lambda money: {"cents": money.cents}, lambda parts: Money(parts["cents"]))
    )
    assert kept([Money(5)])[0].cents == 5

    class Talk(list[object]):
        pass

    register_codec(Talk, Codec(101, list, Talk))
    assert type(kept(Talk([1]))) is Talk
    assert type(kept({"a": Talk([1])})["a"]) is Talk
    with pytest.raises(SerializationError, match="taken"):
        register_codec(Odd, Codec(100, str, str))


def test_pandas_values_come_back() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "a": [1, 2],
            "b": ["x", None],
            "c": pd.Categorical(["u", "v"]),
            "d": pd.to_datetime(["2024-01-31", None]),
        },
        index=pd.Index([5, 7], name="key"),
    )
    numbered = pd.DataFrame([[1, 2.5]], columns=[3, 4])
    grouped = pd.DataFrame({("a", "b"): [1], ("a", "c"): [2]}, index=pd.MultiIndex.from_tuples([("x", 1)]))
    for table in (frame, numbered, grouped, frame.iloc[:0]):
        pd.testing.assert_frame_equal(kept([table])[0], table)
    for series in (pd.Series([1, None], name="n"), pd.Series(["x"], index=["i"])):
        pd.testing.assert_series_equal(kept(series), series)
    for zone in (None, "UTC", "Europe/Berlin", timezone(timedelta(hours=2))):
        moment = pd.Timestamp("2024-01-31 10:00:00.123456789", tz=zone)
        assert kept(moment) == moment
        assert kept(moment).utcoffset() == moment.utcoffset()
    assert kept(pd.Timedelta("1ns")) == pd.Timedelta("1ns")
    restored = kept([pd.NaT, pd.NA])
    assert restored[0] is pd.NaT
    assert restored[1] is pd.NA


def test_a_table_that_would_change_is_not_called_faithful() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    assert not to_stored(pd.DataFrame({"a": [1], 2: [3]})).faithful
    stored = to_stored(pd.DataFrame({"a": [1, None]}, dtype=object))
    assert not stored.faithful
    table = from_stored(stored.data)
    assert isinstance(table, BytesWrapper)
    assert table.mime_type == "application/vnd.apache.arrow.stream"


def test_polars_values_come_back() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [[1], []], "d": [date(2024, 1, 31), None]})
    assert kept(frame).equals(frame)
    assert kept(frame).schema == frame.schema
    for series in (pl.Series("a", [1, None]), pl.Series(["x"])):
        assert kept(series).equals(series, check_names=True, check_dtypes=True)


def test_arrow_tables_come_back() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"a": [1, None], "b": ["x", "y"]})
    assert kept(table).equals(table)
    assert kept(table.to_batches()[0]).equals(table.to_batches()[0])
    empty = pa.RecordBatch.from_pydict({"a": pa.array([], pa.int8())})
    assert kept(empty).equals(empty)


def test_numpy_values_come_back() -> None:
    np = pytest.importorskip("numpy")
    arrays = [
        np.arange(6, dtype="int16").reshape(2, 3),
        np.asfortranarray([[1.0, np.nan], [2.0, 3.0]]),
        np.array(["a", "bcd"]),
        np.array(["2024-01-31", "NaT"], dtype="datetime64[D]"),
        np.zeros((2, 0)),
        np.array(5),
        np.array([1 + 2j]),
    ]
    for array in arrays:
        restored = kept(array)
        assert restored.dtype == array.dtype
        np.testing.assert_array_equal(restored, array)
        assert restored.flags.writeable
    for scalar in (np.float32(0.5), np.int64(3), np.bool_(True), np.datetime64("2024-01-31"), np.str_("a")):
        assert kept(scalar) == scalar
        assert type(kept(scalar)) is type(scalar)
    assert not to_stored(np.array([None, 1], dtype=object)).faithful


def test_a_plotly_figure_comes_back() -> None:
    go = pytest.importorskip("plotly.graph_objects")
    figure = go.Figure(go.Bar(x=["a"], y=[1]), layout={"title": "T"})
    restored = kept(figure)
    assert type(restored) is go.Figure
    assert json.loads(restored.to_json()) == json.loads(figure.to_json())


def test_altair_charts_come_back() -> None:
    alt = pytest.importorskip("altair")
    chart = alt.Chart(alt.Data(values=[{"a": 1}])).mark_bar().encode(x="a:Q")
    for value in (chart, chart + chart, chart | chart):
        assert type(kept(value)) is type(value)
        assert kept(value).to_dict().keys() - {"data", "datasets"} == value.to_dict().keys() - {
            "data",
            "datasets",
        }
        assert '[{"a": 1}]' in json.dumps(kept(value).to_dict())


def test_pictures_come_back() -> None:
    pillow = pytest.importorskip("PIL.Image")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "HSV", "I;16", "I"):
        image = pillow.effect_noise((3, 2), 50).convert("RGB" if mode in ("HSV", "P") else "L")
        image = image.convert("I").convert(mode) if mode == "I;16" else image.convert(mode)
        restored = kept(image)
        assert (restored.mode, restored.size) == (mode, (3, 2))
        assert restored.tobytes() == image.tobytes()


def test_a_matplotlib_figure_is_kept_as_its_picture() -> None:
    figures = pytest.importorskip("matplotlib.figure")
    stored = to_stored(figures.Figure(figsize=(1, 1)))
    assert not stored.faithful
    picture = from_stored(stored.data)
    assert isinstance(picture, BytesWrapper)
    assert picture.mime_type == "image/png"


hashable = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(max_size=8),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=5, seconds=7))])),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.fractions(),
    st.sampled_from([*Colour, *Level, Frozen(Colour.RED), Point(1, 2)]),
)
values = st.recursive(
    hashable,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=3), hashable), inner, max_size=4),
        st.frozensets(hashable, max_size=4),
        st.sets(hashable, max_size=4),
        st.builds(Order, st.integers(), inner),
    ),
    max_leaves=12,
)


def shape(value: object) -> object:
    """Types, recursively: equality alone takes True for 1."""

    def inner() -> Iterator[object]:
        if isinstance(value, dict):
            yield from ((shape(key), shape(item)) for key, item in value.items())
        elif isinstance(value, list | tuple):
            yield from map(shape, value)

    return type(value), tuple(inner())


@given(values)
def test_any_mixture_comes_back(value: object) -> None:
    assert kept(value) == value
    assert shape(kept(value)) == shape(value)


@given(st.binary(max_size=60), st.sampled_from([b"m", b"l", b"w", b"p"]))
def test_rubbish_raises_nothing_but_a_serialization_error(data: bytes, tag: bytes) -> None:
    try:
        from_stored(tag + data)
    except SerializationError:
        pass
