"""What authors are told about event handlers, sentence by sentence."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app, text

pytest_plugins = ["streamsync_django.testing.fixtures"]

Open = Callable[..., Visitor]

# Plain Python functions


def test_events_can_be_linked_to_plain_functions_of_main(visit: Open, tmp_path: Path) -> None:
    main = """
        def handle_click():
            print("Hello")
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "handle_click")))
    visitor.click("Go")
    assert [(entry.kind, entry.message) for entry in visitor.log] == [("print", "Hello")]


def test_handlers_can_be_imported(visit: Open, tmp_path: Path) -> None:
    folder = make_app(tmp_path, "from actions import greet", button("Go", "greet"), text("@{word}"))
    (folder / "actions.py").write_text("def greet(state):\n    state['word'] = 'Hello'\n")
    visitor = visit(folder)
    visitor.click("Go")
    assert visitor.sees("Hello")


def test_a_leading_underscore_hides_a_function_whatever_the_layout_says(visit: Open, tmp_path: Path) -> None:
    main = """
        def _reticulate(state):
            state["ran"] = True
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "_reticulate")))
    with pytest.raises(AssertionError, match="unknown-handler"):
        visitor.click("Go")
    assert "ran" not in visitor.state


# Mutating state


def test_the_state_argument_is_the_state_of_the_session(visit: Open, tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({"counter": 4})

        def handle_click(state):
            assert isinstance(state, ss.StreamsyncState)
            state["counter"] += 1
    """
    bob = visit(make_app(tmp_path, main, button("Go", "handle_click")))
    alice = bob.another()
    bob.click("Go")
    assert bob.state["counter"] == 5
    assert alice.state["counter"] == 4, "other sessions remain unaffected"


def test_keys_that_do_not_exist_read_none(visit: Open, tmp_path: Path) -> None:
    main = """
        def handle_click(state):
            state["was_none"] = state["nothing"] is None
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "handle_click")))
    visitor.click("Go")
    assert visitor.state["was_none"] is True


# Mutation detection

_OPAQUE = """
    import streamsync_django as ss

    class Deck:
        def __init__(self):
            self.cards = [1, 2, 3]

        def shuffle(self):
            self.cards.reverse()

        def to_dict(self):
            return {"cards": list(self.cards)}

    ss.init_state({"deck": Deck(), "other": 1})

    def unnoticed(state):
        state["deck"].shuffle()

    def noticed(state):
        state["deck"].shuffle()
        state["deck"] = state["deck"]

    def cleaner(state):
        deck = state["deck"]
        deck.shuffle()
        state["deck"] = deck
