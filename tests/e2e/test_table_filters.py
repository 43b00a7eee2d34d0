"""Filters in a table's headings: the same for a million rows at the server and for sixty in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.demo_site import DemoSite
from tests.plugins.browser import OpenPage

pytest.importorskip("polars")
pytestmark = pytest.mark.browser

ROWS = {"Load": 1_000_000, "Load few": 60}
EVERY_SIZE = pytest.mark.parametrize("size", ROWS)
SLOW = 20_000


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite({"DJANGO_SETTINGS_MODULE": "tests.e2e.table_settings"}) as site:
        yield site


@pytest.fixture
def page(open_page: OpenPage, site: DemoSite, size: str) -> Page:
    page = open_page(f"{site.url}/million/").page
    page.get_by_role("button", name=size, exact=True).click()
    shows(page, f"1–10 of {ROWS[size]:,}")
    return page


def shows(page: Page, count: str) -> None:
    expect(page.locator(".ss-table__count")).to_have_text(count, timeout=SLOW)


def cell(page: Page, place: int, column: int) -> Locator:
    """Return a cell by its row's place; column 1 is the index."""
    return page.locator(f'[role="row"][aria-rowindex="{place + 2}"] [aria-colindex="{column}"]')


def open_filter(page: Page, name: str) -> Locator:
    """Open the menu of a column by the keyboard."""
    page.get_by_role("button", name=f"Filter {name}", exact=True).focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog", name=f"Filter {name}", exact=True)
    expect(menu.get_by_role("combobox")).to_be_visible(timeout=SLOW)
    return menu


@EVERY_SIZE
def test_a_column_is_filtered_by_keyboard_and_the_filter_is_taken_back(page: Page, size: str) -> None:
    rows = ROWS[size]
    open_filter(page, "city")
    expect(page.get_by_label("Contains")).to_be_focused()
    page.keyboard.type("PARIS")
    shows(page, f"1–10 of {sum(n % 6 in (1, 4) for n in range(rows)):,} ({rows:,} in all)")
    expect(cell(page, 0, 2)).to_have_text("1")
    page.keyboard.press("Escape")
    button = page.get_by_role("button", name="Filter city", exact=True)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Clear filters (1)").click()
    shows(page, f"1–10 of {rows:,}")
    expect(cell(page, 0, 2)).to_have_text("0")


@EVERY_SIZE
def test_filters_of_several_columns_hold_together_with_the_sort_and_the_download(
    page: Page, size: str
) -> None:
    rows = ROWS[size]
    menu = open_filter(page, "city")
    menu.get_by_role("checkbox", name="Paris", exact=True).check()
    menu.get_by_role("checkbox", name="東京").check()
    page.keyboard.press("Escape")
    menu = open_filter(page, "id")
    expect(menu.get_by_label("To")).to_have_attribute("placeholder", str(rows - 1))
    menu.get_by_label("From").fill(str(rows - 10))
    menu.get_by_label("To").fill(str(rows - 2))
    page.keyboard.press("Escape")
    wanted = [n for n in range(rows - 10, rows - 1) if n % 6 in (3, 4)][::-1]
    shows(page, f"1–{len(wanted)} of {len(wanted)} ({rows:,} in all)")
    heading = page.get_by_role("button", name="id", exact=True)
    heading.click()
    heading.click()
    expect(cell(page, 0, 2)).to_have_text(f"{wanted[0]:,}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as CSV").click()
    lines = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines if "東京" in line or "Paris" in line]
    starts = [line.partition(",")[2] if size == "Load few" else line for line in lines[1:]]
    assert [int(line.split(",")[0]) for line in starts] == wanted


@EVERY_SIZE
def test_what_no_row_passes_is_said_and_the_menu_takes_it_back(page: Page, size: str) -> None:
    menu = open_filter(page, "city")
    menu.get_by_label("Cells").select_option("Only empty ones")
    expect(page.get_by_text("No row passes the filters.")).to_be_visible(timeout=SLOW)
    menu.get_by_role("button", name="Clear filter").click()
    shows(page, f"1–10 of {ROWS[size]:,}")
    expect(menu.get_by_role("button", name="Clear filter")).to_be_disabled()


@pytest.mark.parametrize("size", ["Load"])
def test_a_new_table_keeps_filters_and_sort(page: Page, size: str) -> None:
    open_filter(page, "city").get_by_role("checkbox", name="東京").check()
    page.keyboard.press("Escape")
    shows(page, "1–10 of 166,667 (1,000,000 in all)")
    heading = page.get_by_role("button", name="id", exact=True)
    heading.click()
    heading.click()
    expect(cell(page, 0, 2)).to_have_text("999,999")
    page.get_by_role("button", name="Load another").click()
    expect(cell(page, 0, 2)).to_have_text("1,000,000", timeout=SLOW)
    shows(page, "1–10 of 166,667 (1,000,000 in all)")
