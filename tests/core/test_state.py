"""A state is a mapping that knows what was assigned."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import enum
import json
import pickle
from decimal import Decimal
from typing import Any, ClassVar, Optional

import pytest

from streamsync_django.core.errors import StateError
from streamsync_django.core.root import StreamsyncState
from streamsync_django.core.state import State
from streamsync_django.core.tracked import TrackedDict
from tests.session_host import OpenPage, SessionHost, make_application


class Opaque:
    """An object of the author's, as the state cannot look into it."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def to_dict(self) -> dict[str, Any]:
        return {"content": self.content}


@dataclasses.dataclass
class Holder:
    user: Any
    rows: Any


# Reading


def test_a_nested_state_is_a_dict_to_python() -> None:
    state = OpenPage({"user": {"name": "Ada", "tags": ["x"]}}).state
    assert isinstance(state, dict)
    assert isinstance(state["user"], dict)
    assert json.loads(json.dumps(state)) == {"user": {"name": "Ada", "tags": ["x"]}}
    assert {**state} == {"user": {"name": "Ada", "tags": ["x"]}}
    assert dict(**state["user"]) == {"name": "Ada", "tags": ["x"]}
    assert dict(state) == state == {"user": {"name": "Ada", "tags": ["x"]}}
    assert state | {"more": 1} == {"user": state["user"], "more": 1}
    assert {"more": 1} | state == {"more": 1, "user": state["user"]}
    assert list(state) == ["user"]
    assert [*state["user"].values()] == ["Ada", ["x"]]
    assert [*state["user"].items()] == [("name", "Ada"), ("tags", ["x"])]
    assert len(state) == 1
    assert "user" in state
    assert state != {"user": {}}


def test_a_state_is_made_in_every_way_of_a_dict() -> None:
    assert (
        State({"a": 1}, b=2)
        == State([("a", 1)], b=2)
        == State(iter([("a", 1), ("b", 2)]))
        == {"a": 1, "b": 2}
    )
    assert State() == State(None) == {}
    nested = OpenPage({"user": {"name": "Ada"}, "rows": [{"x": 1}]}).state
    values = dataclasses.asdict(Holder(nested["user"], nested["rows"]))  # makes each dict anew by its class
    assert values == {"user": {"name": "Ada"}, "rows": [{"x": 1}]}


def test_keys_that_do_not_exist_read_none() -> None:
    state = OpenPage({"user": {}}).state
    assert state["nothing"] is None
    assert state["user"]["nothing"] is None
    assert state.get("nothing") is None
    assert state.get("nothing", 5) == 5
    assert "nothing" not in state
    assert state["user"] == {}


def test_copies_and_pickles_are_plain_and_belong_to_no_session() -> None:
    page = OpenPage({"user": {"tags": [{"a": 1}]}, "s": {1}})
    plain = {"user": {"tags": [{"a": 1}]}, "s": {1}}
    for copied in (
        copy.deepcopy(page.state),
        pickle.loads(pickle.dumps(page.state)),
        page.state.to_raw_state(),
    ):
        assert copied == plain
        assert type(copied) is dict
        assert type(copied["user"]) is dict
        assert type(copied["user"]["tags"]) is list
        assert type(copied["user"]["tags"][0]) is dict
        copied["user"]["tags"].append(2)
    assert page.sent() == {}
    assert type(page.state.copy()) is dict


def test_attributes_read_public_keys() -> None:
    state = OpenPage({"counter": 3}).state
    assert state.counter == 3
    with pytest.raises(AttributeError, match="nothing"):
        _ = state.nothing
    with pytest.raises(AttributeError, match=r"state\['counter'\]"):
        state.counter = 4


# Assigning


def test_only_what_was_assigned_is_sent() -> None:
    page = OpenPage({"a": 1, "b": {"c": 2, "d": 3}})
    page.state["b"]["c"] = 20
    page.state["e"] = "new"
    assert page.sent() == {"set": {"b.c": 20, "e": "new"}}
    assert page.sent() == {}


