"""Tables that a visitor edits, by pandas, polars or plain dicts; and values that tell of their own changes."""

import copy
import pickle

import pytest

from streamsync_django.core.base import Base
from streamsync_django.core.editable import EditableDataFrame, EditableDataframe
from streamsync_django.core.errors import StateError
from streamsync_django.core.mutable import MutableValue
from streamsync_django.core.recorder import WHOLE, Recorder
from streamsync_django.core.root import StreamsyncState
from streamsync_django.core.serializers import to_wire
from streamsync_django.core.stored import from_stored, to_stored

ROWS = [{"name": "Ada", "age": 36}, {"name": "Bo", "age": 4}]


def as_rows():
    return [dict(row) for row in ROWS]


def as_pandas():
    return pytest.importorskip("pandas").DataFrame(ROWS)


def as_polars():
    return pytest.importorskip("polars").DataFrame(ROWS)


@pytest.fixture(params=[as_rows, as_pandas, as_polars])
def table(request):
    return EditableDataFrame(request.param())


def session_of(values):
    recorder = Recorder()
    return Base.of(StreamsyncState(values)).new_state(recorder), recorder


def names(table):
    return [row["name"] for row in table.pyarrow_table().to_pylist()]


def test_rows_are_added_updated_read_and_removed(table):
    before = table.df
    table.record_add({"record": {"name": "Cy", "age": 7}, "record_index": 2})
    assert table.record(2) == {"name": "Cy", "age": 7}
    table.record_update({"record": {"name": "Al", "age": 37}, "record_index": 0})
    table.record_remove({"record_index": 1})
    assert names(table) == ["Al", "Cy"]
    assert len(before) == 2


def test_types_of_columns_stay(table):
    kind = table.pyarrow_table().schema.field("age").type
    table.record_add({"record": {"name": "Cy", "age": 7}})
    table.record_update({"record": {"name": "Cy", "age": 8}, "record_index": 0})
    assert table.pyarrow_table().schema.field("age").type == kind


def test_a_missing_value_is_no_error(table):
    table.record_add({"record": {"name": None, "age": None}})
    assert table.pyarrow_table().to_pylist()[-1] == {"name": None, "age": None}


@pytest.mark.parametrize("record", [{"name": "Cy"}, {"name": "Cy", "age": 1, "x": 2}, {}, None])
def test_columns_that_do_not_match_are_refused(table, record):
    with pytest.raises(ValueError, match=r"lacks|unknown|expected"):
        table.record_add({"record": record})
    with pytest.raises(ValueError, match=r"lacks|unknown|expected"):
        table.record_update({"record": record, "record_index": 0})
    assert names(table) == ["Ada", "Bo"]


@pytest.mark.parametrize("index", [-1, 2, None, True, 1.0])
def test_a_row_that_is_not_there_is_refused(table, index):
    with pytest.raises(ValueError, match="number of a row"):
        table.record_remove({"record_index": index})


@pytest.mark.parametrize("value", [None, {"a": 1}, [1, 2], "text"])
def test_other_tables_are_refused(value):
    with pytest.raises(ValueError, match="takes a pandas or polars DataFrame"):
        EditableDataFrame(value)


def test_a_pandas_index_may_be_in_the_record_or_not():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS).set_index("name")
    table = EditableDataFrame(frame)
    table.record_add({"record": {"name": "Cy", "age": 7}})
    table.record_update({"record": {"age": 5}, "record_index": 1})
    assert table.record(2) == {"name": "Cy", "age": 7}
    assert table.df["age"].to_dict() == {"Ada": 36, "Bo": 5, "Cy": 7}
    numbered = EditableDataFrame(pandas.DataFrame({"age": [1, 2]}, index=[10, 20]))
    numbered.record_add({"record": {"age": 3}})
    assert list(numbered.df.index) == [10, 20, 21]


def test_dates_that_come_as_text_stay_dates():
    pandas = pytest.importorskip("pandas")
    table = EditableDataFrame(pandas.DataFrame({"day": pandas.to_datetime(["2024-01-01"])}))
    table.record_add({"record": {"day": "2024-02-03"}})
    assert table.df["day"].dtype.kind == "M"
    table.record_add({"record": {"day": "never"}})
    assert table.df["day"].iloc[2] == "never"


def test_an_empty_table_grows():
    pandas = pytest.importorskip("pandas")
    table = EditableDataFrame(pandas.DataFrame({"a": pandas.Series([], dtype="int64")}))
    table.record_add({"record": {"a": 1}})
    assert table.record(0) == {"a": 1}
    empty = EditableDataFrame([])
    empty.record_add({"record": {"a": 1}})
    assert empty.df == [{"a": 1}]


def test_a_change_is_a_mutation_without_assignment(table):
    state, recorder = session_of({"view": {"table": table}})
    state["view"]["table"].record_remove({"record_index": 0})
    assert recorder.marks == {("view", "table"): WHOLE}
    assert names(table) == ["Ada", "Bo"], "the application's own value is shared by nobody"


def test_a_table_that_left_the_state_marks_nothing(table):
    state, recorder = session_of({})
    state["a"] = table
    state["b"] = table
    del state["a"]
    recorder.take_marks()
    table.df = table.df
    assert recorder.take_marks() == {("b",): WHOLE}
    state["b"] = 1
    recorder.take_marks()
    table.df = table.df
    assert recorder.marks == {}


def test_a_change_triggers_subscriptions(table):
    seen = []
    initial = StreamsyncState({"table": table})
    initial.subscribe_mutation("table", lambda payload: seen.append(payload["new_value"]))
    state = Base.of(initial).new_state(Recorder())
    state["table"].record_remove({"record_index": 0})
    assert seen == [state["table"]]


def test_it_is_sent_as_the_table_it_holds(table):
    assert to_wire(table) == to_wire(table.df)


def test_it_comes_back_from_the_store_as_it_was(table):
    stored = to_stored(table)
    assert stored.faithful
    restored = from_stored(stored.data)
    assert isinstance(restored, EditableDataFrame)
    assert names(restored) == ["Ada", "Bo"]


def test_the_earlier_name_is_the_same_class():
    assert EditableDataframe is EditableDataFrame


class Counter(MutableValue):
    def __init__(self):
        self.count = 0

    def up(self):
        self.count += 1
        self.mutate()

    def to_dict(self):
        return {"count": self.count}


def test_a_class_of_the_authors_own_tells_of_its_changes():
    state, recorder = session_of({})
    state["counter"] = Counter()
    recorder.take_marks()
    state["counter"].up()
    assert recorder.marks == {("counter",): WHOLE}
    assert to_wire(state["counter"]).json == b'{"count":1}'


def test_a_copy_is_in_no_state():
    state, recorder = session_of({"counter": Counter()})
    value = state["counter"]
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        other.up()
    assert recorder.marks == {}
    with pytest.raises(StateError):
        EditableDataFrame(3)
