"""Without a mouse: everything is reached, in the order it is read, and shows that it has the focus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ElementHandle, Page, expect

from scripts.demo_site import DemoSite
from tests.e2e.looks import DESK, KEYS, PHONE, Looks, looking

pytestmark = pytest.mark.browser

#: What everything that can be focused looks like, and its neighbours that may show the focus for it.
WALK = """window.walk = (() => {
    const STYLES = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderTopColor", "borderTopWidth",
        "backgroundColor", "color", "stroke", "fill", "opacity"];
    const PARTS = [null, "::before", "::after"];
    const name = (element) => `${element.localName} “${element.ariaLabel ?? element.textContent.trim().slice(0, 24)}”`
        + ` in ${element.closest("[data-streamsync-id]")?.dataset.streamsyncId}`;
    const near = (element) => [element, ...element.children, ...(element.parentElement?.children ?? []),
        element.closest(".ss-input, .ss-select, .ss-color, label")].filter((part) => part);
    const look = (element) => near(element).map((part) => PARTS.map((pseudo) => {
        const style = getComputedStyle(part, pseudo);
        return STYLES.map((property) => style[property]).join();
    }).join()).join();
    const visited = [];
    let focused = null;
    let before = null;
    const wrong = [];

    /** The focus has moved: what it left must look different now, and where it is must come next and be seen. */
    function step() {
        const now = document.activeElement;
        if (now === focused) return true; // the next part of a date, or of a film's controls
        if (focused?.isConnected && focused.type !== "range" && look(focused) === before)
            wrong.push(`${name(focused)} shows no focus`);
        const last = visited.at(-1);
        focused = now === document.body || visited.includes(now) ? null : now;
        if (!focused) return false;
        if (last && !(last.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING))
            wrong.push(`${name(now)} is read before ${name(last)} but reached after it`);
        const box = now.getBoundingClientRect();
        if (box.bottom < 0 || box.top > innerHeight || !now.checkVisibility({ visibilityProperty: true }))
            wrong.push(`${name(now)} is reached but not to be seen`);
        const within = last?.closest("main, aside");
        if (within && within === now.closest("main, aside") && box.bottom < last.getBoundingClientRect().top - 1)
            wrong.push(`${name(now)} stands above ${name(last)} but is reached after it`);
        visited.push(now);
        before = look(now);
        return true;
    }

    /** In groups that have one place in the order, arrows go on; a page in a frame has an order of its own. */
    function unreached() {
        return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, iframe, "
            + "video[controls], [tabindex], [role=button], [role=slider]")].filter((element) =>
            element.checkVisibility({ visibilityProperty: true }) && !element.disabled
            && !element.closest("[inert], [aria-hidden=true]") && !visited.includes(element)
            && !element.matches(".ss-sidebar__panel")
            && !(element.type === "radio" && visited.some((other) => other.name === element.name))
            && !(element.role === "tab" && visited.some((other) => other.parentElement === element.parentElement)),
        ).map((element) => `${name(element)} is never reached`);
    }
    return { step, result: () => [...wrong, ...unreached(), visited.length] };
})()"""


#: The next Tab goes to the first thing on the page, wherever the focus was.
FROM_THE_START = """() => {
    const start = document.createElement("button");
    document.body.prepend(start);
    start.focus();
    start.remove();
}"""


@pytest.fixture(scope="module")
def looks(browser: Browser, demo_site: DemoSite) -> Iterator[Looks]:
    with looking(browser, demo_site.url) as page:
        yield page


def walk(page: Page) -> int:
    """Press Tab until the end; return how many things were reached."""
    page.evaluate(FROM_THE_START)
    page.evaluate(WALK)
    slider: ElementHandle | None = None
    picture = b""
    for _ in range(300):
        page.keyboard.press("Tab")
        if slider:
            assert slider.screenshot() != picture, "a slider shows no focus"
        if not page.evaluate("walk.step()"):
            break
        # What a browser draws in an input has no style that a page can read.
        slider = page.query_selector("input[type=range]:focus")
        picture = slider.screenshot() if slider else b""
    *wrong, reached = page.evaluate("walk.result()")
    assert wrong == []
    return int(reached)


@pytest.mark.parametrize("key", KEYS)
def test_the_gallery_is_walked_by_tab(looks: Looks, key: str) -> None:
    assert walk(looks.gallery(key)) > 10


def test_the_examples_are_walked_by_tab(looks: Looks) -> None:
    page = looks.open("/hello/")
    for tab in ("Charts", "Table", "Records", "Replay", "Layout"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_load_state("networkidle")
        assert walk(page) > 7, tab
    assert walk(looks.open("/hello/#almanac")) > 3
    assert walk(looks.open("/counter/")) > 1


def test_the_drawer_keeps_everything_else_out_of_reach_until_it_is_closed(looks: Looks) -> None:
    looks.size(PHONE, 700)
    page = looks.open("/hello/")
    toggle = page.get_by_role("button", name="Sidebar")
    drawer = page.get_by_role("dialog", name="Sidebar")
    focus_is_inside = (
        "dialog => dialog.contains(document.activeElement) || document.activeElement === document.body"
    )

    for way_out in ("Escape", "button", "beside"):
        toggle.press("Enter")
        expect(drawer).to_be_focused()
        expect(drawer).to_have_attribute("aria-modal", "true")
        page.keyboard.press("Tab")
        expect(drawer.get_by_role("button", name="Close")).to_be_focused()
        for _ in range(8):
            page.keyboard.press("Tab")
            assert drawer.evaluate(focus_is_inside)
        assert page.get_by_role("main").evaluate("main => main.closest('[inert]') !== null")
        page.mouse.wheel(0, 600)
        assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
        match way_out:
            case "Escape":
                page.keyboard.press("Escape")
            case "button":
                drawer.get_by_role("button", name="Close").click()
            case _:
                page.mouse.click(PHONE - 10, 400)
        expect(drawer).to_be_hidden()
        expect(toggle).to_be_focused()
        assert page.evaluate("document.querySelectorAll('[inert]').length") == 0
        assert page.evaluate("scrollY") == 0

    # On a screen that grows there is room for it, and nothing is held.
    toggle.click()
    looks.size(DESK)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.querySelectorAll('[inert]').length") == 0


def test_escape_closes_what_is_open_in_the_drawer_before_the_drawer(looks: Looks) -> None:
    looks.size(PHONE, 700)
    page = looks.gallery("inputs")
    page.get_by_role("button", name="Sidebar").click()
    drawer = page.get_by_role("dialog", name="Sidebar")
    drawer.evaluate(
        """dialog => dialog.insertAdjacentHTML("beforeend", "<button popovertarget='inner'>Inner</button>"
            + "<div popover id='inner'>More</div>")"""
    )
    drawer.get_by_role("button", name="Inner").press("Enter")
    expect(drawer.get_by_text("More")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer.get_by_text("More")).to_be_hidden()
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
