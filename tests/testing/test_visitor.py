"""The test client that authors use, on applications of the demo site."""

from collections.abc import Iterator

import pytest

from streamsync_django.testing import Visitor


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
