"""Django's active language in the browser: its direction, and how it writes numbers and dates."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.demo_site import DemoSite
from tests.e2e.looks import DESK, KEYS, OVERFLOW, PHONE, Looks, looking

pytestmark = pytest.mark.browser

#: Texts that do not begin at the right, where those around them do; authors and charts may place theirs.
ASTRAY = """() => [...document.querySelectorAll(
        ".streamsync :is(p, h1, h2, h3, h4, label, legend, .ss-field__label, .ss-table__cell)")].flatMap((element) => {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest("[style*='text-align']")) return [];
    if (element.closest(".ss-map, .ss-chat__bubble, .ss-webcam__off, .js-plotly-plot, .ss-visually-hidden, .is-menu"))
        return [];
    const text = document.createRange();
    text.selectNodeContents(element);
    const style = getComputedStyle(element);
    const inner = element.getBoundingClientRect().right - parseFloat(style.paddingRight);
    const gap = inner - text.getBoundingClientRect().right;
    return text.toString().trim() && gap > 2 ? [`${element.className} ${text.toString().slice(0, 30)} ${gap}`] : [];
})"""

NUMBERS = {
    "de": {
        "locale": "de-DE",
        "rows": "1–5 von 5",
        "growth": "-0,034",
        "day": "15.09.2020",
        "share": "40 %",
        "items": "1.500 Einträge",
        "more": "1.300 weitere",
        "pages": "1–10 von 12.034",
        "page": "Seite 1.204",
        "zoom": "110 %",
        "month": "Oktober",
        "amount": "10.000,5",
        "tool": "Vergrößern",
    },
    "fr": {
        "locale": "fr-FR",
        "rows": "1–5 sur 5",
        "growth": "-0,034",
        "day": "15 sept. 2020",
        "share": "40 %",
        "items": "1 500 éléments",
        "more": "1 300",
        "pages": "1–10 sur 12 034",
        "page": "Page 1 204",
        "zoom": "110 %",
        "month": "octobre",
        "amount": "10 000,5",
        "tool": "Agrandir",
    },
}

BARS = {
    "data": [{"type": "bar", "x": ["2024-10-01", "2024-10-02"], "y": [1, 10000.5]}],
    "layout": {
        "xaxis": {"type": "date", "tickformat": "%B", "dtick": "M1", "tick0": "2024-10-01"},
        "yaxis": {"tickformat": ",.1f", "tickvals": [10000.5]},
    },
}
GROUPS = {
    "data": {"values": [{"a": "2024-10-01", "b": 10000.5}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "a", "type": "ordinal", "timeUnit": "utcmonth", "axis": {"format": "%B"}},
        "y": {"field": "b", "type": "quantitative", "axis": {"format": ",.1f", "values": [10000.5]}},
    },
}


@pytest.fixture(scope="module")
def arabic(browser: Browser, demo_site: DemoSite) -> Iterator[Looks]:
    """The page of somebody who reads Arabic, for whom we have no texts of our own."""
    with looking(browser, demo_site.url, locale="ar") as page:
        yield page


def demo(page: Page, type_name: str) -> Locator:
    return page.locator(f"[data-streamsync-id='demo-{type_name}']")


def set_field(page: Page, type_name: str, field: str, value: str) -> None:
    """Let the gallery's handler put a text into a field."""
    page.locator("[data-streamsync-id='inspected-" + page.url.partition("#")[2] + "'] select").select_option(
        type_name
    )
    page.get_by_role("textbox", name=field, exact=True).fill(value)


@pytest.mark.parametrize("key", KEYS)
def test_in_arabic_every_page_runs_from_right_to_left(arabic: Looks, key: str) -> None:
    page = arabic.gallery(key)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    for width in (DESK, PHONE):
        arabic.size(width)
        assert page.evaluate(OVERFLOW) <= 0, width
        assert page.evaluate(ASTRAY) == [], width


