"""Mutation subscriptions inside live sessions: with flushes, bindings, failures, and threads."""

import threading

import pytest

from streamsync_django.core.stored import to_stored
from streamsync_django.runtime.ledger import ORDER_BYTES
from streamsync_django.runtime.restoring import restore
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.records import StoredElement, StoredSession
from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app

MAIN = """
    import threading
    import streamsync_django as ss

    def follow(state, payload, session, context):
        if payload["new_value"] == "bad":
            raise ValueError("no such name")
        state["seen"] = [payload["new_value"], session is not None]
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


def test_a_session_that_comes_back_from_the_store_is_followed_but_not_triggered(visitor):
    here = visitor.session
    element = StoredElement(("name",), 2, bytes(ORDER_BYTES) + to_stored("Ada").data)
    stored = StoredSession(
        session_id="s",
        epoch=1,
        version=2,
        application=here.application.slug,
        visitor="v",
        base_digest=here.base.digest,
        layout_revision="",
        elements=[element],
        created_at=0.0,
    )
    session = LiveSession("s", here.application, here.visitor, here.runtime, epoch=1, info={})
    restore(session, stored)
    assert (session.state["name"], session.state["seen"]) == ("Ada", None)
    session.state["name"] = "Bo"
    assert session.state["seen"] == ["Bo", False]


def test_a_table_that_tells_of_its_changes_is_not_warned_of(tmp_path):
    main = """
        import streamsync_django as ss

        def add(state):
            state["table"].record_add({"record": {"a": 2}})

        ss.init_state({"table": ss.EditableDataFrame([{"a": 1}])})
    """
    with Visitor(make_app(tmp_path, main, button("Add", "add"))) as visitor:
        visitor.click("Add")
        visitor.click("Add")
        assert visitor.state["table"] == [{"a": 1}, {"a": 2}, {"a": 2}]
        assert not [entry for entry in visitor.log if entry.kind == "warning"]


def test_a_session_goes_on_with_the_subscriptions_of_reloaded_code(tmp_path):
    main = """
        import streamsync_django as ss

        class Root(ss.StreamsyncState):
            @ss.property("name")
            def label(self):
                return f"{GREETING} {self['name']}"

        GREETING = "Hello"
        initial = ss.init_state({"name": "x", "label": ""}, Root)
        initial.subscribe_mutation("name", lambda state: state.add_notification("info", GREETING, "changed"))
    """
    app = make_app(tmp_path, main, NAME)
    with Visitor(app) as visitor:
        visitor.type("Name", "Ada")
        assert visitor.state["label"] == "Hello Ada"
        make_app(tmp_path, main.replace('"Hello"', '"Servus"'), NAME)
        visitor._stage.applications.reload(visitor._stage.slug)
        visitor.type("Name", "Bo")
        assert visitor.state["label"] == "Servus Bo"
        assert [item.title for item in visitor.notifications] == ["Hello", "Servus"]
