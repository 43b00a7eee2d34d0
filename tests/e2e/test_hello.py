"""The weather example in a real browser: each thing that it is there to show."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts.demo_site import DemoSite
from tests.plugins.browser import OpenPage, Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def hello(open_page: OpenPage, demo_site: DemoSite) -> Visit:
    visit = open_page(f"{demo_site.url}/hello/")
    expect(visit.page.get_by_text("933 of 1,461 days match.")).to_be_visible()
    return visit


def test_a_slider_changes_metrics_table_and_charts(hello: Visit) -> None:
    page = hello.page
    lines = page.locator(".js-plotly-plot .scatterlayer path.js-line").first
    expect(lines).to_be_visible()
    drawn = lines.get_attribute("d")
    expect(page.get_by_text("20.5 °C")).to_be_visible()

    page.get_by_role("slider", name="Warmest at least").fill("30")
    expect(page.get_by_text("63 of 1,461 days match.")).to_be_visible()
    expect(page.get_by_text("31.8 °C")).to_be_visible()
    expect(page.get_by_text(re.compile(r"15\.3 °C against all days"))).to_be_visible()
    expect(lines).not_to_have_attribute("d", drawn or "")

    _open_tab(page, "Table")
    expect(page.get_by_role("cell", name="2012-08-04")).to_be_visible()


def test_a_filter_that_lets_nothing_through_says_so(hello: Visit) -> None:
    page = hello.page
    page.get_by_role("slider", name="Warmest at least").fill("36")
    expect(page.get_by_text("No day in four years was like that.")).to_be_visible()
    page.get_by_role("button", name="Show all days").click()
    expect(page.get_by_text("1,461 of 1,461 days match.")).to_be_visible()
    expect(page.get_by_text("No day in four years was like that.")).to_be_hidden()
    expect(page.get_by_role("slider", name="Warmest at least")).to_have_value("-2")


def test_the_table_searches(hello: Visit) -> None:
    page = hello.page
    page.get_by_role("button", name="Show all days").click()
    _open_tab(page, "Table")
    expect(page.get_by_role("cell", name="2012-01-01")).to_be_visible()
    page.get_by_role("searchbox").fill("2015-08")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="2015-08-01")).to_be_visible()
    expect(page.get_by_role("cell", name="2012-01-01")).to_be_hidden()


def test_a_button_in_a_repeater_knows_its_card(hello: Visit) -> None:
    page = hello.page
    _open_tab(page, "Records")
    cheers = page.get_by_role("button", name="Cheer")
    expect(cheers).to_have_count(4)
    cheers.nth(2).click()
    expect(page.get_by_text("55.9 mm on 15 March 2015: noted.")).to_be_visible()
    expect(cheers.nth(2)).to_have_text(re.compile(r"Cheer \(1\)"))
    for other in (0, 1, 3):
        expect(cheers.nth(other)).to_have_text(re.compile(r"Cheer \(0\)"))


def test_a_handler_switches_the_page(hello: Visit) -> None:
    page = hello.page
    _open_tab(page, "Records")
    page.get_by_role("button", name="Tell").first.click()
    expect(page).to_have_url(re.compile("#almanac"))
    expect(page.get_by_role("heading", name="The hottest day")).to_be_visible()
    page.get_by_role("button", name="Back to the weather").click()
    expect(page.get_by_text("933 of 1,461 days match.")).to_be_visible()


def test_what_is_downloaded_is_what_was_filtered(hello: Visit) -> None:
    page = hello.page
    page.get_by_role("slider", name="Warmest at least").fill("30")
    expect(page.get_by_text("63 of 1,461 days match.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "seattle-weather.csv"
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "date,precipitation,temp_max,temp_min,wind,weather"
    assert len(lines) == 1 + 63


def test_the_timer_ticks_only_while_it_is_active(hello: Visit) -> None:
    page = hello.page
    _open_tab(page, "Replay")
    date = page.get_by_text(re.compile(r"^\d\d January 2012$"))
    expect(date).to_have_text("07 January 2012")
    page.get_by_role("button", name="Play").click()
    expect(date).to_have_text(re.compile(r"^[1-3]\d January 2012$"))  # a busy machine may not see every day
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_timeout(700)  # a tick that was under way when the button was clicked may still arrive
    stopped_at = date.inner_text()
    page.wait_for_timeout(1500)
    assert date.inner_text() == stopped_at
    assert datetime.strptime(stopped_at, "%d %B %Y") >= datetime(2012, 1, 10)


def test_a_long_handler_shows_what_it_has_so_far(hello: Visit) -> None:
    page = hello.page
    page.get_by_role("button", name="Read the almanac").click()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    expect(page.get_by_text("Signed: Ada")).to_be_visible()
    page.get_by_role("button", name="Write the almanac").click()
    # One look at everything: the chapters do not wait for a busy machine, nor for what draws Markdown.
    so_far = page.wait_for_function(
        """() => {
          const text = document.body.innerText;
          const chapter = /Writing \\d{4}: chapter ([23]) of 4/.exec(text);
          const button = [...document.querySelectorAll("button")].find((one) => /Write the almanac/.test(one.innerText));
          const headings = [...document.querySelectorAll("h1, h2, h3, h4")].map((one) => one.innerText).join();
          return chapter && headings.includes("2012") && { headings, isDisabled: button.disabled };
        }"""
    ).json_value()
    assert "2015" not in so_far["headings"]
    assert so_far["isDisabled"]
    expect(page.get_by_text("Finished: 4 chapters")).to_be_visible()
    expect(page.get_by_text("Written by Ada.")).to_be_visible()
    expect(page.get_by_role("button", name="Write the almanac")).to_be_enabled()


def test_the_picture_and_the_markdown_are_there(hello: Visit) -> None:
    page = hello.page
    _open_tab(page, "Layout")
    expect(page.get_by_role("heading", name="A page is a tree of components")).to_be_visible()
    picture = page.locator("img[src$='static/skyline.svg']")
    expect(picture).to_be_visible()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())


def _open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
