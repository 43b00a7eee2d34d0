"""Pages and route variables: from the address to Python, from Python to the address, and back and forward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scripts.demo_site import DemoSite
from tests.live import button, write_application
from tests.plugins.browser import OpenPage

pytestmark = pytest.mark.browser

MAIN = """
    import streamsync_django as ss

    ss.init_state({"opened": "nothing", "changed": "nothing", "page": "none"})

    def opened(state, payload):
        state["opened"] = str(payload)

    def changed(state, payload):
        state["changed"] = str(payload)

    def page_opened(state, payload):
        state["page"] = payload

    def tell_story(state):
        state.set_route_vars({"id": 7, "näme": "a&b=ü"})
        state.set_page("story")

    def tell_other(state):
        state.set_route_vars({"id": 8, "näme": None})

    def go_home(state):
        state.set_page("home")
"""


def text(id: str, text: str, parent: str) -> dict[str, Any]:
    return {"id": id, "type": "text", "content": {"text": text}, "parentId": parent}


def screen(key: str, position: int, *components: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a page of this key with these components, and what tells of the address on it."""
    name = "page" if position == 0 else key  # the first is there in every application that is written
    tells = [
        text(f"{key}_opened", "Opened: @{opened}", name),
        text(f"{key}_changed", "Changed: @{changed}", name),
        text(f"{key}_page", "Page: @{page}", name),
    ]
    page = {
        "id": name, "type": "page", "content": {"key": key}, "parentId": "root", "position": position,
        "handlers": {"ss-page-open": "page_opened"},
    }  # fmt: skip
    return [page, *tells, *({**component, "parentId": name} for component in components)]


COMPONENTS = [
    {
        "id": "root", "type": "root", "parentId": None, "position": 0,
        "handlers": {"wf-app-open": "opened", "wf-hashchange": "changed"},
    },
    *screen("home", 0, button("tell", "tell_story", text="Tell the story")),
    *screen("story", 1, button("other", "tell_other", text="Another"), button("back", "go_home", text="Home")),
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder = write_application(tmp_path_factory.mktemp("apps") / "ways", MAIN, COMPONENTS)
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": f"ways={folder}"}) as site:
        yield site


def says(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True)).to_be_visible()


def stands_at(page: Page, hash: str) -> None:
    page.wait_for_function("hash => decodeURIComponent(location.hash) === hash", arg=hash)


def test_the_address_that_is_opened_or_typed_reaches_python(open_page: OpenPage, site: DemoSite) -> None:
    page = open_page(f"{site.url}/ways/#story/id=5&q=%CE%A9%20%26").page
    says(page, "Page: story")
    says(page, "Opened: {'page_key': 'story', 'route_vars': {'id': '5', 'q': 'Ω &'}}")
    page.evaluate("location.hash = '#story/id=6'")
    says(page, "Changed: {'page_key': 'story', 'route_vars': {'id': '6'}}")
    page.evaluate("location.hash = '#home/id=6'")
    says(page, "Page: home")
    says(page, "Changed: {'page_key': 'home', 'route_vars': {'id': '6'}}")
    says(page, "Opened: {'page_key': 'story', 'route_vars': {'id': '5', 'q': 'Ω &'}}")


def test_python_changes_the_address_and_back_and_forward_lead_through_it(
    open_page: OpenPage, site: DemoSite
) -> None:
    page = open_page(f"{site.url}/ways/").page
    says(page, "Opened: {'page_key': None, 'route_vars': {}}")
    page.get_by_role("button", name="Tell the story").click()
    says(page, "Page: story")
    stands_at(page, "#story/id=7&näme=a&b=ü")
    says(page, "Changed: {'page_key': 'story', 'route_vars': {'id': '7', 'näme': 'a&b=ü'}}")
    page.get_by_role("button", name="Another").click()
    stands_at(page, "#story/id=8")
    says(page, "Changed: {'page_key': 'story', 'route_vars': {'id': '8'}}")
    page.get_by_role("button", name="Home").click()
    stands_at(page, "#home/id=8")
    says(page, "Page: home")

    page.go_back()
    says(page, "Page: story")
    says(page, "Changed: {'page_key': 'story', 'route_vars': {'id': '8'}}")
    page.go_back()
    says(page, "Changed: {'page_key': 'story', 'route_vars': {'id': '7', 'näme': 'a&b=ü'}}")
    page.go_back()
    says(page, "Page: home")
    says(page, "Changed: {'page_key': None, 'route_vars': {}}")
    page.go_forward()
    says(page, "Page: story")
    says(page, "Changed: {'page_key': 'story', 'route_vars': {'id': '7', 'näme': 'a&b=ü'}}")
