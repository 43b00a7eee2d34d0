"""Mutation subscriptions and computed properties: what runs inside an assignment, and when."""

import threading

import pytest

from streamsync_django.core import properties
from streamsync_django.core.application import Application
from streamsync_django.core.base import Base
from streamsync_django.core.errors import StateError
from streamsync_django.core.handlers import Handler, call_handler
from streamsync_django.core.recorder import Recorder
from streamsync_django.core.root import StreamsyncState
from streamsync_django.core.state import State


def declare(values, schema=None):
    return Application("shop", None).declare_initial_state(values, schema)


def session_of(initial):
    return Base.of(initial).new_state(Recorder())


def test_a_subscription_runs_inside_the_assignment_with_both_values():
    seen = []
    initial = declare({"a": {"b": 1}})
    initial.subscribe_mutation("a.b", lambda state, context, payload: seen.append((context, payload)))
    state = session_of(initial)
    state["a"]["b"] = 2
    assert seen == [({"event": "mutation", "mutation": "a.b"}, {"previous_value": 1, "new_value": 2})]


def test_replacing_a_parent_or_deleting_triggers_too():
    seen = []
    initial = declare({"a": {"b": 1}, "other": 0})
    initial.subscribe_mutation("a.b", lambda payload: seen.append(payload["new_value"]))
    state = session_of(initial)
    state["a"] = {"b": 5}
    state["other"] = 1
    del state["a"]["b"]
    state["a"] = {"c": 1}
    assert seen == [5, None]


def test_each_session_is_followed_on_its_own_and_the_handler_gets_its_state():
    initial = declare({"x": 0, "log": []})
    initial.subscribe_mutation("x", lambda state, payload: state["log"].append(payload["new_value"]))
    first, second = session_of(initial), session_of(initial)
    first["x"] = 1
    assert first["log"] == [1]
    assert second["log"] == []


def test_several_paths_and_the_first_run():
    seen = []

    def follow(context):
        seen.append(context)

    initial = declare({"x": 0, "y": 0})
    initial.subscribe_mutation(["x", "y"], follow, initial_triggered=True)
    assert seen == [{"event": "init"}]
    state = session_of(initial)
    state["y"] = 1
    state["x"] = 1
    assert [context["mutation"] for context in seen[1:]] == ["y", "x"]


def test_assigning_at_module_level_triggers():
    seen = []
    initial = declare({"a": {"x": 0}})
    initial.subscribe_mutation("a.x", lambda payload: seen.append(payload["new_value"]))
    initial["a"]["x"] = 4
    assert seen == [4]


def test_a_list_changed_in_place_triggers_once_also_when_it_is_assigned_afterwards():
    seen = []
    initial = declare({"rows": [1], "tags": {"a"}})
    initial.subscribe_mutation("rows", lambda payload: seen.append(list(payload["new_value"])))
    initial.subscribe_mutation("tags", lambda payload: seen.append(payload["new_value"]))
    state = session_of(initial)
    state["rows"].append(2)
    state["rows"] = state["rows"]
    state["rows"] += [3]
    state["tags"] |= {"b"}
    assert seen == [[1, 2], [1, 2, 3], {"a", "b"}]


def test_a_handler_that_changes_the_state_does_not_make_its_own_trigger_count_twice():
    def count(state):
        state["runs"] += 1
        state["log"].append(state["runs"])

    initial = declare({"rows": [1], "tags": {"a"}, "numbers": {1: 1}, "runs": 0, "log": []})
    initial.subscribe_mutation(["rows", "tags", "numbers"], count)
    state = session_of(initial)
    state["rows"] += [2]
    state["tags"] |= {"b"}
    state["numbers"] |= {2: 2}
    state["rows"].append(3)
    state["rows"] = state["rows"]
    assert state["log"] == [1, 2, 3, 4]


def test_what_a_handler_does_to_the_previous_value_reaches_no_other_session():
    def spoil(payload):
        previous = payload["previous_value"]
        (previous["inner"]["rows"] if isinstance(previous, dict) else previous).append("spoilt")

    initial = declare({"rows": [1], "gone": [1], "box": {"inner": {"rows": [1]}}})
    initial.subscribe_mutation(["rows", "gone", "box", "box.inner.rows"], spoil)
    base = Base.of(initial)
    state = base.new_state(Recorder())
    state["rows"] = [2]
    state["box"] = {"inner": {"rows": [2]}}
    del state["gone"]
    assert state == {"rows": [2], "box": {"inner": {"rows": [2]}}}
    assert base.new_state(Recorder()) == {"rows": [1], "gone": [1], "box": {"inner": {"rows": [1]}}}