@pytest.mark.parametrize(
    "value", [0, 1, "", "text", False, True, None, 1.5, float("nan"), b"x", Decimal("1.5")]
)
def test_a_scalar_assigned_its_old_value_sends_nothing(value: Any) -> None:
    page = OpenPage({"x": value, "nested": {"x": value}})
    page.state["x"] = copy.copy(value)
    page.state["nested"]["x"] = value
    page.state["nested"].update(x=value)
    assert page.sent() == {}


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (1, True, "true"),
        (True, 1, "1"),
        (1, 1.0, "1.0"),
        (0, False, "false"),
        ("", None, "null"),
        (0, "", '""'),
        (None, 0, "0"),
        (0.0, -0.0, "-0.0"),
        (Decimal("1.0"), Decimal("1.00"), '"1.00"'),
        (
            datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC),
            datetime.datetime(2024, 1, 1, 13, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
            '"2024-01-01 13:00:00+01:00"',
        ),
    ],
)
def test_equal_values_that_read_differently_are_sent(old: Any, new: Any, shown: str) -> None:
    page = OpenPage({"x": old})
    page.state["x"] = new
    assert json.dumps(page.sent()["set"]["x"]) == shown


def test_a_signalling_nan_can_be_assigned_over_itself() -> None:
    page = OpenPage({"x": Decimal("sNaN")})
    page.state["x"] = Decimal("sNaN")
    assert page.sent() == {}


@pytest.mark.parametrize("value", [0, "", False, None, [], {}])
def test_empty_values_are_values(value: Any) -> None:
    page = OpenPage({"x": 5})
    page.state["x"] = value
    page.sent()
    assert page.browser.state == {"x": value}


def test_adding_in_place_is_an_assignment() -> None:
    page = OpenPage({"counter": 1, "tags": ["a"], "name": "x", "seen": {1}, "d": {"e": 1}})
    page.state["counter"] += 1
    page.state["tags"] += ["b", "c"]
    page.state["name"] += "y"
    page.state["seen"] |= {2}
    page.state["d"] |= {"f": 2}
    assert page.sent() == {
        "set": {"counter": 2, "name": "xy", "seen": [1, 2], "d.f": 2},
        "append": {"tags": ["b", "c"]},
    }


def test_assigning_an_opaque_value_to_itself_sends_it_again() -> None:
    page = OpenPage({"figure": Opaque(1), "n": 1, "deep": {"figure": Opaque(1), "n": 1}})
    page.state["figure"].content = 2
    page.state["deep"]["figure"].content = 3
    assert page.sent() == {}
    page.state["figure"] = page.state["figure"]
    page.state["deep"] = page.state["deep"]
    page.state["n"] = page.state["n"]
    assert page.sent() == {"set": {"figure": {"content": 2}, "deep.figure": {"content": 3}}}


def test_assigning_an_untouched_nested_state_to_itself_sends_nothing() -> None:
    page = OpenPage({"a": {"b": {"c": 1}, "figure": Opaque(1)}})
    page.state["a"] = page.state["a"]
    assert page.sent() == {}
    page.state["a"]["b"]["c"] = 2
    assert page.sent() == {"set": {"a.b.c": 2}}
    assert json.loads(page.session.log.snapshot()[0])["a"]["b"] == {"c": 2}


def test_a_dict_takes_the_place_of_a_leaf_and_the_other_way_round() -> None:
    page = OpenPage({"x": 1})
    page.state["x"] = {"y": {"z": 1}}
    assert page.sent() == {"del": ["x"], "set": {"x.y.z": 1}}
    page.state["x"] = [1]
    page.sent()
    assert page.browser.state == {"x": [1]}
    page.state["x"] = {}
    page.sent()
    assert page.browser.state == {"x": {}}
    page.state["x"]["y"] = 2
    page.sent()
    assert page.browser.state == {"x": {"y": 2}}


def test_a_dict_that_replaces_a_dict_sends_the_difference_only() -> None:
    page = OpenPage({"x": {"kept": 1, "gone": {"deep": 2}}})
    page.state["x"] = {"kept": 1, "new": 3}
    assert page.sent() == {"del": ["x.gone"], "set": {"x.new": 3}}
    assert page.browser.state == {"x": {"kept": 1, "new": 3}}


