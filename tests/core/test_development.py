"""What authors are warned of while they develop."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app

MAIN = """
    import bisect
    import heapq
    import random
    import threading
    import streamsync_django as ss

    class Deck:
        def __init__(self):
            self.cards = [1, 2, 3]

        def to_dict(self):
            return {"cards": list(self.cards)}

    ss.init_state({"deck": Deck(), "rows": [], "x": 0})
    first, second = threading.Event(), threading.Event()

    def change_the_original(state):
        rows = [1]
        state["rows"] = rows
        rows.append(2)

    def change_the_deck(state):
        state["deck"].cards.append(4)

    def change_and_assign(state):
        deck = state["deck"]
        deck.cards.append(4)
        state["deck"] = deck
        state["rows"] = [1]
        state["rows"].append(2)

    def push_to_a_heap(state):
        heapq.heappush(state["rows"], 1)

    def push_and_assign(state):
        heapq.heappush(state["rows"], 1)
        state["rows"] = state["rows"]

    def sort_in_and_shuffle(state):
        for number in (3, 1, 2):
            bisect.insort(state["rows"], number)
        random.Random(1).shuffle(state["rows"])
        state["rows"].append(4)
        state["rows"].append(len(state["rows"]))

    def slow(state):
        first.set()
        second.wait(5)
        state["x"] = 1
        state["rows"].append("slow")

    def slow_and_thorough(state):
        first.set()
        second.wait(5)
        state["rows"] = ["slow"]

    def quick(state):
        first.wait(5)
        state["x"] = 2
        state["rows"].append("quick")
        second.set()
"""

NAMES = (
    *("change_the_original", "change_the_deck", "change_and_assign", "slow", "quick"),
    *("slow_and_thorough", "push_to_a_heap", "push_and_assign", "sort_in_and_shuffle"),
)


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    return Visitor(make_app(tmp_path, MAIN, *(button(name, name) for name in NAMES)), development=True)


def warnings_of(visitor: Visitor) -> list[str]:
    return [entry.message for entry in visitor.log if entry.kind == "warning"]


def test_changing_what_was_assigned_is_warned_of(visitor: Visitor) -> None:
    with visitor:
        visitor.click("change_the_original")
        assert visitor.state["rows"] == [1]
        (message,) = warnings_of(visitor)
        assert "assigned to state['rows'] was changed afterwards" in message


def test_changing_an_opaque_object_without_assigning_it_is_warned_of(visitor: Visitor) -> None:
    with visitor:
        visitor.click("change_the_deck")
        (message,) = warnings_of(visitor)
        assert "write state['deck'] = state['deck'] after it" in message


def test_what_the_state_sees_is_no_reason_for_a_warning(visitor: Visitor) -> None:
    with visitor:
        visitor.click("change_and_assign")
        assert visitor.state["rows"] == [1, 2]
        assert warnings_of(visitor) == []


def test_c_code_that_looks_past_a_lists_methods_is_warned_of(visitor: Visitor) -> None:
    with visitor:
        visitor.click("push_to_a_heap")
        assert visitor.state["rows"] == []
        (message,) = warnings_of(visitor)
        assert message.startswith("state['rows'] (list) was changed in place")
        assert "write state['rows'] = state['rows'] after it" in message
        visitor.click("push_and_assign")
        assert visitor.state["rows"] == [1, 1]
        assert len(warnings_of(visitor)) == 1


def test_what_goes_through_a_lists_methods_is_seen(visitor: Visitor) -> None:
    with visitor:
        visitor.click("sort_in_and_shuffle")
        assert sorted(visitor.state["rows"]) == [1, 2, 3, 4, 4]
        assert warnings_of(visitor) == []


def test_overlapping_handlers_that_overwrite_each_other_are_named(visitor: Visitor) -> None:
    with visitor:
        number = visitor.start(visitor.find("slow"), "ss-click", {})
        visitor.click("quick")
        visitor.wait_for(number)
        assert visitor.state["x"] == 1
        assert visitor.state["rows"] == ["quick", "slow"], "appending to one list loses nothing"
        (message,) = warnings_of(visitor)
        assert "quick (event 2) and slow (event 1)" in message
        assert "state['x']" in message


def test_what_is_assigned_over_an_append_of_another_handler_is_warned_of(visitor: Visitor) -> None:
    with visitor:
        number = visitor.start(visitor.find("slow_and_thorough"), "ss-click", {})
        visitor.click("quick")
        visitor.wait_for(number)
        assert visitor.state["rows"] == ["slow"]
        (message,) = warnings_of(visitor)
        assert "quick (event 2) and slow_and_thorough (event 1)" in message
        assert "state['rows']: what the first assigned may be lost" in message
