"""Lists, dicts and sets in the state tell it when they are changed in place."""

from __future__ import annotations

import copy
import heapq
import json
import pickle
import random
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamsync_django.core.root import StreamsyncState
from streamsync_django.core.sharing import SharedState
from streamsync_django.core.tracked import TrackedDict, TrackedList, TrackedSet
from tests.session_host import OpenPage


def test_tracked_containers_are_what_they_stand_for() -> None:
    page = OpenPage({"rows": [{"x": [1]}], "numbers": {1: "one"}, "set": {1}})
    rows, numbers, values = page.state["rows"], page.state["numbers"], page.state["set"]
    assert (type(rows), type(rows[0]), type(rows[0]["x"])) == (TrackedList, TrackedDict, TrackedList)
    assert (type(numbers), type(values)) == (TrackedDict, TrackedSet)
    assert rows == [{"x": [1]}]
    assert json.dumps(rows) == '[{"x": [1]}]'
    assert {**rows[0]} == {"x": [1]}
    assert rows + [2] == [{"x": [1]}, 2]  # noqa: RUF005 (the operator is what is tested)
    assert values | {2} == {1, 2}
    for plain in (copy.copy(rows), copy.deepcopy(rows), pickle.loads(pickle.dumps(rows))):
        assert type(plain) is list
        plain.append(1)
    assert type(copy.deepcopy(rows)[0]) is dict
    assert page.sent() == {}


CHANGES: list[tuple[str, Any, Callable[[Any], Any], Any]] = [
    ("insert", [1, 2], lambda x: x.insert(0, 0), [0, 1, 2]),
    ("set an item", [1, 2], lambda x: x.__setitem__(0, 5), [5, 2]),
    ("set a slice", [1, 2, 3], lambda x: x.__setitem__(slice(0, 2), [9]), [9, 3]),
    ("delete an item", [1, 2], lambda x: x.__delitem__(0), [2]),
    ("delete a slice", [1, 2, 3], lambda x: x.__delitem__(slice(1, 3)), [1]),
    ("pop", [1, 2], lambda x: x.pop(), [1]),
    ("remove", [1, 2], lambda x: x.remove(1), [2]),
    ("reverse", [1, 2], lambda x: x.reverse(), [2, 1]),
    ("sort", [2, 1], lambda x: x.sort(), [1, 2]),
    ("sort by key", [1, 2], lambda x: x.sort(key=lambda n: -n), [2, 1]),
    ("clear a list", [1], lambda x: x.clear(), []),
    ("multiply", [1], lambda x: x.__imul__(2), [1, 1]),
    ("shuffle", [1, 2, 3], lambda x: random.Random(1).shuffle(x), [2, 3, 1]),
    ("deep in rows", [{"x": [{"y": 1}]}], lambda x: x[0]["x"][0].update(y=2), [{"x": [{"y": 2}]}]),
    ("append in a row", [[1], [2]], lambda x: x[1].append(3), [[1], [2, 3]]),
    ("extend in a row", [[1]], lambda x: x[0].extend([2]), [[1, 2]]),
    ("set a key", {1: 1}, lambda x: x.__setitem__(2, 2), {"1": 1, "2": 2}),
    ("delete a key", {1: 1, 2: 2}, lambda x: x.__delitem__(1), {"2": 2}),
    ("pop a key", {1: 1, 2: 2}, lambda x: x.pop(1), {"2": 2}),
    ("popitem", {1: 1, 2: 2}, lambda x: x.popitem(), {"1": 1}),
    ("update", {1: 1}, lambda x: x.update({1: 2}, a=3), {"1": 2, "a": 3}),
    ("setdefault", {1: 1}, lambda x: x.setdefault(2, []).append(3), {"1": 1, "2": [3]}),
    ("merge in place", {1: 1}, lambda x: x.__ior__({2: 2}), {"1": 1, "2": 2}),
    ("clear a dict", {1: 1}, lambda x: x.clear(), {}),
    ("add", {1}, lambda x: x.add(2), [1, 2]),
    ("discard", {1, 2}, lambda x: x.discard(1), [2]),
    ("set update", {1}, lambda x: x.update({2}, [3]), [1, 2, 3]),
    ("union in place", {1}, lambda x: x.__ior__({2}), [1, 2]),
    ("intersection in place", {1, 2}, lambda x: x.__iand__({2}), [2]),
    ("difference in place", {1, 2}, lambda x: x.__isub__({2}), [1]),
    ("symmetric difference in place", {1, 2}, lambda x: x.__ixor__({2, 3}), [1, 3]),
    ("set pop", {1}, lambda x: x.pop(), []),
]