"""


def test_only_elements_that_mutated_are_sent(visit: Open, tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({"a": 1, "b": {"c": 2, "d": 3}})

        def handle_click(state):
            state["b"]["c"] += 1
            state["a"] = 1
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "handle_click")))
    visitor.click("Go")
    patch = visitor.session.log.since(0)
    assert patch is not None
    assert patch.set == [(("b", "c"), b"3")]


def test_changing_an_opaque_object_is_not_seen(visit: Open, tmp_path: Path) -> None:
    visitor = visit(make_app(tmp_path, _OPAQUE, button("Go", "unnoticed")))
    visitor.click("Go")
    assert visitor.state["deck"] == {"cards": [1, 2, 3]}


@pytest.mark.parametrize("handler", ["noticed", "cleaner"])
def test_assigning_it_to_itself_makes_it_seen(visit: Open, tmp_path: Path, handler: str) -> None:
    visitor = visit(make_app(tmp_path, _OPAQUE, button("Go", handler)))
    visitor.click("Go")
    assert visitor.state["deck"] == {"cards": [3, 2, 1]}


# Receiving a payload


def test_a_text_input_sends_its_new_value(visit: Open, tmp_path: Path) -> None:
    main = """
        def handle_input_change(state, payload):
            state["value"] = payload
    """
    box = {
        "type": "textinput",
        "content": {"label": "Name"},
        "handlers": {"ss-change": "handle_input_change"},
    }
    visitor = visit(make_app(tmp_path, main, box))
    visitor.type("Name", "Ada")
    assert visitor.state["value"] == "Ada"


def test_a_webcam_sends_its_picture_as_bytes(visit: Open, tmp_path: Path) -> None:
    main = """
        def handle_webcam_capture(state, payload):
            state["is_png"] = payload[:4] == b"\\x89PNG" and type(payload) is bytes
    """
    camera = {"type": "webcamcapture", "handlers": {"ss-webcam": "handle_webcam_capture"}}
    visitor = visit(make_app(tmp_path, main, camera))
    picture = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
    visitor.send("c0", "ss-webcam", picture)
    assert visitor.state["is_png"] is True


# Globals


def test_globals_are_one_copy_for_all_users(visit: Open, tmp_path: Path) -> None:
    main = """
        calls = []

        def evaluate(state, payload):
            calls.append(payload)
            state["calls"] = len(calls)
    """
    bob = visit(make_app(tmp_path, main, button("Go", "evaluate")))
    alice = bob.another()
    bob.click("Go")
    alice.click("Go")
    assert alice.state["calls"] == 2


# Standard output


def test_what_is_printed_at_the_start_and_per_event_is_in_the_log(visit: Open, tmp_path: Path) -> None:
    main = """
        print("Hello world")

        def payload_inspector(state, payload):
            print("Payload: " + repr(payload))
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "payload_inspector")))
    visitor.click("Go")
    entries = visitor.session.runtime.applications.log.entries(visitor.session.application.slug)  # type: ignore[attr-defined]
    assert [(entry.message, entry.event) for entry in entries] == [
        ("Hello world", None),
        ("Payload: {'ctrl_key': False, 'shift_key': False, 'meta_key': False}", 1),
    ]


# Execution flow


def test_handlers_run_in_threads_and_do_not_block_each_other(visit: Open, tmp_path: Path) -> None:
    main = """
        import threading
        gate = threading.Event()

        def slow(state):
            state["slow"] = gate.wait(10)

        def quick(state):
            gate.set()
    """
    visitor = visit(make_app(tmp_path, main, button("Slow", "slow"), button("Quick", "quick")))
    number = visitor.start(visitor.find("Slow"), "ss-click", {})
    visitor.click("Quick")
    assert visitor.wait_for(number).status == "ok"
    assert visitor.state["slow"] is True


def test_the_mutations_of_a_quick_handler_arrive_in_one_patch(visit: Open, tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({"text": "", "x": 0, "y": 0})

        def handle_fast(state):
            state["text"] = "Hello"
            state["x"] += 3
            state["y"] += 2
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "handle_fast")))
    visitor.click("Go")
    assert visitor.state == {"text": "Hello", "x": 3, "y": 2}
    assert visitor.session.version == 1


def test_a_slow_handler_shows_partial_updates(visit: Open, tmp_path: Path) -> None:
    main = """
        import threading
        gate = threading.Event()

        def handle_slowly(state):
            state["message"] = "Loading..."
            gate.wait(10)
            state["message"] = "Completed"

        def go_on():
            gate.set()
    """
    app = make_app(tmp_path, main, button("Go", "handle_slowly"), button("On", "go_on"), text("@{message}"))
    visitor = visit(app)
    number = visitor.start(visitor.find("Go"), "ss-click", {})
    assert visitor.sees("Loading...")
    visitor.click("On")
    visitor.wait_for(number)
    assert visitor.sees("Completed")


def test_each_event_is_processed_by_itself(visit: Open, tmp_path: Path) -> None:
    main = """
        def fail(state):
            state["before"] = 1
            raise ValueError("no")

        def work(state):
            state["after"] = 2
    """
    visitor = visit(make_app(tmp_path, main, button("Fail", "fail"), button("Work", "work")))
    assert visitor.click("Fail").status == "failed"
    assert visitor.click("Work").status == "ok"
    assert visitor.state == {"before": 1, "after": 2}, "what a failing handler assigned before is kept"
    error = next(entry for entry in visitor.log if entry.kind == "error")
    assert error.traceback is not None
    assert 'raise ValueError("no")' in error.traceback