def test_a_row_assigned_to_a_key_becomes_a_nested_state() -> None:
    page = OpenPage({"rows": [{"name": "Ada"}], "selected": None})
    page.state["selected"] = page.state["rows"][0]
    assert page.state["selected"]["nothing"] is None
    page.state["selected"]["name"] = "Grace"
    assert page.sent()["set"] == {"selected.name": "Grace"}
    assert page.state["rows"] == [{"name": "Ada"}]


def test_what_was_assigned_is_a_copy() -> None:
    page = OpenPage({"a": {"list": [1]}})
    mine = {"inner": [1], "deep": {"x": 1}}
    page.state["b"] = mine
    page.state["c"] = page.state["a"]
    page.sent()
    mine["inner"].append(2)
    mine["deep"]["x"] = 2
    page.state["a"]["list"].append(2)
    assert page.sent() == {"append": {"a.list": [2]}}
    assert page.state["b"] == {"inner": [1], "deep": {"x": 1}}
    assert page.state["c"] == {"list": [1]}


def test_a_part_of_a_value_can_take_its_place() -> None:
    page = OpenPage({"a": {"b": {"c": [1]}}, "rows": [[1, 2], [3]]})
    page.state["a"] = page.state["a"]["b"]
    page.state["rows"] = page.state["rows"][0]
    page.sent()
    assert page.browser.state == {"a": {"c": [1]}, "rows": [1, 2]}
    page.state["a"]["c"].append(2)
    page.state["rows"].append(3)
    assert page.sent() == {"append": {"a.c": [2], "rows": [3]}}


def test_a_dict_that_contains_itself_is_refused_and_the_old_value_stays() -> None:
    page = OpenPage({"a": {"b": 1}})
    endless: dict[str, Any] = {}
    endless["again"] = endless
    with pytest.raises(StateError, match="contains itself"):
        page.state["a"] = endless
    assert page.sent() == {}
    page.state["a"]["b"] = 2
    assert page.sent() == {"set": {"a.b": 2}}


@pytest.mark.parametrize("key", [1, None, ("a",), b"a"])
def test_keys_that_are_not_text_are_refused(key: Any) -> None:
    page = OpenPage({})
    with pytest.raises(StateError, match="text"):
        page.state[key] = 1
    assert page.sent() == {}


# Odd keys, private keys, deletions

ODD_KEYS = (
    "a.b",
    "x[0]",
    "$",
    "",
    " ",
    "é",
    "0",
    "__proto__".strip("_"),
    "constructor",
    'quote"',
    "back\\slash",
)


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_work_like_all_others(key: str) -> None:
    page = OpenPage({"nested": {key: 1}, key: {"x": 1}})
    assert page.browser.state == {"nested": {key: 1}, key: {"x": 1}}
    page.state["nested"][key] = {key: [1]}
    page.state[key]["x"] = 2
    page.sent()
    page.state["nested"][key][key].append(2)
    page.sent()
    assert page.browser.state == {"nested": {key: {key: [1, 2]}}, key: {"x": 2}}
    del page.state["nested"][key]
    del page.state[key]
    page.sent()
    assert page.browser.state == {"nested": {}}


def test_keys_with_a_leading_underscore_never_leave_the_server() -> None:
    page = OpenPage({"_secret": 1, "user": {"_password": "p", "name": "x"}})
    assert page.browser.state == {"user": {"name": "x"}}
    page.state["_secret"] = 2
    page.state["_deep"] = {"public": {"x": 1}}
    page.state["user"]["_password"] = "q"
    page.state["user"]["_more"] = [1]
    page.state["user"]["_more"].append(2)
    assert page.sent() == {}
    assert b"_" not in page.session.log.snapshot()[0]


def test_a_dict_of_private_keys_only_is_an_empty_one_to_the_browser() -> None:
    page = OpenPage({"user": {"_password": "p"}})
    assert page.browser.state == {"user": {}}
    page.state["user"]["name"] = "x"
    page.sent()
    assert page.browser.state == {"user": {"name": "x"}}
    del page.state["user"]["name"]
    page.sent()
    assert page.browser.state == {"user": {}}
    assert page.state["user"]["_password"] == "p"


