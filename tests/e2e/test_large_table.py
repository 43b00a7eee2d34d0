"""A table of 1,000,000 x 20 in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts.demo_site import DemoSite
from tests.faulty_network import FaultyNetwork
from tests.patience import overload
from tests.plugins.browser import OpenPage, Visit
from tests.redis_server import RedisServer

pytest.importorskip("polars")
pytestmark = pytest.mark.browser

ROWS = 1_000_000


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite({"DJANGO_SETTINGS_MODULE": "tests.e2e.table_settings"}) as site:
        yield site


@pytest.fixture
def visit(open_page: OpenPage, site: DemoSite) -> Visit:
    visit = open_page(f"{site.url}/million/")
    visit.page.get_by_role("button", name="Load", exact=True).click()
    expect(cell(visit.page, 0)).to_have_text("0")
    return visit


def row(page: Page, place: int):  # type: ignore[no-untyped-def]
    return page.locator(f'[role="row"][aria-rowindex="{place + 2}"]')


def cell(page: Page, place: int, column: int = 2):  # type: ignore[no-untyped-def]
    """Return a cell by its row's place; column 1 is the index."""
    return row(page, place).locator(f'[aria-colindex="{column}"]')


def count(page: Page):  # type: ignore[no-untyped-def]
    return page.locator(".ss-table__count")


def viewport(page: Page):  # type: ignore[no-untyped-def]
    return page.locator(".ss-table__viewport")


def test_the_first_rows_are_quickly_there_and_all_that_crosses_the_wire(
    open_page: OpenPage, site: DemoSite
) -> None:
    visit = open_page(f"{site.url}/million/")
    page, fetched = visit.page, []
    page.on(
        "response", lambda response: fetched.append(response) if "/blob/" in response.url else None
    )  # rows beyond those that come with the table
    load = page.get_by_role("button", name="Load", exact=True)
    assert load.evaluate(_MS_UNTIL_ROWS) < 500 * overload()
    expect(count(page)).to_have_text("1–10 of 1,000,000")
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", "1000001")
    page.wait_for_load_state("networkidle")
    sizes = [*map(len, visit.watched.received), *(len(response.body()) for response in fetched)]
    assert sum(sizes) < 256 * 1024


#: Clicks, and waits until the first ten rows are drawn.
_MS_UNTIL_ROWS = """(button) => new Promise((done) => {
  const started = performance.now();
  const look = () => document.querySelector('[aria-rowindex="11"] [aria-colindex="2"]')?.textContent.trim() === "9"
    ? done(performance.now() - started) : requestAnimationFrame(look);
  button.click();
  look();
})"""


def test_the_keyboard_reaches_the_last_row_and_comes_back(visit: Visit) -> None:
    page = visit.page
    viewport(page).focus()
    page.keyboard.press("End")
    expect(cell(page, ROWS - 1)).to_have_text("999,999")
    expect(cell(page, ROWS - 1)).to_be_in_viewport()
    expect(count(page)).to_have_text("999,991–1,000,000 of 1,000,000")
    page.keyboard.press("Home")
    expect(cell(page, 0)).to_be_in_viewport()
    expect(count(page)).to_have_text("1–10 of 1,000,000")


def test_the_wheel_moves_rows_by_as_much_as_it_turns_anywhere_in_the_table(visit: Visit) -> None:
    page = visit.page
    viewport(page).evaluate("element => element.scrollTop = element.scrollHeight / 2")
    expect(count(page)).to_contain_text(re.compile("^(499|500|501),"))
    expect(page.locator(".ss-table__bar")).to_have_count(0)
    page.wait_for_timeout(400)
    before = _first_in_view(page)
    viewport(page).hover()
    for _ in range(5):
        page.mouse.wheel(0, 72)
        page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    assert _first_in_view(page) == before + 10
    page.mouse.wheel(0, -360)
    page.wait_for_timeout(500)
    assert _first_in_view(page) == before, "and the bar being put right moves nothing"