def test_in_arabic_what_stands_at_the_edges_changes_sides(arabic: Looks) -> None:
    arabic.size(DESK)
    page = arabic.open("/hello/")
    sidebar = page.get_by_role("complementary").bounding_box()
    content = page.get_by_role("main").bounding_box()
    assert sidebar
    assert content
    assert sidebar["x"] >= content["x"] + content["width"] - 1
    page.get_by_role("button", name="Show all days").click()
    bell = page.get_by_role("button", name="Notifications").bounding_box()
    assert bell
    assert bell["x"] < 40
    arabic.size(PHONE)
    page.get_by_role("button", name="Sidebar").click()
    drawer = page.get_by_role("dialog", name="Sidebar").bounding_box()
    assert drawer
    assert drawer["x"] + drawer["width"] == PHONE


def test_in_arabic_numbers_and_charts_run_from_left_to_right(arabic: Looks) -> None:
    arabic.size(DESK)
    page = arabic.gallery("content")
    # The labels of the vertical axis end before the first bar begins.
    labels, bars = page.evaluate(
        """() => {
            const boxes = (parts) => [...document.querySelectorAll(`.ss-vega svg ${parts}`)];
            const numbers = boxes(".role-axis-label text").filter((text) => /^\\d+$/.test(text.textContent));
            return [numbers.map((text) => text.getBoundingClientRect().right),
                    boxes(".mark-rect.role-mark path").map((bar) => bar.getBoundingClientRect().left)];
        }"""
    )
    assert len(labels) > 5
    assert max(labels) <= min(bars) + 1
    # Units stand below units, and below the name of their column.
    visitors = page.evaluate(
        """() => {
            const text = document.createRange();
            return [...document.querySelectorAll(
                    ".ss-table__heading.is-numeric:nth-child(3) .ss-table__name, .ss-table__cell.is-numeric:nth-child(3)")]
                .map((part) => { text.selectNodeContents(part); return text.getBoundingClientRect().right; });
        }"""
    )
    assert len(visitors) == 6
    assert max(visitors) - min(visitors) < 2


@pytest.mark.parametrize("language", NUMBERS)
def test_numbers_and_dates_are_written_as_the_language_does(
    browser: Browser, demo_site: DemoSite, language: str
) -> None:
    written = NUMBERS[language]
    with looking(browser, demo_site.url, locale=written["locale"]) as looks:
        page = looks.gallery("content")
        table = demo(page, "dataframe")
        for name in ("rows", "growth", "day"):
            expect(table).to_contain_text(written[name])
        expect(demo(page, "progressbar")).to_contain_text(written["share"])
        set_field(page, "jsonviewer", "Data", json.dumps({"numbers": list(range(1500))}))
        expect(demo(page, "jsonviewer")).to_contain_text(written["items"])
        demo(page, "jsonviewer").get_by_role("button", name="numbers").click()
        expect(demo(page, "jsonviewer")).to_contain_text(written["more"])
        set_field(page, "plotlygraph", "Graph specification", json.dumps(BARS))
        set_field(page, "vegalitechart", "Chart specification", json.dumps(GROUPS))
        for chart in ("plotlygraph", "vegalitechart"):
            for name in ("month", "amount"):
                expect(
                    demo(page, chart).locator("svg text").get_by_text(written[name]).first
                ).to_be_attached()
        expect(demo(page, "plotlygraph").locator(f"[data-title='{written['tool']}']")).to_have_count(1)

        looks.gallery("other")
        set_field(page, "pagination", "Total items", "12034")
        expect(demo(page, "pagination")).to_contain_text(written["pages"])
        expect(demo(page, "pagination").get_by_role("button", name=written["page"])).to_be_visible()
        looks.gallery("embed")
        demo(page, "pdf").get_by_role("button").nth(3).click()
        expect(demo(page, "pdf")).to_contain_text(written["zoom"])