def test_deletions_reach_the_browser() -> None:
    page = OpenPage({"a": 1, "b": {"c": {"d": 1}, "e": 2}, "f": [1], "g": 1})
    del page.state["a"]
    del page.state["b"]["c"]
    assert page.state.pop("f") == [1]
    page.state.remove("g")
    assert sorted(page.sent()["del"]) == ["a", "b.c", "f", "g"]
    assert page.browser.state == {"b": {"e": 2}}


def test_a_deleted_dict_is_one_deletion_however_many_keys_it_had() -> None:
    page = OpenPage({"big": {str(number): {"x": number} for number in range(100)}})
    del page.state["big"]
    assert page.sent() == {"del": ["big"]}
    assert page.browser.state == {}


def test_deleting_what_is_not_there_does_nothing() -> None:
    page = OpenPage({"a": {}})
    del page.state["nothing"]
    page.state["a"].remove("nothing")
    assert page.state.pop("nothing", 5) == 5
    with pytest.raises(KeyError):
        page.state.pop("nothing")
    assert page.sent() == {}


def test_the_last_key_gone_leaves_an_empty_dict() -> None:
    page = OpenPage({"a": {"b": 1}})
    del page.state["a"]["b"]
    page.sent()
    assert page.browser.state == {"a": {}}
    page.state.clear()
    page.sent()
    assert page.browser.state == {}


def test_a_deleted_key_can_come_back() -> None:
    page = OpenPage({"a": {"b": 1, "c": 2}})
    del page.state["a"]
    page.state["a"] = {"b": 5}
    page.sent()
    assert page.browser.state == {"a": {"b": 5}}


def test_other_ways_of_a_dict_to_change_are_followed() -> None:
    page = OpenPage({"a": 1})
    page.state.update({"b": 2}, c=3)
    assert page.state.setdefault("a", 9) == 1
    assert page.state.setdefault("d", [4]) == [4]
    page.state["d"].append(5)
    assert page.state.popitem() == ("d", [4, 5])
    page.state |= {"e": 5}
    page.sent()
    assert page.browser.state == {"a": 1, "b": 2, "c": 3, "e": 5}
    page.state.ingest({"a": 1, "z": {"y": 1}})
    page.sent()
    assert page.browser.state == {"a": 1, "z": {"y": 1}} == page.state


# Detached


def test_what_was_replaced_is_no_longer_followed() -> None:
    page = OpenPage({"rows": [{"x": 1}], "user": {"name": "x", "tags": []}})
    rows, row = page.state["rows"], page.state["rows"][0]
    user, tags = page.state["user"], page.state["user"]["tags"]
    page.state["rows"] = []
    page.state["user"] = {"name": "y"}
    page.sent()
    rows.append(1)
    row["x"] = 2
    user["name"] = "z"
    tags.append(1)
    assert page.sent() == {}
    assert page.state == {"rows": [], "user": {"name": "y"}}


# Lazy copies


def test_sessions_share_what_they_do_not_touch() -> None:
    text, table = "a long text" * 100, (1, 2)
    page = OpenPage({"text": text, "deep": {"rows": [[1]], "opaque": Opaque([1])}, "table": table})
    other = OpenPage({}, host=page.host)
    other.session = page.host.new_session(page.session.application)
    mine, theirs = page.state, other.session.state
    assert mine["text"] is theirs["text"] is text
    assert dict.__getitem__(mine, "deep") is dict.__getitem__(theirs, "deep")
    mine["deep"]["rows"][0].append(2)
    mine["deep"]["opaque"].content.append(2)
    assert theirs["deep"]["rows"] == [[1]]
    assert theirs["deep"]["opaque"].content == [1]
    assert page.session.application.application.initial_state["deep"]["rows"] == [[1]]


