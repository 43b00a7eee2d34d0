"""A layout made by others with the original editor, unchanged, over a main.py of ours.

The layout is not ours to distribute: STREAMSYNC_TEST_LAYOUTS names a folder that has `hello-0.2.8.json`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.demo_site import DemoSite
from tests.plugins.browser import OpenPage, Visit

pytestmark = pytest.mark.browser

APPLICATION = Path(__file__).parent.parent / "apps" / "original_hello"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    named = os.environ.get("STREAMSYNC_TEST_LAYOUTS")
    layout = Path(named or ".") / "hello-0.2.8.json"
    if not named or not layout.is_file():
        pytest.skip("STREAMSYNC_TEST_LAYOUTS names no folder with hello-0.2.8.json")
    folder = tmp_path_factory.mktemp("apps") / "pigeons"
    shutil.copytree(APPLICATION, folder)
    shutil.copyfile(layout, folder / "ui.json")
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": f"pigeons={folder}"}) as site:
        yield site


@pytest.fixture
def pigeons(open_page: OpenPage, site: DemoSite) -> Visit:
    visit = open_page(f"{site.url}/pigeons/")
    expect(visit.page.get_by_role("tab", name="Data and Charts")).to_be_visible()
    return visit


def test_every_component_type_of_it_is_drawn(pigeons: Visit) -> None:
    page = pigeons.page
    for tab in ("Layout", "Repeater", "Timer", "Data and Charts"):
        page.get_by_role("tab", name=tab).click()
    for type_name in (
        *(
            "root",
            "page",
            "header",
            "columns",
            "column",
            "section",
            "tabs",
            "tab",
            "sidebar",
            "image",
            "text",
        ),
        *("heading", "dataframe", "plotlygraph", "metric", "button", "separator"),
    ):
        assert page.locator(f".ss-type-{type_name}").count() > 0, type_name
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_its_sliders_filter_table_metrics_and_charts(pigeons: Visit) -> None:
    page = pigeons.page
    expect(page.get_by_text("1–10 of 20")).to_be_visible()
    page.get_by_role("button", name="Expand").or_(page.locator(".ss-type-sidebar button")).first.click()
    slider = page.get_by_role("slider", name="Minimum length")
    slider.fill("32")
    expect(page.get_by_text("1–10 of 20")).to_be_hidden()
    expect(slider).to_have_value("32")


def test_styles_follow_a_bound_slider(pigeons: Visit) -> None:
    page = pigeons.page
    page.get_by_role("tab", name="Layout").click()
    picture = page.locator("img.ss-type-html, .ss-type-html img").first
    page.get_by_role("slider", name="Hue rotation").fill("90")
    expect(picture).to_have_css("filter", "hue-rotate(170deg)")


def test_its_repeater_draws_a_card_for_each_member(pigeons: Visit) -> None:
    page = pigeons.page
    page.get_by_role("tab", name="Repeater").click()
    expect(page.get_by_text("has earned them this recognition")).to_have_count(3)


def test_its_timer_ticks(pigeons: Visit) -> None:
    page = pigeons.page
    page.get_by_role("tab", name="Timer").click()
    table = page.locator(".ss-type-dataframe:visible")
    before = table.inner_text()
    page.wait_for_function(
        "before => [...document.querySelectorAll('.ss-type-dataframe')]"
        ".some(table => table.checkVisibility() && table.innerText !== before)",
        arg=before,
    )


def test_native_clicks_change_the_page_and_download(pigeons: Visit) -> None:
    page = pigeons.page
    page.get_by_role("button", name="Read the story").click()
    expect(page.get_by_text("The story", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this story").click()
    assert download.value.path().read_bytes()
    page.get_by_role("button", name="Go back to the main page").click()
    expect(page.get_by_role("tab", name="Repeater")).to_be_visible()
