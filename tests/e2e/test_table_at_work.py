"""A table of a few rows in a real browser: columns, cells, downloads, edits, and what Python hears of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.demo_site import DemoSite
from tests.e2e.test_looks import SMALL
from tests.live import button, write_application
from tests.patience import overload
from tests.plugins.browser import OpenPage

pytest.importorskip("polars")
pytestmark = pytest.mark.browser

TIMEOUT = 20_000
MAIN = """
    import polars as pl
    from django.contrib.auth.models import User

    import streamsync_django as ss

    NOTE = (
        "**Strong** <script>window.hit = 1</script><b onclick='window.hit = 2'>pressed</b> "
        "[run](javascript:window.hit=3) [safe](#main) "
        "<a href='data:text/html,<script>top.hit = 4</script>'>data</a><svg onload='window.hit = 5'></svg>"
    )

    def _table(first):
        return pl.DataFrame({
            "city": ["Αθήνα, η", "東京 \\N{BLACK SQUARE BUTTON}", '"Québec" \\U0001f341'],
            "note": [NOTE, "Short", "Several words that need more room than a cell of a few pixels has " * 3],
            "guests": [first, 2**60 + 1, None],
            "done": [True, False, None],
        })

    ss.init_state({
        "table": _table(1), "people": None, "told": "nothing",
        "index": "yes", "wrap": "no", "markdown": "no",
    })

    def renew(state):
        state["table"] = _table(7)

    def switch(state, context):
        key = context["target"]
        state[key] = "no" if state[key] == "yes" else "yes"

    def hear(state, payload, context):
        if payload.get("record", {}).get("city") == "refused":
            raise ValueError("not today")
        payload.get("record", {}).pop("note", None)
        state["told"] = f"{context['event']} {payload}"

    def few_people(state):
        _make_people(3)
        state["people"] = User.objects.order_by("username").values("username", "is_staff", "id")[:3]

    def many_people(state):
        _make_people(5_200)
        state["people"] = User.objects.order_by("username").values("username", "is_staff", "id")

    def _make_people(count):
        names = (f"person {n:04}" for n in range(count))
        User.objects.bulk_create((User(username=name) for name in names), ignore_conflicts=True)
"""
FIELDS = {
    "dataframe": "@{table}",
    "showIndex": "@{index}",
    "wrapText": "@{wrap}",
    "useMarkdown": "@{markdown}",
    "enableDownload": "yes",
    "enableRecordAdd": "yes",
    "enableRecordUpdate": "yes",
    "actions": '{"open": "Open", "remove": "Remove"}',
}
HANDLERS = {
    "ss-dataframe-update": "hear",
    "ss-dataframe-add": "hear",
    "ss-dataframe-action": "hear",
}
COMPONENTS: list[dict[str, Any]] = [
    {"id": "told", "type": "text", "content": {"text": "Told: @{told}"}},
    button("renew", "renew", text="Renew"),
    *(button(key, "switch", text=f"Switch {key}") for key in ("index", "wrap", "markdown")),
    button("few", "few_people", text="Few people"),
    button("many", "many_people", text="Many people"),
    {"id": "table", "type": "dataframe", "content": FIELDS, "handlers": HANDLERS},
    {"id": "people", "type": "dataframe", "content": {"dataframe": "@{people}", "enableSearch": "yes"}},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder = write_application(tmp_path_factory.mktemp("apps") / "ledger", MAIN, COMPONENTS)
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": f"ledger={folder}"}) as site:
        yield site


@pytest.fixture
def page(open_page: OpenPage, site: DemoSite) -> Page:
    page = open_page(f"{site.url}/ledger/").page
    expect(table(page).get_by_role("columnheader", name="city")).to_be_visible()
    return page


def table(page: Page, id: str = "table") -> Locator:
    return page.locator(f"[data-streamsync-id='{id}']")


def cell(page: Page, place: int, column: int, id: str = "table") -> Locator:
    """Return a cell by its row's place; column 1 is the index where it is shown."""
    return table(page, id).locator(f'[role="row"][aria-rowindex="{place + 2}"] [aria-colindex="{column}"]')