def test_objects_inside_a_list_of_the_initial_state_belong_to_one_session_too() -> None:
    page = OpenPage({"rows": [Opaque([1]), {"inner": Opaque([1])}]})
    other = page.host.new_session(page.session.application).state
    page.state["rows"][0].content.append(2)
    page.state["rows"][1]["inner"].content.append(2)
    assert other["rows"][0].content == [1]
    assert other["rows"][1]["inner"].content == [1]


def test_an_opaque_value_is_copied_once_and_then_stays_the_same_object() -> None:
    page = OpenPage({"figure": Opaque(1)})
    assert page.state["figure"] is page.state["figure"]
    assert page.state["figure"] is not page.session.application.base.root["figure"]


def test_what_cannot_be_copied_is_shared() -> None:
    class Connection(Opaque):
        def __deepcopy__(self, memo: object) -> Connection:
            raise TypeError("cannot be copied")

    connection = Connection(1)
    page = OpenPage({"_connection": connection, "_f": len, "_method": connection.to_dict})
    assert page.state["_connection"] is connection
    assert page.state["_f"] is len
    assert page.state["_method"].__self__ is connection


def test_an_object_that_can_be_called_belongs_to_one_session_as_any_other() -> None:
    class Counter(Opaque):
        def __call__(self) -> int:
            self.content += 1
            return int(self.content)

    host = SessionHost()
    application = make_application({"count": Counter(0)})
    first, second = (host.new_session(application).state["count"] for _ in range(2))
    assert (first(), first(), second()) == (1, 2, 1)


# Typed states


class Address(State):
    city: str


class Shop(StreamsyncState):
    total: float
    address: Address
    raw: dict[str, int]


def test_annotated_keys_are_attributes() -> None:
    page = OpenPage({"total": 1.0, "address": {"city": "Ulm"}, "raw": {"a": 1}}, Shop)
    shop = page.state
    assert isinstance(shop, Shop)
    assert isinstance(shop.address, Address)
    shop.total += 1
    shop.address.city = "Bonn"
    shop["raw"]["a"] = 2
    assert page.sent() == {"set": {"total": 2.0, "address.city": "Bonn", "raw": {"a": 2}}}
    shop.address = {"city": "Kiel"}
    assert isinstance(shop.address, Address)
    assert page.sent() == {"set": {"address.city": "Kiel"}}


def test_a_key_annotated_as_dict_is_sent_as_one_value() -> None:
    page = OpenPage({"raw": {"a": 1, "b": 2}}, Shop)
    page.state["raw"]["a"] = 5
    assert page.sent() == {"set": {"raw": {"a": 5, "b": 2}}}
    with pytest.raises(KeyError):
        page.state["raw"]["nothing"]


class Place(State):
    city: str


class Trip(StreamsyncState):
    start: Place | None
    end: Optional[Place]  # noqa: UP045 (the older spelling)
    raw: dict[str, int] | None


def test_an_annotation_may_allow_none() -> None:
    page = OpenPage({"start": None, "end": {"city": "Bern"}, "raw": {"a": 1}}, schema=Trip)
    assert type(page.state["end"]) is Place
    assert type(page.state["raw"]) is TrackedDict
    page.state["start"] = {"city": "Rome"}
    assert page.state["start"].city == "Rome"
    assert page.sent() == {"set": {"start.city": "Rome"}, "del": ["start"]}


def test_a_value_in_the_class_does_not_hide_the_states() -> None:
    with pytest.warns(
        UserWarning, match=r"Shop\.total: a value in the class is not used; give it to init_state"
    ):

        class Shop(StreamsyncState):
            total: int = 0
            RATE: ClassVar[float] = 1.1

    state = OpenPage({"total": 5}, schema=Shop).state
    state.total += 1  # type: ignore[attr-defined]
    assert state["total"] == state.total == 6  # type: ignore[attr-defined]
    assert state.RATE == 1.1  # type: ignore[attr-defined]
    evaluated = {"__annotations__": {"RATE": ClassVar[float], "OLD": ClassVar}, "RATE": 1.2, "OLD": 1.3}
    other = type("Evaluated", (StreamsyncState,), evaluated)()
    assert (other.RATE, other.OLD) == (1.2, 1.3)


