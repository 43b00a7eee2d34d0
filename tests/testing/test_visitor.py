"""The test client that authors use, on applications of the demo site."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamsync_django.core.errors import ApplicationError
from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    with Visitor("project.apps.counter") as visitor:
        yield visitor


def test_a_visitor_clicks_and_sees(visitor: Visitor) -> None:
    assert visitor.sees("Count: 0")
    assert visitor.click("Increment").status == "ok"
    assert visitor.sees("Count: 1")
    assert visitor.state == {"count": 1}


def test_visitors_do_not_meet(visitor: Visitor) -> None:
    other = visitor.another()
    visitor.click("Increment")
    assert visitor.state["count"] == 1
    assert other.state["count"] == 0


def test_what_is_not_there_is_named_with_what_is(visitor: Visitor) -> None:
    with pytest.raises(
        AssertionError, match=r"nothing called 'Decrement' is visible; there is: .*'Increment'"
    ):
        visitor.click("Decrement")
    with pytest.raises(AssertionError, match="'Count: 7' cannot be seen among"):
        visitor.sees("Count: 7", timeout=0.05)


def test_an_event_that_no_page_sends_is_refused(visitor: Visitor) -> None:
    with pytest.raises(AssertionError, match=r"refused: event\.unknown-type"):
        visitor.send(visitor.find("Increment"), "ss-change", "x")


def test_verifiers_decide_who_comes_in(tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({"at_home": True})

        @ss.session_verifier
        def from_home(headers, cookies):
            return headers.get("x-network") == "home" and cookies.get("key") == "1"
    """
    folder = make_app(tmp_path, main)
    with Visitor(folder, headers={"X-Network": "home"}, cookies={"key": "1"}) as visitor:
        assert visitor.state["at_home"]
        with pytest.raises(AssertionError, match="does not admit"):
            visitor.another(cookies={"key": "1"})
    with pytest.raises(AssertionError, match="does not admit"):
        Visitor(folder)


def test_an_application_that_does_not_load_leaves_no_thread_behind(tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match="ZeroDivisionError"):
        Visitor(make_app(tmp_path, "1 / 0"))
    assert [thread.name for thread in threading.enumerate() if thread.name == "streamsync-stage-app"] == []


def test_a_visitor_is_notified_of_what_failed_unless_the_handler_said_something(tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        print("loaded")
        ss.init_state({})

        def fail(state):
            raise ValueError

        def explain(state):
            state.add_notification("warning", "Sold out", "Come back tomorrow")
            raise ValueError
    """
    with Visitor(make_app(tmp_path, main, button("Fail", "fail"), button("Explain", "explain"))) as visitor:
        assert [entry.message for entry in visitor.log] == ["loaded"], "what loading said is in the log"
        assert visitor.click("Fail").status == "failed"
        visitor.click("Explain")
        told = [(item.type, item.title) for item in visitor.notifications]
        assert told == [("error", "That did not work"), ("warning", "Sold out")]
        assert "ValueError" in (visitor.log[-1].traceback or "")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    main = """
        import streamsync_django as ss
        ss.init_state({"colour": "red", "chat": [{"role": "assistant", "content": "Good morning"}], "seen": []})

        def see(state, payload):
            state["seen"] += [payload]
    """
    options = '{"a": "Apple", "b": "Bean"}'
    bound = {"eventType": "ss-change", "stateRef": "colour"}
    second = {"type": "page", "id": "second", "parentId": "root", "content": {"key": "left"}}
    folder = make_app(
        tmp_path_factory.mktemp("shop"),
        main,
        {"type": "textinput", "content": {"label": "Colour"}, "binding": bound},
        {"type": "numberinput", "content": {"label": "Age"}, "handlers": {"ss-number-change": "see"}},
        {"type": "dropdowninput", "content": {"label": "Pick", "options": options}},
        {"type": "tags", "content": {"tags": options}, "handlers": {"ss-tag-click": "see"}},
        {"type": "chatbot", "content": {"conversation": "@{chat}"}},
        button("Sold out", "see", content={"text": "Sold out", "isDisabled": "yes"}),
        {"type": "image", "content": {"src": "logo.svg", "caption": "Our logo"}},
        second,
    )
    with Visitor(folder) as visitor:
        yield visitor


def test_what_is_seen_is_what_a_person_reads(shop: Visitor) -> None:
    for text in ("Colour", "red", "Apple", "Bean", "Good morning", "Sold out", "Our logo"):
        assert shop.sees(text, timeout=0.1)
    for technical in ("left", "0", "100%", "main", "logo.svg", "unset"):
        assert shop.does_not_see(technical)


def test_a_tag_is_clicked_by_its_label(shop: Visitor) -> None:
    shop.click("Bean")
    assert shop.state["seen"][-1] == "b"


def test_what_a_person_cannot_do_says_why(shop: Visitor) -> None:
    with pytest.raises(AssertionError, match=r"'Colour' \(textinput\) has none of .*, but: \['ss-change'"):
        shop.choose("Colour", "red")
    with pytest.raises(AssertionError, match="is disabled: a page sends none of its events"):
        shop.click("Sold out")
    with pytest.raises(AssertionError, match="'Age' takes numbers only, not 'old'"):
        shop.type("Age", "old")
    with pytest.raises(AssertionError, match="no visible page 'nowhere'"):
        shop.open("nowhere")
    assert shop.page is None, "who does not get there stays"


def test_leaving_twice_is_leaving_once() -> None:
    with Visitor("project.apps.counter") as visitor:
        visitor.close()


def test_who_has_not_logged_in_is_whom_django_says(tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({})

        def look(state, user):
            state["who"] = [type(user).__name__, user.is_authenticated]
    """
    with Visitor(make_app(tmp_path, main, button("Look", "look"))) as visitor:
        visitor.click("Look")
        assert visitor.state["who"] == ["AnonymousUser", False]
