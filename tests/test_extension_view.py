"""Files of custom components on their way to the browser."""

import json
import re

import pytest
from django.test import Client

from streamsync_django.testing import Visitor


def test_the_page_names_the_custom_types_and_their_files(client: Client, db: None) -> None:
    text = client.get("/gallery/").content.decode()
    found = re.search(r'<script id="streamsync-boot"[^>]*>(.*?)</script>', text, re.S)
    assert found
    counter = next(item for item in json.loads(found[1])["extensions"] if item["type"] == "custom_counter")
    assert counter["module"] == "/gallery/extensions/counter/index.js"
    assert counter["styles"] == ["/gallery/extensions/counter/style.css"]
    assert counter["fields"]["count"] == ["number", "0"]
    assert counter["events"] == {"count-change": "all"}


@pytest.mark.parametrize(
    ("path", "kind"), [("counter/index.js", "text/javascript"), ("counter/style.css", "text/css")]
)
def test_modules_and_styles_are_served_as_what_they_are(
    client: Client, db: None, path: str, kind: str
) -> None:
    answer = client.get(f"/gallery/extensions/{path}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


@pytest.mark.parametrize("path", ["counter/secret.py", "../main.py", "..%2Fmain.py", "counter/none.js", ""])
def test_nothing_else_is_served(client: Client, db: None, path: str) -> None:
    assert client.get(f"/gallery/extensions/{path}").status_code == 404


def test_payloads_are_checked_by_the_definition() -> None:
    with Visitor("project.apps.gallery") as visitor:
        visitor.page = "extensions"
        assert visitor.state["counter"]["count"] == 3
        visitor.send("demo-counter", "count-change", 7)
        assert visitor.state["counter"]["count"] == 7
        with pytest.raises(AssertionError, match=r"number|payload"):
            visitor.send("demo-counter", "count-change", {"not": "a number"})
