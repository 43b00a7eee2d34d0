"""Mutation subscriptions inside live sessions: with flushes, bindings, failures, and threads."""

import threading

import pytest

from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app

MAIN = """
    import threading
    import streamsync_django as ss

    def follow(state, payload, session, context):
        if payload["new_value"] == "bad":
            raise ValueError("no such name")
        state["seen"] = [payload["new_value"], session["id"] is not None]
        state.flush()

    def many(state):
        for number in range(200):
            state["name"] = number

    def threads(state):
        def work(start):
            for number in range(50):
                state["name"] = start + number
        workers = [threading.Thread(target=work, args=(start,)) for start in (0, 1000, 2000)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        state["name"] = "end"

    initial = ss.init_state({"name": "", "seen": None})
    initial.subscribe_mutation("name", follow)
"""

NAME = {
    "type": "textinput",
    "content": {"label": "Name"},
    "binding": {"eventType": "ss-change", "stateRef": "name"},
}


@pytest.fixture
def visitor(tmp_path):
    app = make_app(tmp_path, MAIN, NAME, button("Many", "many"), button("Threads", "threads"))
    with Visitor(app) as visitor:
        yield visitor


def test_a_binding_triggers_them(visitor):
    assert visitor.type("Name", "Ada").status == "ok"
    assert visitor.state["seen"] == ["Ada", True]


def test_one_that_fails_fails_the_event_and_keeps_the_value(visitor):
    assert visitor.type("Name", "bad").status == "failed"
    assert visitor.state["name"] == "bad"
    assert any("no such name" in (entry.traceback or "") for entry in visitor.log)


@pytest.mark.parametrize("handler", ["Many", "Threads"])
def test_they_flush_while_others_flush_and_nobody_waits_forever(visitor, handler):
    is_over = threading.Event()

    def flush():
        while not is_over.is_set():
            visitor.session.flush()

    flusher = threading.Thread(target=flush, daemon=True)
    flusher.start()
    try:
        assert visitor.click(handler).status == "ok"
    finally:
        is_over.set()
        flusher.join(5)
    assert not flusher.is_alive()
    assert visitor.state["seen"][0] == visitor.state["name"]
