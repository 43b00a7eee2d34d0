"""What authors bring along: custom components as documented, stylesheets, scripts and modules."""

import json
import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from scripts.demo_site import ROOT, DemoSite
from tests.live import write_layout
from tests.plugins.browser import OpenPage

pytestmark = pytest.mark.browser

DOCUMENT = (ROOT / "docs" / "custom-components.md").read_text(encoding="utf-8")
#: A path on a line of its own, and the text of the file below it.
FILES = dict(re.findall(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE))

SORTED = """
import streamsync_django as ss

ss.init_state({"names": ["Ada", "Grace"], "told": []})

def tell(state, payload):
    state["told"] = payload

def greet(state):
    state["names"] = ["Alan", *state["names"]]
"""

DRESSED = """
import streamsync_django as ss

initial = ss.init_state({"told": ""})
initial.import_stylesheet("theme", "/static/theme.css")
initial.import_script("script", "static/script.js")
initial.import_frontend_module("module", "/static/module.js")

def call(state):
    state.call_frontend_function("module", "write", ["Called", 3])
    state.import_stylesheet("theme", "/static/late.css")
"""
#: As they were written for the original: by its class names, and with `!important` against its scoped rules.
THEME = """
.wf-type-button.component { border-radius: 3px !important; background: rgb(1, 2, 3) !important; }
.ss-type-heading { letter-spacing: 2px; }
.loud { color: rgb(4, 5, 6); text-transform: uppercase !important; }
[data-streamsync-id="greeting"] { padding-left: 7px; }
.ss-type-section { --accentColor: rgb(7, 8, 9); }
"""


