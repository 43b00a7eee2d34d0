"""Applications in the style of Streamsync and Writer Framework load, and work, as they are."""

from pathlib import Path

import pytest

from streamsync_django.core.errors import ApplicationError
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app

APPS = Path(__file__).parent.parent / "apps"


@pytest.fixture
def visit():
    visitors = []

    def visit_(location, **more):
        visitors.append(Visitor(location, **more))
        return visitors[-1]

    yield visit_
    for visitor in visitors:
        visitor.close()


def test_an_application_of_early_streamsync(visit):
    visitor = visit(APPS / "orders", cookies={"shop_user": "ada"})
    visitor.sees("Total: 6")
    visitor.type("Name", "Coffee")
    visitor.type("Count", "3")
    visitor.click("Add")
    visitor.sees("Total: 21")
    visitor.click("More Coffee")
    visitor.sees("4 x Coffee")
    assert visitor.state["last"] == ["Coffee", "more", "ss-click"]
    visitor.click("Download")
    assert visitor.downloads == {"orders.txt": b"Tea\nCoffee"}
    assert visitor.notifications[-1].title == "Done"
    visitor.click("Who")
    visitor.sees("Thank you, ada")
    assert "_secret" not in visitor.state
    assert any("Payload: 3" in entry.message for entry in visitor.log)


def test_a_failing_handler_keeps_what_it_had_changed(visit):
    visitor = visit(APPS / "orders")
    assert visitor.click("Print").status == "failed"
    visitor.sees("Total: -1")
    assert any("on fire" in (entry.traceback or "") for entry in visitor.log)


def test_an_application_of_later_writer_framework(visit):
    visitor = visit(APPS / "team")
    visitor.sees("1 people, budget 100")
    record = {"name": "Bo", "age": 4}
    visitor.send("table", "ss-dataframe-add", {"record": record, "record_index": 1})
    visitor.sees("2 people, budget 100")
    visitor.send("table", "ss-dataframe-update", {"record": {**record, "age": 5}, "record_index": 1})
    assert visitor.session.state["members"].record(1) == {"name": "Bo", "age": 5}
    visitor.set_value("Spent", 30)
    visitor.sees("budget 70")
    assert visitor.state["history"] == [["budget.spent", 0, 30]]
    visitor.click("Reset")
    visitor.sees("budget 100")
    visitor.click("Ask")
    assert visitor.state["asked_by"] is True
    assert visitor.state["calls"] == 4


def test_sessions_have_tables_of_their_own(visit):
    first = visit(APPS / "team")
    second = first.another()
    first.send("table", "ss-dataframe-add", {"record": {"name": "Bo", "age": 4}, "record_index": 1})
    first.sees("2 people")
    second.sees("1 people")
    second.close()


def test_an_application_whose_page_is_made_by_code(visit):
    visitor = visit(APPS / "questions")
    other = visitor.another()
    visitor.sees("0 likes")
    visitor.click("New question")
    visitor.click("New question")
    visitor.type("Question 2", "why?")
    assert visitor.state["answers"] == {"2": "why?"}
    visitor.click("Like 1")
    visitor.sees("1 likes")
    other.does_not_see("Question 1")
    assert (visitor.session.is_wholly_stored, other.session.is_wholly_stored) == (False, True)
    visitor.click("Start over")
    visitor.sees("Nothing was asked yet")
    visitor.does_not_see("Question 1")
    visitor.open("about")
    visitor.sees("Made by code")
    other.close()


def test_a_feature_that_is_not_supported_says_what_to_use(visit):
    visitor = visit(APPS / "questions")
    assert visitor.click("Log in").status == "failed"
    messages = [entry.message for entry in visitor.log]
    assert any("writer.auth.Oidc is not supported: Django knows its users" in message for message in messages)