@pytest.mark.parametrize(("before", "change", "after"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_in_place_is_a_mutation(before: Any, change: Callable[[Any], Any], after: Any) -> None:
    page = OpenPage({"top": before, "deep": {"er": before}})
    change(page.state["top"])
    change(page.state["deep"]["er"])
    assert page.sent() == {"set": {"top": after, "deep.er": after}}


def test_appending_is_sent_as_an_append() -> None:
    page = OpenPage({"log": ["a"]})
    page.state["log"].append("b")
    page.state["log"].extend(["c", {"d": 1}])
    page.state["log"] += ["e"]
    assert page.sent() == {"append": {"log": ["b", "c", {"d": 1}, "e"]}}
    page.state["log"][3]["d"] = 2
    page.sent()
    page.state["log"].append("f")
    page.state["log"].sort(key=str)
    assert "append" not in page.sent()


def test_extending_by_nothing_sends_nothing() -> None:
    page = OpenPage({"log": ["a"]})
    page.state["log"].extend([])
    page.state["log"] += []
    assert page.sent() == {}


def test_a_list_can_be_extended_by_itself() -> None:
    page = OpenPage({"log": [1]})
    page.state["log"].extend(page.state["log"])
    assert page.sent() == {"append": {"log": [1]}}


def test_a_failed_change_changes_nothing() -> None:
    page = OpenPage({"rows": [1], "numbers": {1: 1}, "set": {1}})
    for change in (
        lambda: page.state["rows"].remove(5),
        lambda: page.state["rows"].pop(5),
        lambda: page.state["numbers"].pop(5),
        lambda: page.state["set"].remove(5),
        lambda: page.state["rows"].extend(5),
    ):
        with pytest.raises((ValueError, IndexError, KeyError, TypeError)):
            change()
    assert page.sent() == {}


def test_items_that_fail_to_come_change_nothing() -> None:
    page = OpenPage({"rows": [1], "numbers": {1: 1}, "set": {1}})

    def failing() -> Iterator[int]:
        yield 5
        raise ZeroDivisionError

    state = page.state
    for change in (
        state["rows"].extend,
        lambda items: state["rows"].__setitem__(slice(0, 1), items),
        state["numbers"].update,
        state["set"].update,
        state["set"].difference_update,
        state["set"].symmetric_difference_update,
        state["set"].intersection_update,
    ):
        with pytest.raises((ZeroDivisionError, TypeError)):
            change(failing())
        assert state == {"rows": [1], "numbers": {1: 1}, "set": {1}}
    assert page.sent() == {}


def test_a_sort_that_fails_half_way_is_sent_as_far_as_it_came() -> None:
    page = OpenPage({"rows": [3, 2, 1, "x", 0]})
    with pytest.raises(TypeError):
        page.state["rows"].sort()
    page.sent()
    assert page.browser.state["rows"] == page.state["rows"]


def test_rows_keep_their_identity_when_they_move() -> None:
    page = OpenPage({"rows": [{"n": 1}, {"n": 2}, {"n": 3}]})
    rows = page.state["rows"]
    row = rows.pop(0)
    rows.insert(2, row)
    assert rows[2] is row
    rows.sort(key=lambda each: -each["n"])
    assert rows[2] is row
    rows.append(rows.pop(0))
    page.sent()
    row["n"] = 10
    page.sent()
    assert page.browser.state["rows"] == [{"n": 2}, {"n": 10}, {"n": 3}]


def test_what_is_put_in_is_copied() -> None:
    page = OpenPage({"rows": [], "other": [{"x": 1}]})
    mine = {"x": [1]}
    page.state["rows"].append(mine)
    page.state["rows"].append(page.state["other"][0])
    page.sent()
    mine["x"].append(2)
    page.state["other"][0]["x"] = 2
    assert page.sent() == {"set": {"other": [{"x": 2}]}}
    assert page.state["rows"] == [{"x": [1]}, {"x": 1}]


def test_a_nested_state_in_a_list_becomes_a_row() -> None:
    page = OpenPage({"rows": [], "user": {"name": "x"}})
    page.state["rows"].append(page.state["user"])
    page.state["user"]["name"] = "y"
    page.state["rows"][0]["name"] = "z"
    page.sent()
    assert page.browser.state == {"rows": [{"name": "z"}], "user": {"name": "y"}}


def test_dicts_and_lists_of_the_standard_library_are_followed() -> None:
    page = OpenPage({})
    page.state["rows"] = [OrderedDict(a=1), defaultdict(list, b=[2])]
    page.state["nested"] = defaultdict(int, c=3)
    page.sent()
    page.state["rows"][0]["a"] = 10
    page.state["rows"][1]["b"].append(20)
    page.state["nested"]["c"] += 1
    assert page.sent() == {"set": {"rows": [{"a": 10}, {"b": [2, 20]}], "nested.c": 4}}


def test_a_class_of_somebody_elses_stays_what_it_is() -> None:
    class Stack(list[int]):
        def peek(self) -> int:
            return self[-1]

    page = OpenPage({"stack": Stack([1, 2])})
    assert page.state["stack"].peek() == 2
    page.state["stack"].append(3)
    assert page.sent() == {}
    page.state["stack"] = page.state["stack"]
    assert page.sent() == {"set": {"stack": [1, 2, 3]}}


def test_a_list_that_contains_itself_stops_nobody_else() -> None:
    page = OpenPage({"rows": [1], "n": 1})
    page.state["rows"].append(page.state["rows"])
    page.state["n"] = 2
    assert page.sent() == {"set": {"n": 2}}
    [failure] = page.host.failures
    assert "contains itself" in failure.message
    page.state["rows"].pop()
    page.sent()
    assert page.browser.state == {"rows": [1], "n": 2}


# Rows that shifted: an index drawn before may mean another row


SHIFTS: list[tuple[str, Callable[[Any], Any], bool]] = [
    ("append", lambda rows: rows.append({}), False),
    ("extend", lambda rows: rows.extend([{}]), False),
    ("a field of a row", lambda rows: rows[0].update(n=5), False),
    ("a new row at the place of an old one", lambda rows: rows.__setitem__(0, {"n": 5}), False),
    ("pop", lambda rows: rows.pop(0), True),
    ("insert", lambda rows: rows.insert(0, {}), True),
    ("reverse", lambda rows: rows.reverse(), True),
    ("sort", lambda rows: rows.sort(key=str), True),
    ("delete", lambda rows: rows.__delitem__(0), True),
    ("clear", lambda rows: rows.clear(), True),
    ("replace a slice", lambda rows: rows.__setitem__(slice(0, 1), []), True),
    ("a swap", lambda rows: rows.__setitem__(0, rows[1]), True),
    ("a shuffle", lambda rows: random.Random(1).shuffle(rows), True),
]


@pytest.mark.parametrize(("change", "shifts"), [s[1:] for s in SHIFTS], ids=[s[0] for s in SHIFTS])
def test_only_what_moves_rows_counts_as_a_shift(change: Callable[[Any], Any], shifts: bool) -> None:
    page = OpenPage({"rows": [{"n": 1}, {"n": 2}, {"n": 3}]})
    drawn_at = page.session.version
    change(page.state["rows"])
    assert page.session.rows_shifted_since(("rows",), drawn_at) is shifts
    page.sent()
    assert page.session.rows_shifted_since(("rows",), drawn_at) is shifts
    assert page.session.rows_shifted_since(("rows",), page.session.version) is False
    assert page.session.rows_shifted_since(("other",), drawn_at) is False


def test_replacing_or_deleting_what_holds_the_rows_shifts_them() -> None:
    page = OpenPage({"a": {"rows": [1]}, "b": {"rows": [1]}})
    page.state["a"] = {"rows": [2]}
    del page.state["b"]
    page.sent()
    assert page.session.rows_shifted_since(("a", "rows"), 0)
    assert page.session.rows_shifted_since(("b", "rows"), 0)


def test_rows_that_shifted_but_could_not_be_sent_stay_shifted() -> None:
    page = OpenPage({"rows": [1, 2, 3]})
    page.state["rows"].pop(0)
    page.state["rows"].append(object())
    page.sent()
    assert page.browser.state == {"rows": [1, 2, 3]}
    assert page.session.rows_shifted_since(("rows",), page.session.version)
    page.state["rows"].pop()
    page.sent()
    assert page.browser.state == {"rows": [2, 3]}
    assert not page.session.rows_shifted_since(("rows",), page.session.version)
    assert page.session.rows_shifted_since(("rows",), 0)


def test_containers_of_the_state_print_as_those_they_stand_for() -> None:
    state = OpenPage({"tags": {1}, "rows": [{"tags": {2}}], "numbers": {1: {3}}}).state
    assert f"{state['tags']} {state['rows']} {state['numbers']}" == "{1} [{'tags': {2}}] {1: {3}}"
    assert repr(state) == "{'tags': {1}, 'rows': [{'tags': {2}}], 'numbers': {1: {3}}}"


def test_assigning_a_list_to_itself_sends_what_c_code_changed_also_after_an_extension() -> None:
    page = OpenPage({"queue": [5, 3], "things": []})
    queue, things = page.state["queue"], page.state["things"]
    queue += [9]
    things += [[1]]
    page.sent()
    heapq.heappush(page.state["queue"], 1)
    page.state["queue"] = page.state["queue"]
    assert page.sent() == {"set": {"queue": [1, 5, 9, 3]}}
    queue += [7]
    heapq.heappush(queue, 0)
    page.state["queue"] = queue
    assert page.sent() == {"set": {"queue": [0, 5, 1, 3, 7, 9]}}
    page.state["queue"] += [8]
    assert page.sent() == {"append": {"queue": [8]}}
    queue += [2, 4]
    list.sort(queue)  # past the methods that are followed, and as long as it was
    page.state["queue"] = queue
    assert page.sent() == {"set": {"queue": [0, 1, 2, 3, 4, 5, 7, 8, 9]}}


def test_what_is_added_by_assignment_is_sent_as_an_append_however_the_list_is_reached() -> None:
    class Queue(StreamsyncState):
        items_left: list[int]

    page = OpenPage({"items_left": [1], "deep": {"list": [1]}}, Queue)
    page.state["deep"]["list"] += [2]
    assert page.sent() == {"append": {"deep.list": [2]}}
    state: Any = page.state
    state.items_left += [2]
    assert page.sent() == {"append": {"items_left": [2]}}
    shared = SharedState.begin({"votes": [1]})
    votes = shared["votes"]
    shared["votes"] += [2]
    assert votes == shared["votes"] == [1, 2]
