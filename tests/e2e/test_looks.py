"""Pages for everybody: read aloud, without motion, by fingers, on a watch-sized screen and on a wall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.demo_site import DemoSite
from tests.e2e.looks import DESK, KEYS, OVERFLOW, PHONE, Looks, looking

pytestmark = pytest.mark.browser

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

#: What cannot be read or hit: controls on each other, texts that are cut off without a sign, lines too long
#: to find the next one (LOOK: 72 characters). What scrolls or floats may lie over what is below it.
CROWDED = """() => {
    const name = (element) => `${element.tagName}.${element.getAttribute("class")} ${element.textContent.slice(0, 20)}`;
    const shows = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && !element.closest(
            "[aria-hidden=true], .ss-visually-hidden, .js-plotly-plot, .ss-table__viewport, .ss-pdf__pages");
    const controls = [...document.querySelectorAll(
        "main :is(button, select, textarea, input, a[href], h1, h2, h3, p)")].filter(shows);
    const boxes = controls.map((element) => element.getBoundingClientRect());
    const found = [];
    controls.forEach((first, i) => controls.slice(i + 1).forEach((second, j) => {
        if (first.contains(second) || first.closest("label, .ss-select__frame, .ss-field__control, .ss-slider__track")
            ?.contains(second)) return;
        const [a, b] = [boxes[i], boxes[i + 1 + j]];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 && down > 2) found.push(`${name(first)} lies on ${name(second)}`);
    }));
    for (const element of document.querySelectorAll("main :is(button, a, label, h1, h2, h3, p, legend)")) {
        if (!shows(element)) continue;
        const { overflowX, textOverflow } = getComputedStyle(element);
        if (overflowX !== "visible" && textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + 1)
            found.push(`${name(element)} is cut off`);
        const text = document.createRange();
        text.selectNodeContents(element);
        const longest = Math.max(...[...text.getClientRects()].map((line) => line.width));
        const probe = document.createElement("span");
        probe.style.cssText = "position: absolute; width: 76ch";
        element.append(probe);
        if (longest > probe.getBoundingClientRect().width) found.push(`${name(element)} has too long lines`);
        probe.remove();
    }
    return found;
}"""

#: 320 px, a phone, 200 % of 1280 x 900, the narrowest with a column beside the page, a desk, and 4K.
SIZES = ((320, 640), (PHONE, 844), (640, 450), (768, 1024), (DESK, 900), (3840, 2160))


@pytest.fixture(scope="module")
def looks(browser: Browser, demo_site: DemoSite) -> Iterator[Looks]:
    """The page of somebody who wants no motion, as the test before has left it."""
    with looking(browser, demo_site.url) as page:
        yield page


def demo(page: Page, type_name: str) -> Locator:
    return page.locator(f"[data-streamsync-id='demo-{type_name}']")


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("key", KEYS)
def test_the_gallery_is_accessible_and_calm(looks: Looks, key: str) -> None:
    page = looks.gallery(key)
    for width in (DESK, PHONE):
        looks.size(width)
        assert looks.violations() == "", width
        assert page.evaluate(MOVING) == [], width
    assert looks.refused == []


@pytest.mark.parametrize("key", KEYS)
def test_every_width_holds_the_gallery_in_both_directions(looks: Looks, key: str) -> None:
    page = looks.gallery(key)
    for width, height in SIZES:
        looks.size(width, height)
        for direction in ("rtl", "ltr"):
            page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
            expect(page.locator("body")).to_have_css("direction", direction)
            assert page.evaluate(OVERFLOW) <= 0, f"{width} {direction}"
            assert page.evaluate(CROWDED) == [], f"{width} {direction}"


def test_the_sites_pages_are_accessible_and_hold_at_every_width(looks: Looks) -> None:
    for path in ("/", "/login/", "/counter/", "/hello/", "/hello/#almanac"):
        page = looks.open(path)
        for width, height in SIZES:
            looks.size(width, height)
            assert page.evaluate(OVERFLOW) <= 0, f"{path} {width}"
            if width in (PHONE, DESK):
                assert looks.violations() == "", f"{path} {width}"
        assert page.evaluate(MOVING) == [], path
        assert looks.refused == [], path


def test_every_tab_of_the_example_is_accessible_and_obeys_the_policy(looks: Looks) -> None:
    page = looks.open("/hello/")
    for tab in ("Charts", "Table", "Records", "Replay", "Layout"):
        open_tab(page, tab)
        for width, height in SIZES:
            looks.size(width, height)
            assert page.evaluate(OVERFLOW) <= 0, f"{tab} {width}"
        looks.size(PHONE)
        assert looks.violations() == "", tab
        assert page.evaluate(MOVING) == [], tab
        page.wait_for_load_state("networkidle")
        assert looks.refused == [], tab


def test_what_opens_and_what_is_wrong_is_accessible_too(looks: Looks) -> None:
    looks.size(DESK)
    page = looks.gallery("inputs")
    number = demo(page, "numberinput").get_by_role("spinbutton")
    number.fill("many")
    number.press("Tab")
    expect(demo(page, "numberinput").get_by_role("alert")).to_be_visible()
    demo(page, "selectinput").get_by_role("combobox").click()
    expect(page.get_by_role("listbox")).to_be_visible()
    assert looks.violations() == ""
    number.fill("2")

    looks.gallery("content")
    demo(page, "dataframe").get_by_role("button", name="Actions of row 0").click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert looks.violations() == ""
    page.keyboard.press("Escape")

    looks.gallery("other")
    page.locator("[data-streamsync-id='set-button'] select").select_option("disabled")
    expect(demo(page, "button")).to_be_disabled()
    page.get_by_role("button", name="Log").click()
    assert looks.violations() == ""
    page.get_by_role("button", name="Log").click()


def test_the_drawer_and_notifications_are_accessible(looks: Looks) -> None:
    looks.size(PHONE)
    page = looks.open("/hello/")
    page.get_by_role("button", name="Sidebar").click()
    assert looks.violations() == ""
    page.get_by_role("button", name="Show all days").click()
    toast = page.get_by_role("log", name="Notifications").get_by_text("No filters")
    expect(toast).to_be_visible()
    toast.hover()  # it stays for as long as it is looked at
    assert looks.violations() == ""
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Notifications").click()
    expect(page.get_by_role("dialog", name="Notifications").get_by_text("No filters")).to_be_visible()
    assert looks.violations() == ""


def test_without_that_wish_controls_do_change_softly(browser: Browser, demo_site: DemoSite) -> None:
    with looking(browser, demo_site.url, reduced_motion="no-preference") as somebody:
        page = somebody.gallery("inputs")
        assert any("ss-input" in moving for moving in page.evaluate(MOVING))


def test_fingers_hit_every_control(browser: Browser, demo_site: DemoSite) -> None:
    features = {"viewport": {"width": PHONE, "height": 844}, "has_touch": True, "is_mobile": True}
    with looking(browser, demo_site.url, **features) as somebody:
        for key in KEYS:
            page = somebody.gallery(key)
            assert page.evaluate("matchMedia('(pointer: coarse)').matches")
            assert page.evaluate(SMALL) == [], key
        somebody.open("/hello/").get_by_role("button", name="Sidebar").click()
        assert somebody.page.evaluate(SMALL) == []


def test_using_the_gallery_breaks_no_rule_of_its_policy(browser: Browser, demo_site: DemoSite) -> None:
    with looking(browser, demo_site.url) as somebody:
        for key in KEYS:
            page = somebody.gallery(key)
            choices = page.locator("[data-streamsync-id^='set-'] select")
            for values in ("changed", "first"):
                for at in range(choices.count()):
                    choices.nth(at).select_option(values)
                expect(page.locator("[data-streamsync-id^='set-'][aria-busy=true]")).to_have_count(0)
                page.wait_for_load_state("networkidle")
            assert somebody.refused == [], key