def test_every_row_can_be_reached_from_the_top_by_the_wheel(visit: Visit) -> None:
    page = visit.page
    viewport(page).hover()
    for _ in range(1, 30):
        page.mouse.wheel(0, 360)
        page.wait_for_timeout(20)
    expect(count(page)).to_have_text("291–300 of 1,000,000")
    expect(cell(page, 290)).to_have_text("290")
    for _ in range(1, 30):
        page.mouse.wheel(0, -360)
        page.wait_for_timeout(20)
    expect(count(page)).to_have_text("1–10 of 1,000,000")


def test_the_server_sorts(visit: Visit) -> None:
    page = visit.page
    heading = page.get_by_role("button", name="id", exact=True)
    heading.click()
    heading.click()
    expect(cell(page, 0)).to_have_text("999,999")
    expect(cell(page, 0, 1)).to_have_text("999999")
    viewport(page).focus()
    page.keyboard.press("End")
    expect(cell(page, ROWS - 1)).to_have_text("0")


def test_the_server_searches_and_what_was_found_is_downloaded(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("searchbox").fill("name 99988")
    expect(count(page)).to_contain_text("(1,000,000 in all)", timeout=15_000)
    found = int(re.search(r"of ([\d,]+) \(", count(page).inner_text())[1].replace(",", ""))  # type: ignore[index]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as CSV").click()
    content = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == "data.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,city,price 0")
    assert len(lines) == found + 1
    assert any("東京" in line for line in lines)
    page.get_by_role("searchbox").fill("nowhere at all")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    expect(count(page)).to_have_text("1–10 of 1,000,000")


def test_rows_far_down_are_edited_and_acted_on_by_their_number(visit: Visit) -> None:
    page = visit.page
    heading = page.get_by_role("button", name="id", exact=True)
    heading.click()
    heading.click()
    expect(cell(page, 0)).to_have_text("999,999")
    viewport(page).evaluate("element => element.scrollTop = element.scrollHeight / 2")
    expect(page.locator(".ss-table__bar")).to_have_count(0)
    page.wait_for_timeout(400)
    place = _first_in_view(page) + 3
    expect(cell(page, place)).to_have_text(f"{ROWS - 1 - place:,}")
    cell(page, place, 3).dblclick()
    page.keyboard.type("Nykøbing")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Last: updated {ROWS - 1 - place} to Nykøbing")).to_be_visible()
    expect(cell(page, place, 3)).to_have_text("Nykøbing")
    assert _first_in_view(page) == place - 3, "the new table is shown at the same place"
    row(page, place).get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Open").click()
    expect(page.get_by_text(f"Last: open {ROWS - 1 - place}")).to_be_visible()


def test_another_table_is_shown_at_the_same_place(visit: Visit) -> None:
    page = visit.page
    viewport(page).evaluate("element => element.scrollTop = element.scrollHeight / 2")
    expect(page.locator(".ss-table__bar")).to_have_count(0)
    page.wait_for_timeout(400)
    place = _first_in_view(page)
    page.get_by_role("button", name="Load another").click()
    expect(cell(page, place)).to_have_text(f"{place + 1:,}")
    assert _first_in_view(page) == place


