"""Pages for everybody: read aloud, without motion, by fingers, from right to left, on a very narrow screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.demo_site import ROOT, DemoSite
from scripts.make_gallery import PAGES

pytestmark = pytest.mark.browser

AXE = ROOT / "streamsync_django" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = 390, 1280
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
KEYS = [key for key, _ in PAGES.values()]

#: Everything that still moves: styles with a duration that is not zero, and animations under way.
MOVING = """() => [...document.querySelectorAll("body, body *")].flatMap((element) =>
    [null, "::before", "::after"].flatMap((part) => {
        const style = getComputedStyle(element, part);
        const takes = (durations) => durations.split(",").some((each) => parseFloat(each) > 0);
        const moves = (style.transitionProperty !== "none" && takes(style.transitionDuration))
            || (style.animationName !== "none" && takes(style.animationDuration));
        return moves ? [`${element.tagName}.${element.getAttribute("class")}${part ?? ""}`] : [];
    })).concat(document.getAnimations().map((each) => `animation ${each.animationName}`))"""

#: What a finger cannot hit: controls lower or narrower than 44 px. A label belongs to its input, a field's
#: frame to the box in it; links in running text are as high as their line, and charts draw their own parts.
SMALL = """() => [...document.querySelectorAll(
    "button, select, textarea, input, summary, a[href], [role=tab], [role=option], [role=slider]")].flatMap(
    (element) => {
        if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: false })) return [];
        if (element.disabled || element.closest(".js-plotly-plot, .ss-vega, .ss-log, [aria-hidden=true]")) return [];
        if (element.tabIndex < 0 && element.getAttribute("role") !== "tab") return [];
        if (element.matches("a[href]") && getComputedStyle(element).display === "inline") return [];
        const area = element.closest("label, .ss-select, .ss-color") ?? element;
        const { width, height } = area.getBoundingClientRect();
        return width < 43.5 || height < 43.5
            ? [`${element.tagName}.${element.className} ${Math.round(width)}x${Math.round(height)}`] : [];
    })"""

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

Open = Callable[..., Page]


@pytest.fixture
def open_in(browser: Browser, demo_site: DemoSite) -> Iterator[Open]:
    """Return a function that opens a path of the demo site in a browser with the given features."""
    pages: list[Page] = []

    def open_in(path: str, *, width: int = DESK, height: int = 900, **features: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, **{"reduced_motion": "reduce", **features}
        )
        context.set_default_timeout(20_000)
        context.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation', (event) =>"
            " refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"
        )
        page = context.new_page()
        pages.append(page)
        go(page, demo_site.url + path)
        return page

    yield open_in
    for page in pages:
        page.context.close()


def go(page: Page, address: str) -> None:
    """Open an address and wait until what is loaded lazily is there."""
    page.goto(address)
    page.wait_for_load_state("networkidle")


def violations(page: Page) -> str:
    """Return what axe-core finds wrong, as a text; empty if nothing is."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `make setup-dev`")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
    return json.dumps(told, indent=1) if told else ""


def demo(page: Page, type_name: str) -> Any:
    return page.locator(f"[data-streamsync-id='demo-{type_name}']")


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sites_pages_are_accessible(open_in: Open, demo_site: DemoSite, scheme: str, width: int) -> None:
    page = open_in("/", width=width, color_scheme=scheme)
    for path in ("/", "/login/", "/counter/", "/hello/", "/hello/#almanac"):
        if path != "/":
            go(page, demo_site.url + path)
        assert violations(page) == "", path
        assert page.evaluate("refused") == [], path


