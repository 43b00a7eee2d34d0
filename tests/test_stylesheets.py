"""What is built for the browser leaves the last word to an application's own stylesheets."""

import re
from pathlib import Path

import pytest

BUILT = Path(__file__).parent.parent / "streamsync_django" / "static" / "streamsync"


@pytest.fixture(scope="module", params=sorted(BUILT.rglob("*.css")), ids=lambda path: path.name)
def stylesheet(request: pytest.FixtureRequest) -> str:
    """A built stylesheet without its comments and quoted texts, which may hold anything."""
    path: Path = request.param
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r'"(?:[^"\\\\]|\\\\.)*"', '""', text)


def outermost_rules(stylesheet: str) -> list[str]:
    """Return what stands before the braces of every rule that is in no other."""
    rules, depth, start = [], 0, 0
    for position, character in enumerate(stylesheet):
        if character == "{":
            if depth == 0:
                rules.append(stylesheet[start:position].strip())
            depth += 1
        elif character == "}":
            depth -= 1
            start = position + 1
        elif character == ";" and depth == 0:
            rules.append(stylesheet[start:position].strip())
            start = position + 1
    assert depth == 0
    assert stylesheet[start:].strip() == ""
    return rules


def test_the_front_end_is_built() -> None:
    assert (BUILT / "renderer.css").is_file(), "run `make build`"


def test_every_rule_is_in_our_layer(stylesheet: str) -> None:
    assert {rule for rule in outermost_rules(stylesheet) if rule != "@layer streamsync"} == set()


def test_no_rule_is_more_important_than_an_authors(stylesheet: str) -> None:
    assert re.findall(r"[^{};]*!\s*important", stylesheet) == []