def test_a_key_that_is_a_method_of_every_dict_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"write state\['items'\], or annotate another name"):

        class Cart(StreamsyncState):
            items: list[int]  # type: ignore[assignment]

    state = OpenPage({"items": [1]}, schema=Cart).state
    assert state["items"] == [1]
    assert list(state.items()) == [("items", [1])]
    with pytest.raises(AttributeError, match=r"Cart\.get is computed, or a method"):
        state.get = 1  # type: ignore[method-assign, assignment]


class Text(str):
    """A text of some library: numpy, Django and pandas have their own."""


class Drink(str, enum.Enum):  # noqa: UP042 (the older spelling, whose str() is another)
    TEA = "tea"


def test_texts_of_any_class_are_keys_and_are_sent_as_plain_ones() -> None:
    page = OpenPage({Text("a"): {Text("b"): [1]}, Drink.TEA: 1, "gone": 1})
    state = page.state
    state[Text("a")][Text("b")].append(2)
    state[Drink.TEA] += 1
    state[Text("new")] = {Text("c"): {Drink.TEA: 3}}
    state[Text("new")][Text("c")][Text("d")] = [{Drink.TEA: 4, Text("e"): 5}]
    state.setdefault(Text("more"), []).append(6)
    state.update({Text("x"): 7})
    del state[Text("gone")]
    page.session.commit()
    patch = page.session.log.since(0)
    assert patch is not None
    paths = [path for path, _ in (*patch.set, *patch.append)] + patch.deleted
    assert {type(key) for path in paths for key in path} == {str}
    assert page.seen() == {
        "set": {
            "tea": 2,
            "new.c.tea": 3,
            "new.c.d": [{"tea": 4, "e": 5}],
            "more": [6],
            "x": 7,
        },
        "append": {"a.b": [2]},
        "del": ["gone"],
    }
    assert state["tea"] == state[Drink.TEA] == 2


def test_a_key_without_a_form_to_be_sent_in_is_refused_where_it_is_assigned() -> None:
    page = OpenPage({"files": {}})
    for assign in (
        lambda: page.state.__setitem__("a\udcff", 1),
        lambda: page.state["files"].update({"a\udcff": 1}),
        lambda: page.state.update(files={"b": {"a\udcff": 1}}),
    ):
        with pytest.raises(StateError, match=r"'a\\udcff' has half a character"):
            assign()
    page.state["files"]["Zoë"] = 1
    assert page.state == {"files": {"Zoë": 1}}
    assert page.sent() == {"set": {"files.Zoë": 1}, "del": ["files"]}


def test_annotations_that_the_state_needs_itself_are_refused() -> None:
    with pytest.raises(AttributeError, match="_path"):

        class Broken(State):
            _path: str


# Mail


def test_mail_of_the_initial_state_goes_to_every_session() -> None:
    from pathlib import Path

    from streamsync_django.core.application import Application

    application = Application("test", Path())
    state = application.declare_initial_state({}, None)
    state.add_notification("info", "Hello", "there")
    state.set_page("start")
    base = application.make_base()
    assert base.mail == (
        ("notification", {"type": "info", "title": "Hello", "message": "there"}),
        ("pageChange", "start"),
    )


def test_mail_is_sent_once_and_can_be_taken_back() -> None:
    page = OpenPage({})
    page.state.open_url("https://example.org")
    page.state.clear_mail()
    page.state.set_route_vars({"a": None})
    page.session.commit()
    [(_, mail)] = page.session.update_since(0).mail
    assert json.loads(mail.json) == ["routeVarsChange", {"a": None}]
    assert page.session.update_since(1).mail == []


def test_a_download_takes_bytes_only() -> None:
    page = OpenPage({})
    with pytest.raises(StateError, match="pack_bytes"):
        page.state.file_download("text", "a.txt")  # type: ignore[arg-type]
    page.state.file_download(b"x", "a.txt")
    page.session.commit()
    [(_, mail)] = page.session.update_since(0).mail
    assert mail.binaries[0].data == b"x"