@pytest.mark.parametrize("key", KEYS)
def test_the_gallery_is_accessible_on_a_dark_phone(open_in: Open, key: str) -> None:
    page = open_in(f"/gallery/#{key}", width=PHONE, color_scheme="dark")
    assert violations(page) == ""
    assert page.evaluate("refused") == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_opens_and_what_is_wrong_is_accessible_too(open_in: Open, scheme: str) -> None:
    page = open_in("/gallery/#inputs", color_scheme=scheme)
    number = demo(page, "numberinput").get_by_role("spinbutton")
    number.fill("many")
    number.press("Tab")
    expect(demo(page, "numberinput").get_by_role("alert")).to_be_visible()
    demo(page, "selectinput").get_by_role("combobox").click()
    expect(page.get_by_role("listbox")).to_be_visible()
    assert violations(page) == ""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_menus_disabled_buttons_and_notifications_are_accessible(open_in: Open, scheme: str) -> None:
    page = open_in("/gallery/#content", color_scheme=scheme)
    demo(page, "dataframe").get_by_role("button", name="Actions of row 0").click()
    expect(page.get_by_role("menu").or_(page.locator(".ss-menu:popover-open"))).to_be_visible()
    assert violations(page) == ""
    go(page, page.url.replace("#content", "#other"))
    page.locator("[data-streamsync-id='set-button'] select").select_option("disabled")
    expect(demo(page, "button")).to_be_disabled()
    page.get_by_role("button", name="Log").click()
    assert violations(page) == ""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_drawer_is_accessible_and_closes_by_keyboard(open_in: Open, scheme: str) -> None:
    page = open_in("/hello/", width=PHONE, color_scheme=scheme)
    toggle = page.get_by_role("button", name="Sidebar")
    toggle.click()
    expect(page.get_by_role("dialog", name="Sidebar")).to_be_focused()
    assert violations(page) == ""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Sidebar")).to_be_hidden()
    expect(toggle).to_be_focused()


@pytest.mark.parametrize("key", KEYS)
def test_nothing_moves_for_those_who_asked_for_calm(open_in: Open, key: str) -> None:
    page = open_in(f"/gallery/#{key}")
    assert page.evaluate(MOVING) == []


def test_without_that_wish_controls_do_change_softly(open_in: Open) -> None:
    page = open_in("/gallery/#inputs", reduced_motion="no-preference")
    assert any("ss-input" in moving for moving in page.evaluate(MOVING))


@pytest.mark.parametrize("key", KEYS)
def test_fingers_hit_every_control(open_in: Open, key: str) -> None:
    page = open_in(f"/gallery/#{key}", width=PHONE, has_touch=True, is_mobile=True)
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("width", [320, DESK])
def test_pages_are_as_wide_as_the_window_in_both_directions(
    open_in: Open, demo_site: DemoSite, width: int
) -> None:
    page = open_in("/", width=width)
    for path in ("/", "/login/", "/hello/", *(f"/gallery/#{key}" for key in KEYS)):
        if path != "/":
            go(page, demo_site.url + path)
        assert page.evaluate(OVERFLOW) <= 0, path
        page.evaluate("document.documentElement.dir = 'rtl'")
        expect(page.locator("body")).to_have_css("direction", "rtl")
        assert page.evaluate(OVERFLOW) <= 0, f"{path} from right to left"
        page.evaluate("document.documentElement.dir = 'ltr'")


def test_from_right_to_left_the_sidebar_stands_on_the_right(open_in: Open) -> None:
    page = open_in("/hello/")
    sidebar, main = page.get_by_role("complementary"), page.get_by_role("main")
    page.evaluate("document.documentElement.dir = 'rtl'")
    expect(page.locator("body")).to_have_css("direction", "rtl")
    beside, content = sidebar.bounding_box(), main.bounding_box()
    assert beside
    assert content
    assert beside["x"] >= content["x"] + content["width"] - 1


@pytest.mark.parametrize("key", KEYS)
def test_using_a_page_breaks_no_rule_of_its_policy(open_in: Open, key: str) -> None:
    page = open_in(f"/gallery/#{key}")
    choices = page.locator("[data-streamsync-id^='set-'] select")
    for values in ("changed", "first"):
        for at in range(choices.count()):
            choices.nth(at).select_option(values)
        expect(page.locator("[data-streamsync-id^='set-'][aria-busy=true]")).to_have_count(0)
        page.wait_for_load_state("networkidle")
    assert page.evaluate("refused") == []