def write_application(folder: Path, extension: str, main: str, component: dict[str, Any], *more: Any) -> None:
    """Write an application with one of the documented extensions."""
    for path, text in FILES.items():
        if path.startswith(f"extensions/{extension}/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(main, encoding="utf-8")
    write_layout(folder, [{"id": "example", **component}, *more])


def copy_widget(folder: Path) -> None:
    """Run what the document says to run in the application's folder."""
    (recipe,) = re.findall(r"^```python\n(from importlib.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(compile(recipe, "docs/custom-components.md", "exec"), {})
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder = tmp_path_factory.mktemp("custom")
    doubled = {"id": "doubled", "type": "text", "content": {"text": "Doubled: @{doubled}"}}
    write_application(folder / "beans", "counter", FILES["main.py"], json.loads(FILES["ui.json"]), doubled)
    sortable = {
        "type": "custom_sortable",
        "content": {"value": "@{names}", "addable": "yes", "removable": "yes"},
        "binding": {"eventType": "value-change", "stateRef": "names"},
        "handlers": {"value-change": "tell"},
    }
    told = {"id": "told", "type": "text", "content": {"text": "Told: @{told}, state: @{names}"}}
    greet = {"id": "greet", "type": "button", "content": {"text": "Greet"}, "handlers": {"ss-click": "greet"}}
    write_application(folder / "people", "sortable", SORTED, sortable, told, greet)
    if find_spec("wigglystuff") is not None:
        copy_widget(folder / "people")
    parts = [
        {
            "type": "heading",
            "content": {"text": "A heading", "cssClasses": "loud other", "headingType": "h2"},
        },
        {"id": "greeting", "type": "text", "content": {"text": "Greeting"}},
        {"id": "call", "type": "button", "content": {"text": "Call"}, "handlers": {"ss-click": "call"}},
        {"id": "section", "type": "section", "content": {"title": "", "primaryTextColor": "rgb(20, 30, 40)"}},
        {"id": "inside", "type": "text", "parentId": "section", "position": 0, "content": {"text": "Inside"}},
    ]
    write_application(folder / "dressed", "none", DRESSED, *parts)
    static = folder / "dressed" / "static"
    static.mkdir()
    (static / "theme.css").write_text(THEME)
    (static / "late.css").write_text(".ss-type-button { color: rgb(9, 9, 9); }")
    (static / "script.js").write_text("document.documentElement.dataset.script = 'ran';")
    (static / "module.js").write_text(
        "export function write(text, times) { document.documentElement.dataset.module = text.repeat(times); }"
    )
    apps = ",".join(f"{slug}={folder / slug}" for slug in ("beans", "people", "dressed"))
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": apps}) as site:
        yield site


def test_the_documented_example_counts(open_page: OpenPage, site: DemoSite) -> None:
    page = open_page(f"{site.url}/beans/").page
    page.get_by_role("button", name="Beans: 3").press("Enter")
    expect(page.get_by_role("button", name="Beans: 4")).to_be_visible()
    expect(page.get_by_text("Doubled: 8")).to_be_visible()


def test_an_anywidget_from_pypi_works_as_documented(open_page: OpenPage, site: DemoSite) -> None:
    if find_spec("wigglystuff") is None:
        assert "CI" not in os.environ, "requirements-widgets.txt is not installed"
        pytest.skip("requirements-widgets.txt is not installed")
    page = open_page(f"{site.url}/people/").page
    items = page.locator(".draggable-list-widget .item-label")
    expect(items).to_have_text(["Ada", "Grace"])

    page.get_by_placeholder("Add new item").fill("Edith")
    page.get_by_placeholder("Add new item").press("Enter")
    expect(page.get_by_text('Told: ["Ada","Grace","Edith"], state: ["Ada","Grace","Edith"]')).to_be_visible()
    expect(items).to_have_text(["Ada", "Grace", "Edith"])

    page.get_by_role("button", name="Remove Ada").press("Enter")
    expect(page.get_by_text('Told: ["Grace","Edith"], state: ["Grace","Edith"]')).to_be_visible()

    page.locator(".list-item", has_text="Edith").drag_to(page.locator(".list-item", has_text="Grace"),
                                                         target_position={"x": 20, "y": 3})  # fmt: skip
    expect(page.get_by_text('Told: ["Edith","Grace"], state: ["Edith","Grace"]')).to_be_visible()

    page.get_by_role("button", name="Greet").click()
    expect(items).to_have_text(["Alan", "Edith", "Grace"])
    # Its stylesheet came with it.
    assert page.locator(".list-item").first.evaluate("element => getComputedStyle(element).display") == "flex"


def test_a_stylesheet_of_old_wins_over_every_rule_of_ours(open_page: OpenPage, site: DemoSite) -> None:
    page = open_page(f"{site.url}/dressed/").page
    style = "(element, name) => getComputedStyle(element).getPropertyValue(name)"
    button = page.get_by_role("button", name="Call")
    heading = page.get_by_role("heading", name="A heading")
    expect(button).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(button).to_have_css("border-radius", "3px")
    expect(heading).to_have_css("letter-spacing", "2px")
    expect(heading).to_have_css("color", "rgb(4, 5, 6)")
    expect(heading).to_have_css("text-transform", "uppercase")
    expect(page.locator("[data-streamsync-id=greeting]")).to_have_css("padding-left", "7px")
    # A variable set on a container, by a field or by a stylesheet, is inherited by what stands in it.
    inside = page.get_by_text("Inside")
    assert inside.evaluate(style, "--accentColor") == "rgb(7, 8, 9)"
    assert inside.evaluate(style, "--primaryTextColor") == "rgb(20, 30, 40)"
    expect(inside).to_have_css("color", "rgb(20, 30, 40)")


def test_scripts_and_modules_of_static_run_when_imported(open_page: OpenPage, site: DemoSite) -> None:
    page = open_page(f"{site.url}/dressed/").page
    document = page.locator("html")
    expect(document).to_have_attribute("data-script", "ran")
    page.get_by_role("button", name="Call").click()
    expect(document).to_have_attribute("data-module", "CalledCalledCalled")
    # A stylesheet under the same key takes the place of the one before.
    expect(page.get_by_role("button", name="Call")).to_have_css("color", "rgb(9, 9, 9)")
    expect(page.get_by_role("button", name="Call")).not_to_have_css("border-radius", "3px")


def test_every_file_of_the_document_belongs_to_an_example() -> None:
    assert sorted(FILES) == [
        "extensions/counter/component.json",
        "extensions/counter/index.js",
        "extensions/sortable/component.json",
        "main.py",
        "ui.json",
    ]