def told(page: Page, text: str) -> None:
    expect(page.locator("[data-streamsync-id='told']")).to_contain_text(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def width_of(locator: Locator) -> int:
    box = locator.bounding_box()
    assert box
    return round(box["width"])


def height_of(locator: Locator) -> int:
    box = locator.bounding_box()
    assert box
    return round(box["height"])


def test_widths_chosen_by_pointer_and_keyboard_outlive_the_data(page: Page) -> None:
    by_pointer = page.get_by_role("separator", name="city")
    by_keyboard = page.get_by_role("separator", name="guests")
    city, guests = cell(page, 0, 2), cell(page, 0, 4)
    before = width_of(city)
    box = by_pointer.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 5, steps=4)
    page.mouse.up()
    expect(by_pointer).to_have_attribute("aria-valuenow", str(before + 40))
    page.mouse.move(x + 90, y)
    assert width_of(city) == before + 40, "and it follows the pointer no longer"
    by_keyboard.focus()
    page.keyboard.press("Home")
    expect(by_keyboard).to_have_attribute("aria-valuenow", "80")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(by_keyboard).to_have_attribute("aria-valuenow", "96")
    press(page, "Renew")
    expect(cell(page, 0, 4)).to_have_text("7")
    assert (width_of(city), width_of(guests)) == (before + 40, 96)
    by_keyboard.press("Enter")
    expect(by_keyboard).not_to_have_attribute("aria-valuenow", "96")
    assert width_of(city) == before + 40, "the others stay as they are"


def test_texts_wrap_and_the_index_is_shown_as_the_fields_say(page: Page) -> None:
    long = table(page).locator("[role=row][aria-rowindex='4']")
    assert height_of(long) == 36
    press(page, "Switch wrap")
    expect(table(page)).to_have_class(re.compile("is-wrapped"))
    assert height_of(long) > 50
    assert (
        table(page)
        .locator("[aria-rowindex='4'] [aria-colindex='3']")
        .evaluate("cell => cell.scrollWidth <= cell.clientWidth && cell.scrollHeight <= cell.clientHeight")
    ), "nothing of the text is cut off"
    press(page, "Switch wrap")
    expect(table(page)).not_to_have_class(re.compile("is-wrapped"))
    assert height_of(long) == 36
    expect(cell(page, 2, 1)).to_have_text("2")
    press(page, "Switch index")
    expect(cell(page, 2, 1)).to_contain_text("Québec")
    expect(table(page).get_by_role("rowheader")).to_have_count(0)
    press(page, "Switch index")
    expect(table(page).get_by_role("rowheader")).to_have_count(3)


def test_markdown_in_cells_is_drawn_and_can_do_nothing(page: Page) -> None:
    note = cell(page, 0, 3)
    expect(note).to_contain_text("**Strong** <script>")
    press(page, "Switch markdown")
    expect(note.locator("strong")).to_have_text("Strong")
    expect(note.get_by_role("link", name="safe")).to_have_attribute("href", "#main")
    assert note.evaluate(_DANGEROUS) == []
    for text in ("pressed", "run", "data"):
        note.get_by_text(text, exact=True).dispatch_event("click")
    assert page.evaluate("window.hit") is None
    assert page.url.endswith("/ledger/")


#: What in an element could run a script, or lead out of the page by one.
_DANGEROUS = """cell => [...cell.querySelectorAll("*")].flatMap((element) =>
  element.localName === "script" ? ["script"] : [...element.attributes]
    .filter(({ name, value }) => name.startsWith("on") || /^(javascript|data):/i.test(value.trim()))
    .map(({ name, value }) => `${name}=${value}`))"""


def test_what_is_downloaded_is_what_is_shown_in_any_alphabet(page: Page) -> None:
    page.get_by_role("button", name="city", exact=True).click()
    page.get_by_role("button", name="city", exact=True).click()
    expect(cell(page, 0, 1)).to_have_text("1")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as CSV").click()
    assert waiting.value.suggested_filename == "data.csv"
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets take it for UTF-8"
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == ",city,note,guests,done"
    assert lines[1].startswith("1,東京 \N{BLACK SQUARE BUTTON},Short,1152921504606846977,false")
    assert '0,"Αθήνα, η",' in lines[2]
    assert lines[3].startswith('2,"""Québec"" \U0001f341",')


