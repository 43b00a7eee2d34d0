"""A change log makes every patch: whatever version a browser has, it gets what it misses."""

from __future__ import annotations

import json

from streamsync_django.core.changes import MAX_TOMBSTONES, ChangeLog, ElementChange, nest
from streamsync_django.core.recorder import ElementPath
from streamsync_django.core.serializers import encode_items, to_wire
from tests.reference_browser import Browser, patch_message


def put(*path: str, value: object) -> ElementChange:
    return ElementChange(path, to_wire(value))


def append(*path: str, items: list[object]) -> ElementChange:
    return ElementChange(path, encode_items(items), is_append=True)


def gone(*path: str) -> ElementChange:
    return ElementChange(path, None)


def base(**values: object) -> dict[ElementPath, object]:
    return {(key,): to_wire(value) for key, value in values.items()}


def test_a_patch_has_what_changed_after_a_version() -> None:
    log = ChangeLog({})
    log.apply([put("a", value=1), put("b", value=1)])
    log.apply([put("b", value=2)])
    log.apply([put("c", value=3)])
    newest = log.since(2)
    assert newest is not None
    assert patch_message(newest)["set"] == [[["c"], 3]]
    older = log.since(1)
    assert older is not None
    assert patch_message(older)["set"] == [[["b"], 2], [["c"], 3]]
    nothing = log.since(3)
    assert nothing is not None
    assert patch_message(nothing) == {"set": [], "del": [], "append": []}


def test_a_version_of_the_future_gets_a_snapshot() -> None:
    assert ChangeLog({}).since(1) is None


def test_an_append_is_one_only_to_a_browser_one_version_behind() -> None:
    log = ChangeLog(base(rows=[1]))
    log.apply([append("rows", items=[2])])
    log.apply([append("rows", items=[3, 4])])
    one, two = log.since(1), log.since(0)
    assert one is not None
    assert two is not None
    assert patch_message(one)["append"] == [[["rows"], [3, 4]]]
    assert patch_message(two)["set"] == [[["rows"], [1, 2, 3, 4]]]
    log.apply([put("other", value=1)])
    late = Browser(b'{"rows": [1, 2]}', 1)
    both = log.since(1)
    assert both is not None
    late.receive(both)
    assert late.state == {"rows": [1, 2, 3, 4], "other": 1}


def test_appending_to_an_empty_list_and_to_one_of_the_base() -> None:
    log = ChangeLog(base(empty=[], full=[0]))
    log.apply([append("empty", items=[1]), append("full", items=[1])])
    assert json.loads(log.snapshot()[0]) == {"empty": [1], "full": [0, 1]}
    log.apply([append("full", items=[])])
    assert json.loads(log.snapshot()[0])["full"] == [0, 1]


def test_private_elements_are_in_no_patch_and_no_snapshot() -> None:
    log = ChangeLog({})
    log.apply([put("_secret", value=1), put("a", "_b", "c", value=2), gone("_old"), put("a", "x", value=1)])
    patch = log.since(0)
    assert patch is not None
    assert patch_message(patch) == {"set": [[["a", "x"], 1]], "del": [], "append": []}
    assert json.loads(log.snapshot()[0]) == {"a": {"x": 1}}


def test_a_deletion_of_a_whole_branch_is_named_once() -> None:
    log = ChangeLog({})
    log.apply([put("a", "b", value=1), put("a", "c", value=1)])
    log.apply([gone("a", "b"), gone("a", "c"), gone("a")])
    patch = log.since(1)
    assert patch is not None
    assert patch.deleted == [("a",)]


def test_deletions_are_remembered_up_to_a_number_and_older_browsers_get_a_snapshot() -> None:
    log = ChangeLog({})
    for number in range(MAX_TOMBSTONES + 1):
        key = str(number)
        log.apply([put(key, value=1)])
        log.apply([gone(key)])
    assert log.since(1) is None
    assert log.since(log.horizon - 1) is None
    assert log.since(log.horizon) is not None
    assert log.snapshot()[0] == b"{}"


def test_deletions_of_the_base_are_never_forgotten_and_displace_no_others() -> None:
    keys = [str(number) for number in range(MAX_TOMBSTONES + 10)]
    log = ChangeLog(base(**dict.fromkeys(keys, 1)))
    log.apply([put("other", value=1)])
    log.apply([gone(key) for key in keys])
    log.apply([gone("other")])
    late = Browser(b'{"other": 1, "0": 1}', 1)
    patch = log.since(1)
    assert patch is not None
    late.receive(patch)
    assert late.state == {}
    assert json.loads(log.snapshot()[0]) == {}


def test_elements_keep_their_place_among_their_siblings() -> None:
    log = ChangeLog(base(a=1, b=2))
    log.apply([put("c", value=3)])
    log.apply([put("b", value=20)])
    log.apply([put("a", value=10)])
    assert list(json.loads(log.snapshot()[0])) == ["a", "b", "c"]
    log.apply([gone("a")])
    log.apply([put("a", value=5)])
    assert list(json.loads(log.snapshot()[0])) == ["b", "c", "a"]


def test_binaries_go_with_the_elements_that_name_them() -> None:
    log = ChangeLog({})
    picture = to_wire(b"picture")
    [binary] = picture.binaries
    log.apply([ElementChange(("a",), picture), put("b", value=1)])
    patch = log.since(0)
    assert patch is not None
    assert patch.binaries == {binary.digest: binary}
    assert log.binary(binary.digest) is binary
    assert log.snapshot()[1] == {binary.digest: binary}
    log.apply([put("a", value=1)])
    assert log.binary(binary.digest) is None


def test_a_key_that_marks_special_values_is_wrapped_in_a_snapshot() -> None:
    assert json.loads(nest([(("a", "$"), b"1")])) == {"a": {"$": ["object", {"$": 1}]}}
    assert Browser(nest([(("a", "$"), b"1"), (("$", "b"), b"2")])).state == {"a": {"$": 1}, "$": {"b": 2}}