def test_values_that_nobody_follows_are_replaced_without_being_copied():
    copied = []

    class Large:
        def __deepcopy__(self, memo):
            copied.append(self)
            return Large()

    initial = declare({"large": Large(), "followed": Large()})
    initial.subscribe_mutation("followed", lambda: None)
    state = session_of(initial)
    state["large"] = 1
    assert copied == []
    state["followed"] = 1
    assert len(copied) == 1


def test_dots_inside_a_key_are_escaped():
    seen = []
    initial = declare({"site.com": {"x": 0}})
    initial.subscribe_mutation(r"site\.com.x", lambda context: seen.append(context["mutation"]))
    session_of(initial)["site.com"]["x"] = 1
    assert seen == [r"site\.com.x"]


@pytest.mark.parametrize("path", ["missing.x", "x.y", "", "a..b", 3])
def test_a_path_without_parents_is_refused(path):
    initial = declare({"x": 0})
    with pytest.raises((ValueError, TypeError)):
        initial.subscribe_mutation(path if path != 3 else [3], lambda: None)


def test_what_cannot_be_called_or_followed_is_refused_where_it_is_declared():
    with pytest.raises(StateError, match="takes a function, not str"):
        declare({"x": 0}).subscribe_mutation("x", "handler")
    with pytest.raises(StateError, match="names what it follows"):
        properties.computed_property(lambda self: 1)  # without the call and the path


def test_subscriptions_without_end_are_a_recursion_error():
    initial = declare({"x": 0})

    def again(state):
        state["x"] += 1

    initial.subscribe_mutation("x", again)
    state = session_of(initial)
    with pytest.raises(RecursionError, match="without end"):
        state["x"] = 1
    assert state["x"] == 129


def test_a_subscription_may_ask_for_what_the_running_handler_may():
    seen = []
    initial = declare({"x": 0})
    initial.subscribe_mutation("x", lambda session, user, ui: seen.append((session, user)))
    state = session_of(initial)
    handler = Handler.of("change", lambda state: state.__setitem__("x", 1))
    call_handler(handler, {"state": state, "session": {"id": "s"}, "user": "ada", "ui": None})
    state["x"] = 2
    assert seen == [({"id": "s"}, "ada"), (None, None)]


def test_the_lock_is_free_while_a_subscription_runs():
    initial = declare({"x": 0})
    entered = []

    def look(state):
        def take():
            with state._recorder.lock:
                entered.append(True)

        thread = threading.Thread(target=take)
        thread.start()
        thread.join(2)

    initial.subscribe_mutation("x", look)
    state = session_of(initial)
    state["x"] = 1
    state.setdefault("y", 1)
    state.ingest({"x": 2})
    assert entered == [True, True]


def test_a_coroutine_that_assigns_is_followed_by_a_coroutine():
    seen = []

    async def follow(payload):
        seen.append(payload["new_value"])

    async def assign(state):
        state["x"] = 7

    initial = declare({"x": 0})
    initial.subscribe_mutation("x", follow)
    state = session_of(initial)
    call_handler(Handler.of("assign", assign), {"state": state})
    assert seen == [7]


class Cart(State):
    prices: list
    rate: float

    @properties.computed_property(["prices", "rate"])
    def total(self) -> float:
        """The prices with tax."""
        return sum(self["prices"] or []) * (1 + (self["rate"] or 0))


class Shop(StreamsyncState):
    cart: Cart
    name: str

    @properties.computed_property("cart")
    def label(self):
        return f"{self.name}: {self.cart.total if self.cart else None}"


def test_properties_are_elements_that_follow_others():
    initial = declare({"name": "Shop", "cart": {"prices": [1, 2], "rate": 0.5}}, Shop)
    assert initial.cart.total == 4.5
    state = session_of(initial)
    state.cart["prices"].append(1)
    assert state["cart"]["total"] == 6
    assert state["label"] == "Shop: 6.0"
    state["cart"] = {"prices": [10], "rate": 0}
    assert state.cart.total == 10
    assert state.label == "Shop: 10"
    assert ("cart", "total") in state._recorder.marks


def test_a_property_of_a_state_that_comes_later_is_computed_then():
    state = session_of(declare({"name": "Shop"}, Shop))
    assert state["cart"] is None
    state["cart"] = {"prices": [2]}
    assert state.cart.total == 2


def test_a_property_reaches_the_base():
    base = Base.of(declare({"name": "x", "cart": {"prices": [1]}}, Shop))
    assert b'"total":1' in base.snapshot


def test_properties_belong_to_states():
    with pytest.raises((StateError, RuntimeError)):

        class Plain:
            @properties.computed_property("x")
            def y(self):
                return 1