def test_python_hears_of_edits_as_they_are_and_what_it_refuses_is_taken_back(page: Page) -> None:
    cell(page, 1, 2).dblclick()
    page.keyboard.type("Ωρωπός")
    page.keyboard.press("Enter")
    told(
        page,
        "ss-dataframe-update {'record': {'city': 'Ωρωπός', 'guests': 1152921504606846977, 'done': False}",
    )
    told(page, "'record_index': 1}")
    expect(cell(page, 1, 2)).to_have_text("Ωρωπός")

    cell(page, 0, 4).focus()
    page.keyboard.press("F2")
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="guests")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    expect(cell(page, 0, 4)).to_have_text("1")
    cell(page, 0, 4).dblclick()
    page.keyboard.type("2305843009213693953")
    page.keyboard.press("Enter")
    told(page, "'guests': 2305843009213693953, 'done': True}, 'record_index': 0}")

    cell(page, 0, 5).get_by_role("checkbox").uncheck()
    told(page, "'done': False}, 'record_index': 0}")

    cell(page, 0, 2).dblclick()
    page.keyboard.type("refused")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The change was not saved")).to_be_visible()
    expect(cell(page, 0, 2)).to_have_text("Αθήνα, η")
    expect(cell(page, 0, 4)).to_have_text("2,305,843,009,213,693,953")


def test_rows_are_added_and_acted_on_by_their_number_in_the_data(page: Page) -> None:
    page.get_by_role("button", name="guests", exact=True).click()
    page.get_by_role("button", name="guests", exact=True).click()
    row = table(page).get_by_role("row").nth(1)
    expect(row).to_contain_text("東京")
    row.get_by_role("button", name="Actions of row 1").click()
    page.get_by_role("menuitem", name="Remove").click()
    told(page, "ss-dataframe-action {'action': 'remove', 'record_index': 1}")
    page.get_by_role("button", name="Add a row").click()
    told(page, "ss-dataframe-add {'record': {'city': '', 'guests': 0, 'done': False}, 'record_index': 3}")
    expect(table(page).locator("[aria-rowindex='5']")).to_be_in_viewport()


def test_a_queryset_is_a_table_whether_few_rows_or_many(page: Page) -> None:
    people = table(page, "people")
    press(page, "Few people")
    expect(people.locator(".ss-table__count")).to_have_text("1–3 of 3")
    expect(people.get_by_role("columnheader")).to_have_text(["Index", "username", "is_staff", "id"])
    press(page, "Many people")
    expect(people.locator(".ss-table__count")).to_have_text("1–10 of 5,200", timeout=TIMEOUT * overload())
    people.locator(".ss-table__viewport").focus()
    page.keyboard.press("End")
    expect(cell(page, 5_199, 2, "people")).to_have_text("person 5199")
    people.get_by_role("searchbox").fill("PERSON 519")
    expect(people.locator(".ss-table__count")).to_have_text("1–10 of 10 (5,200 in all)")
    people.get_by_role("button", name="username", exact=True).click()
    people.get_by_role("button", name="username", exact=True).click()
    expect(cell(page, 0, 2, "people")).to_have_text("person 5199")


def test_fingers_hit_everything_and_names_are_read_beside_the_filters(
    browser: Browser, site: DemoSite
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(f"{site.url}/ledger/")
    press(page, "Few people")
    expect(cell(page, 0, 2, "people")).to_be_visible()
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(SMALL) == []
    names = page.locator(".ss-table__heading .ss-table__name")
    assert (
        names.evaluate_all("names => names.filter((name) => name.scrollWidth > name.clientWidth).length") == 0
    )
    box = cell(page, 1, 2).bounding_box()
    assert box
    for _ in range(2):
        page.touchscreen.tap(box["x"] + 30, box["y"] + 20)
    page.keyboard.type("Kyjiw")
    page.keyboard.press("Enter")
    told(page, "'record': {'city': 'Kyjiw'")
    context.close()