@pytest.mark.parametrize(
    "line",
    [
        "import streamsync",
        "import streamsync.core as sc; sc.StreamsyncState",
        "import streamsync.core; streamsync.core.State; streamsync.init_state",
        "from streamsync import core; core.pack_file",
        "from streamsync import *; init_state({})",
        "import writer as wf; wf.core.WriterState; wf.ui; wf.VERSION",
        "from writer.core_ui import Component, UIError",
        "from writer import ai, auth; import writer.ai, writer.serve, writer.workflows, writer.blueprints",
        "from writer.ai import Conversation, complete",
        "import streamsync as ss; ss.init_state({'a': 1}); assert ss.initial_state['a'] == 1",
        "import writer as wf; assert 'root' in wf.base_component_tree",
        "import writer as wf; assert wf.Config.mode in ('run', 'edit'); wf.Config.logger.info('x')",
        "import writer as wf; wf.core.EventDeserialiser, wf.core.StateSerialiser",
    ],
)
def test_imports_of_the_original_are_answered(visit, tmp_path, line):
    visit(make_app(tmp_path, line + "\n"))


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("import writer as wf; wf.ai.complete('x')", "writer.ai.complete is not supported"),
        ("from writer.ai import complete; complete('x')", "writer.ai.complete is not supported"),
        ("from writer.auth import BasicAuth\nclass A(BasicAuth): pass", "writer.auth.BasicAuth"),
        ("import writer.serve as s; s.register_auth(1)", "asgi.py"),
        ("import writer as wf; wf.session_manager.close_session('x')", "session_manager.close_session"),
        ("import writer as wf; wf.get_app_process()", "no process|applications run in"),
        ("import writer as wf; wf.core.AppProcess()", "streamsync.core.AppProcess is not supported"),
        ("import streamsync_django as ss; ss.serve", "asgi.py"),
        ("import streamsync.nothing", "No module named"),
    ],
)
def test_what_is_not_supported_is_named_with_what_to_use(visit, tmp_path, line, advice):
    with pytest.raises(ApplicationError, match=advice):
        visit(make_app(tmp_path, line + "\n"))


def test_a_module_of_the_authors_own_wins_over_an_alias(visit, tmp_path):
    folder = make_app(tmp_path, "import writer\nimport streamsync as ss\nss.init_state({'x': writer.PEN})\n")
    (folder / "writer.py").write_text("PEN = 'blue'\n")
    assert visit(folder).state["x"] == "blue"


def test_arguments_that_nobody_gives_are_warned_of_at_load(tmp_path):
    main = """
        import streamsync_django as ss

        def good(state, payload, context, session, user, app, ui): ...
        def bad(state, playload, extra=None): ...
        def never_called(anything): ...

        @ss.middleware()
        def around(sate): yield

        @ss.session_verifier
        def check(cookie): return True
    """
    folder = make_app(tmp_path, main, button("A", "good"), button("B", "bad"))
    registry = ApplicationRegistry({"app": folder}, FileLayouts())
    registry.get("app")
    entries = registry.log.entries("app")
    warnings = [entry.message for entry in entries if entry.kind == "warning"]
    assert [message.split(",")[0] for message in warnings] == [
        "bad() asks for 'playload'",
        "around() asks for 'sate'",
        "check() asks for 'cookie'",
    ]
    assert "did you mean 'payload'?" in warnings[0]


def test_arguments_of_the_original_that_there_are_not_say_what_to_use(visit, tmp_path):
    main = """
        import writer as wf
        wf.init_state({"flags": list(wf.Config.feature_flags)})

        def go(state, vault): ...
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "go")))
    assert visitor.state == {"flags": []}
    assert visitor.click("Go").status == "failed"
    assert [entry.kind for entry in visitor.log] == ["warning", "error"]
    for entry in visitor.log:
        assert "go() asks for 'vault'" in entry.message
        assert "secrets belong into Django's settings" in entry.message


def test_functions_of_the_package_are_no_handlers_and_imported_ones_are(visit, tmp_path):
    main = """
        from streamsync import *
        from textwrap import dedent

        def go(state): ...

        init_state({})
    """
    visitor = visit(make_app(tmp_path, main))
    assert sorted(visitor.session.application.application.handlers) == ["dedent", "go"]