def test_a_lost_connection_costs_the_reader_nothing(open_page: OpenPage, site: DemoSite) -> None:
    with FaultyNetwork(site.port) as network:
        visit = open_page(f"http://127.0.0.1:{network.port}/million/")
        page = visit.page
        page.get_by_role("button", name="Load", exact=True).click()
        page.get_by_role("button", name="id", exact=True).click()
        page.get_by_role("button", name="id", exact=True).click()
        expect(cell(page, 0)).to_have_text("999,999")

        network.cut()
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        cell(page, 2, 3).dblclick()
        page.keyboard.type("Nykøbing")
        page.keyboard.press("Enter")
        viewport(page).evaluate("element => element.scrollTop = element.scrollHeight / 2")
        expect(page.get_by_text("Some rows could not be loaded")).to_be_visible()
        network.heal()
        expect(page.get_by_text("Last: updated 999997 to Nykøbing")).to_be_visible()
        expect(page.get_by_text("Some rows could not be loaded")).to_be_hidden()
        expect(page.locator(".ss-table__bar")).to_have_count(0)
        place = _first_in_view(page)
        assert abs(place - ROWS // 2) < ROWS // 100, "the reader is where the bar was dragged to"
        expect(cell(page, place)).to_have_text(f"{ROWS - 1 - place:,}")

        network.cut()
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        page.get_by_role("button", name="id", exact=True).click()
        page.get_by_role("button", name="id", exact=True).click()
        expect(page.get_by_text("Some rows could not be loaded")).to_be_visible()
        network.heal()
        expect(cell(page, 0)).to_have_text("0")
        expect(page.get_by_role("columnheader", name="id", exact=True)).to_have_attribute(
            "aria-sort", "ascending"
        )
        viewport(page).focus()
        page.keyboard.press("End")
        expect(cell(page, ROWS - 1)).to_have_text("999,999")
        cell(page, ROWS - 2, 3).dblclick()
        page.keyboard.type("Vejle")
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"Last: updated {ROWS - 2} to Vejle")).to_be_visible()
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused


def test_a_table_that_cannot_be_fetched_leaves_the_one_before_until_asked_again(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="id", exact=True).click()
    page.get_by_role("button", name="id", exact=True).click()
    expect(cell(page, 0)).to_have_text("999,999")
    page.route("**/rows/**", lambda route: route.abort())
    page.get_by_role("button", name="Load another").click()
    expect(page.get_by_text("Some rows could not be loaded")).to_be_visible()
    expect(cell(page, 0)).to_have_text("999,999")
    page.unroute("**/rows/**")
    page.get_by_role("button", name="Try again").click()
    expect(cell(page, 0)).to_have_text("1,000,000")
    expect(page.get_by_text("Some rows could not be loaded")).to_be_hidden()
    visit.watched.errors.clear()  # the browser itself reports each request that failed


def _first_in_view(page: Page) -> int:
    return int(count(page).inner_text().split("–")[0].replace(",", "")) - 1


@pytest.mark.redis
def test_an_instance_that_does_not_own_the_session_serves_its_rows_and_a_restart_costs_none(
    open_page: OpenPage, redis_server: RedisServer
) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.table_settings",
        "REDIS_URL": redis_server.url,
        "SECRET_KEY": "the same everywhere " * 3,
        "TEST_ROWS": "6000",
    }
    with DemoSite(environment) as owner, DemoSite(environment) as other:
        visit = open_page(f"{owner.url}/million/")
        page = visit.page
        # A balancer would do this: the socket stays at one instance, requests go to another.
        page.route(
            "**/rows/**", lambda route: route.continue_(url=route.request.url.replace(owner.url, other.url))
        )
        page.get_by_role("button", name="Load", exact=True).click()
        expect(cell(page, 0)).to_have_text("0")
        viewport(page).focus()
        page.keyboard.press("End")
        expect(cell(page, 5_999)).to_have_text("5999")
        assert "/rows/" in other.log
        assert "/rows/" not in owner.log
        page.get_by_role("button", name="id", exact=True).click()
        page.get_by_role("button", name="id", exact=True).click()
        expect(cell(page, 0)).to_have_text("5999")
        owner.restart()
        cell(page, 1, 3).dblclick()
        page.keyboard.type("Aarhus")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Last: updated 5998 to Aarhus")).to_be_visible(timeout=30_000 * overload())
        viewport(page).focus()
        page.keyboard.press("End")
        expect(cell(page, 5_999)).to_have_text("0")
        visit.watched.errors.clear()  # the browser itself reports each connection that was refused
