"""The Python in the documentation is Python, and what is a whole application or test works."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app, text

pytest_plugins = ["streamsync_django.testing.fixtures"]

Open = Callable[..., Visitor]

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def blocks(page: Path) -> list[str]:
    found = re.findall(
        r"^( *)```python\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return [textwrap.dedent(block) for _, block in found]


def block(name: str, begins: str) -> str:
    """Return the example of a page that contains a text."""
    (found,) = [each for each in blocks(ROOT / "docs" / name) if begins in each]
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_every_python_example_is_python(page: Path) -> None:
    for example in blocks(page):
        ast.parse(example, filename=str(page))


def bound_input(label: str, event: str, handler: str) -> dict[str, object]:
    return {"type": "textinput", "content": {"label": label}, "handlers": {event: handler}}


def test_the_first_application_greets(visit: Open, tmp_path: Path) -> None:
    main = block("handlers.md", "def greet")
    visitor = visit(make_app(tmp_path, main, bound_input("Name", "ss-change", "greet"), text("@{greeting}")))
    visitor.type("Name", "Ada")
    assert visitor.sees("Hello, Ada!")


def test_the_assignments_of_the_state_do_what_their_comments_say(visit: Open, tmp_path: Path) -> None:
    lines = textwrap.indent(block("state.md", 'state["counter"] += 1'), " " * 8)
    main = f"""
    import streamsync_django as ss

    ss.init_state({{"counter": 0, "filter": {{"low": 1, "high": 9}}, "rows": [{{"x": 0}}]}})

    def go(state):
{lines}
        assert isinstance(state["filter"], dict)
    """
    visitor = visit(make_app(tmp_path, main, button("Go", "go")))
    assert visitor.click("Go").status == "ok", visitor.log
    assert visitor.state == {"counter": 1, "filter": {"high": 9}, "rows": [{"x": 2}, {"x": 1}]}


def test_a_typed_state_has_attributes(visit: Open, tmp_path: Path) -> None:
    main = "import streamsync_django as ss\n\n" + block("state.md", "class Shop")
    visitor = visit(make_app(tmp_path, main, button("Buy", "buy")))
    assert visitor.click("Buy").status == "ok", visitor.log
    assert visitor.state["total"] == 9.99
    assert visitor.state["address"] == {"city": "Bern"}
    assert visitor.state["with_tax"] == pytest.approx(10.8, abs=0.01)


def test_a_subscription_is_told_of_changes(visit: Open, tmp_path: Path) -> None:
    main = block("state.md", "subscribe_mutation")
    visitor = visit(make_app(tmp_path, main, button("Add", "add")))
    assert visitor.click("Add").status == "ok", visitor.log
    assert visitor.state["total"] == 6


def test_a_middleware_runs_around_handlers(visit: Open, tmp_path: Path) -> None:
    main = block("handlers.md", "@ss.middleware()") + "\n\ndef go(state):\n    pass\n"
    visitor = visit(make_app(tmp_path, main, button("Go", "go")))
    assert visitor.click("Go").status == "ok", visitor.log
    assert "took" in visitor.log[-1].message


def test_a_handler_makes_components(visit: Open, tmp_path: Path) -> None:
    main = block("handlers.md", "ui.find") + "\n\ndef remove(payload):\n    pass\n"
    box = {"type": "section", "id": "results"}
    visitor = visit(make_app(tmp_path, main, box, button("Search", "search")))
    assert visitor.click("Search").status == "ok", visitor.log
    assert visitor.sees("Found 3")


def test_the_example_of_uploads_takes_files(visit: Open, tmp_path: Path) -> None:
    main = "import streamsync_django as ss\nss.init_state({'sizes': []})\n" + block(
        "uploads.md", "handle_files"
    )
    box = {"type": "fileinput", "content": {"label": "Files"}, "handlers": {"ss-file-change": "handle_files"}}
    visitor = visit(make_app(tmp_path, main, box))
    visitor.upload("Files", {"a.txt": b"abc"})
    assert visitor.state["sizes"] == [["a.txt", 3]]


def test_the_example_of_shared_state_counts_for_all(visit: Open, tmp_path: Path) -> None:
    main = block("shared-state.md", "vote_tea")
    visitor = visit(make_app(tmp_path, main, button("Tea", "vote_tea"), text("Tea: @{shared.votes.tea}")))
    other = visitor.another()
    visitor.click("Tea")
    other.click("Tea")
    assert visitor.sees("Tea: 2")


def test_the_handler_of_the_push_example_takes_an_order(visit: Open, tmp_path: Path) -> None:
    main = "import streamsync_django as ss\nss.init_state({'orders': []})\n" + block(
        "push.md", "def new_order"
    )
    visitor = visit(make_app(tmp_path, main))
    handler = visitor.session.application.application.handlers["new_order"]
    state = visitor.session.state
    handler.function(state=state, payload={"id": 7})
    assert state["orders"] == [7]


@pytest.mark.parametrize("begins", ["def test_the_counter_counts", "def test_two_visitors_do_not_meet"])
def test_the_examples_of_tests_pass(visit: Open, begins: str) -> None:
    namespace: dict[str, Callable[..., None]] = {}
    exec(compile(block("testing.md", begins), "testing.md", "exec"), namespace)
    test = next(value for name, value in namespace.items() if name.startswith("test_"))
    if "visit" in begins:
        test(visit)
    else:
        test()
