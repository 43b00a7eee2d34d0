"""Every component type in a real browser: shown, changed, emptied, filled with nonsense, used by keyboard."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.demo_site import ROOT, DemoSite
from scripts.make_gallery import PAGES
from streamsync_django.core.catalogue import load_catalogue

pytestmark = pytest.mark.browser

CATALOGUE = load_catalogue()
TYPES = sorted(CATALOGUE)
AXE = ROOT / "streamsync_django" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CLICK = "{'ctrl_key': False, 'shift_key': False, 'meta_key': False}"

#: What stands in a component's elements and inputs: (at first, after "Changed").
SHOWN: dict[str, tuple[str, str]] = {
    "annotatedtext": ("Rotterdam", "Changed"),
    "avatar": ("Ada Byron", "Grace Murray"),
    "button": ("Save", "Save again"),
    "chatbot": ("Good morning", "How many orders"),
    "checkboxinput": ("value: on off off off", "value: off on off on"),
    "colorinput": ("value: #4f6bed", "value: #2a9d6f"),
    "column": ("First column", "Wider column"),
    "columns": ("Inside one", "changed"),
    "dataframe": ("Bergen", "2 of 2"),
    "dateinput": ("value: 2026-03-01", "value: 2026-04-15"),
    "dropdowninput": ("value: pine", "value: oak"),
    "fileinput": ("Attachment", "Other attachment"),
    "googlemaps": ("API key", "API key"),
    "header": ("Quarterly report", "Yearly report"),
    "heading": ("<h2", "<h3"),
    "horizontalstack": ("One", "center"),
    "html": ("<b>HTML</b>", "<i>HTML</i>"),
    "icon": ("ss-type-icon", "ss-type-icon"),
    "iframe": ("embedded.html", "embedded.html?again"),
    "image": ("A harbour in the evening", "The same harbour"),
    "jsonviewer": ("order", "changed"),
    "link": ("To the layout page", "Elsewhere"),
    "mapbox": ("access token", "access token"),
    "message": ("Saved two minutes ago", "The disk is full"),
    "metric": ("1,284", "1,022"),
    "multiselectinput": ("Pine", "Larch"),
    "numberinput": ("value: 2", "value: 7"),
    "page": ("compact", "wide"),
    "pagination": ("1–10 of 120", "31–40 of 120"),
    "pdf": ("/ 2", "value: 2"),
    "plotlygraph": ("2025", "2024"),
    "progressbar": ("40%", "75%"),
    "radioinput": ("value: on off off off", "value: off on off off"),
    "rangeinput": ("value: 20 60", "value: 35 80"),
    "ratinginput": ("3", "5"),
    "repeater": ("Option A", "Changed A"),
    "reuse": ("The reused message", "Another message"),
    "root": ("ss-type-root", "--accentColor: #b3261e"),
    "section": ("A section", "Another title"),
    "selectinput": ("Pine", "Oak"),
    "separator": ("ss-type-separator", "--separatorColor: #b3261e"),
    "sidebar": ("ss-type-sidebar", "--sidebarBackgroundColor: #eef3ff"),
    "sliderinput": ("value: 30", "value: 80"),
    "step": ("Address", "Delivery address"),
    "steps": ("Inside one", "--accentColor: #b3261e"),
    "switchinput": ("value: on", "value: off"),
    "tab": ("Overview", "Summary"),
    "tabs": ("Inside one", "--accentColor: #b3261e"),
    "tags": ("Wood", "Glass"),
    "text": ("<em>emphasis</em>", "<strong>words</strong>"),
    "textareainput": ("value: First line", "value: One line"),
    "textinput": ("value: Ada", "value: Grace"),
    "timeinput": ("value: 08:30", "value: 17:45"),
    "timer": ("ss-type-timer", "ss-type-timer"),
    "vegalitechart": ("mark-rect", "mark-line"),
    "videoplayer": ("drops.webm", "loop"),
    "webcamcapture": ("Start camera", "--buttonColor: #b3261e"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody without a mouse does, and what Python is told."""

    keys: tuple[str, ...]
    told: str
    focus: str = "a[href], button, input, select, textarea, [tabindex='0']"


USES: dict[str, Use] = {
    "avatar": Use(("Enter",), f"ss-click {CLICK}"),
    "button": Use(("Enter",), f"ss-click {CLICK}"),
    "chatbot": Use(("H", "i", "Enter"), "ss-chatbot-message {'role': 'user', 'content': 'Hi'}", "textarea"),
    "checkboxinput": Use(("Tab", "Space"), "ss-options-change ['pine', 'oak']"),
    "dataframe": Use(("Enter",), "ss-dataframe-add", "button:has-text('Add a row')"),
    "dateinput": Use(("ArrowUp",), "ss-date-change '2026-04-01'"),
    "dropdowninput": Use(("ArrowDown",), "ss-option-change 'oak'"),
    "image": Use(("Enter",), f"ss-click {CLICK}"),
    "numberinput": Use(("ArrowUp",), "ss-number-change 3.0"),
    "page": Use(("x",), "ss-keydown {'key': 'x', 'ctrl_key': False, 'shift_key': False, 'meta_key': False}"),
    "pagination": Use(("Enter",), "ss-change-page 2", "[aria-label='Next page']"),
    "progressbar": Use(("Space",), f"ss-click {CLICK}"),
    "radioinput": Use(("ArrowDown",), "ss-option-change 'oak'", "input:checked"),
    "rangeinput": Use(("ArrowRight",), "ss-range-change [21, 60]"),
    "ratinginput": Use(("ArrowRight",), "ss-number-change 4.0"),
    "selectinput": Use(("ArrowDown", "ArrowDown", "Enter"), "ss-option-change 'oak'", "[role=combobox]"),
    "sliderinput": Use(("ArrowRight",), "ss-number-change 31.0"),
    "switchinput": Use(("Space",), "ss-toggle False"),
    "tags": Use(("Enter",), "ss-tag-click 'wood'"),
    "text": Use(("Enter",), f"ss-click {CLICK}"),
    "textareainput": Use(("Control+End", "!"), r"ss-change 'First line\nSecond line!'"),
    "textinput": Use(("End", "X"), "ss-change 'AdaX'"),
    "timeinput": Use(("ArrowUp",), "ss-time-change '09:30'"),
}

#: Elements and what stands in inputs; text of inputs is no part of the elements.
DUMP = """element => element.outerHTML + element.innerText + "\\nvalue: " + [...element.querySelectorAll(
    "input, select, textarea")].map(input => ["checkbox", "radio"].includes(input.type)
    ? (input.checked ? "on" : "off") : input.value).join(" ")"""


class Gallery:
    """One page of the gallery in a browser of its own."""

    def __init__(self, page: Page, url: str, key: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{url}/gallery/#{key}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible()

    def demo(self, type_name: str) -> Locator:
        """The component, or what holds it where it has no element of its own."""
        match type_name:
            case "root":
                named = "root"
            case "tab" | "step":
                named = f"holder-{type_name}"
            case _:
                named = f"demo-{type_name}"
        return self.page.locator(f"[data-streamsync-id='{named}']").first

    def fill(self, type_name: str, values: str) -> None:
        """Let the server give the component other values, and wait for its answer."""
        self.page.locator(f"[data-streamsync-id='set-{type_name}'] select").select_option(values)
        expect(self.page.locator(f"[data-streamsync-id='set-{type_name}'][aria-busy=true]")).to_have_count(0)

    def shows(self, type_name: str, text: str) -> None:
        """Wait until the component shows a text."""
        demo = self.demo(type_name)
        for _ in range(100):
            dump = str(demo.evaluate(DUMP))
            if text in dump:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{type_name} does not show {text!r}: {dump[-2000:]}")

    def hears(self, type_name: str, text: str) -> None:
        """Wait until Python has told of an event."""
        expect(self.page.locator(f"[data-streamsync-id='echo-{type_name}']")).to_contain_text(text)


@pytest.fixture(scope="module")
def gallery(browser: Browser, demo_site: DemoSite) -> Iterator[Callable[[str], Gallery]]:
    """Return the page that shows a type; its other tests find it as the test before has left it."""
    opened: dict[str, Gallery] = {}

    def gallery(type_name: str) -> Gallery:
        key, _ = PAGES[CATALOGUE[type_name].category]
        if key not in opened:
            context = browser.new_context(reduced_motion="reduce", locale="en-GB")
            context.set_default_timeout(10_000)
            opened[key] = Gallery(context.new_page(), demo_site.url, key)
        opened[key].errors.clear()
        return opened[key]

    yield gallery
    for page in opened.values():
        page.page.context.close()


@pytest.mark.parametrize("type_name", TYPES)
def test_it_shows_what_the_state_says_and_follows_it(
    gallery: Callable[[str], Gallery], type_name: str
) -> None:
    page = gallery(type_name)
    first, changed = SHOWN[type_name]
    page.fill(type_name, "first")
    page.shows(type_name, first)
    page.fill(type_name, "changed")
    page.shows(type_name, changed)
    page.fill(type_name, "first")
    page.shows(type_name, first)
    assert page.errors == []


@pytest.mark.parametrize("type_name", TYPES)
def test_nothing_and_nonsense_leave_the_page_alive(gallery: Callable[[str], Gallery], type_name: str) -> None:
    page = gallery(type_name)
    for values in ("none", "zero", "empty", "empty-list", "wrong", "long"):
        page.fill(type_name, values)
        page.page.wait_for_timeout(50)
    assert page.page.locator("[onerror]").count() == 0
    page.fill(type_name, "first")
    page.shows(type_name, SHOWN[type_name][0])
    assert page.errors == []


@pytest.mark.parametrize("type_name", sorted(USES))
def test_python_is_told_what_the_keyboard_did(gallery: Callable[[str], Gallery], type_name: str) -> None:
    page, use = gallery(type_name), USES[type_name]
    page.fill(type_name, "first")
    page.shows(type_name, SHOWN[type_name][0])
    demo = page.demo(type_name)
    focusable = demo.locator(use.focus)
    if type_name != "page":
        (focusable.first if focusable.count() else demo).focus()
    for key in use.keys:
        page.page.keyboard.press(key)
    page.hears(type_name, use.told)
    page.fill(type_name, "first")


def test_a_disabled_button_tells_nothing(gallery: Callable[[str], Gallery]) -> None:
    page = gallery("button")
    page.fill("button", "first")
    page.fill("button", "disabled")
    expect(page.demo("button")).to_be_disabled()
    expect(page.demo("button")).to_have_attribute("aria-disabled", "true")
    page.fill("button", "first")
    expect(page.demo("button")).to_be_enabled()


def test_tabs_and_steps_are_walked_by_arrows(gallery: Callable[[str], Gallery]) -> None:
    page = gallery("tabs")
    tabs = page.demo("tabs")
    tabs.get_by_role("tab", name="One").focus()
    page.page.keyboard.press("ArrowRight")
    expect(tabs.get_by_role("tab", name="Two")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(tabs.get_by_text("Inside two")).to_be_visible()


def test_a_file_reaches_python(gallery: Callable[[str], Gallery]) -> None:
    page = gallery("fileinput")
    page.fill("fileinput", "first")
    page.demo("fileinput").locator("input[type=file]").set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    page.hears("fileinput", "'data': 5 bytes")


def test_a_timer_ticks_and_a_frame_tells_that_it_has_loaded(gallery: Callable[[str], Gallery]) -> None:
    page = gallery("timer")
    page.fill("timer", "changed")
    page.hears("timer", "ss-tick None")
    page.fill("timer", "first")
    gallery("iframe").hears("iframe", "ss-load None")


def test_a_click_on_a_bar_names_its_point(gallery: Callable[[str], Gallery]) -> None:
    page = gallery("plotlygraph")
    page.fill("plotlygraph", "first")
    page.demo("plotlygraph").scroll_into_view_if_needed()
    bar = page.demo("plotlygraph").locator(".bars .point").first
    expect(bar).to_be_visible()
    box = bar.bounding_box()
    assert box
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.hears("plotlygraph", "plotly-click")
    page.hears("plotlygraph", "'Spring'")


def test_a_field_is_edited_beside_the_components(gallery: Callable[[str], Gallery]) -> None:
    page = gallery("heading")
    page.fill("heading", "first")
    page.page.locator("[data-streamsync-id='inspected-content'] select").select_option("heading")
    page.page.get_by_role("textbox", name="Text", exact=True).fill("Typed beside it")
    page.shows("heading", "Typed beside it")
    page.fill("heading", "first")


def test_custom_components_of_all_three_kinds_are_drawn_and_used(
    browser: Browser, demo_site: DemoSite
) -> None:
    page = Gallery(browser.new_context().new_page(), demo_site.url, "extensions").page
    counter = page.locator("[data-streamsync-id='demo-counter']")
    expect(counter.locator("output")).to_have_text("3")
    counter.get_by_role("button", name="More").click()
    expect(counter.locator("output")).to_have_text("4")
    expect(page.get_by_text("In Python: 4, told: 4.0")).to_be_visible()
    expect(page.get_by_role("img", name="4 of 20")).to_be_visible()
    badge = page.get_by_role("button", name="Beans: 4")
    badge.click()
    expect(badge).to_have_text("Beans: 4 (1)")
    expect(page.get_by_text(f"told: {CLICK}")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", [key for key, _ in PAGES.values()])
def test_every_page_is_accessible_and_obeys_the_policy(
    browser: Browser, demo_site: DemoSite, key: str, scheme: Literal["light", "dark"]
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `make setup-dev`")
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    context.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation', (event) =>"
        " refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"
    )
    page = Gallery(context.new_page(), demo_site.url, key).page
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
    assert told == [], json.dumps(told, indent=1)
    assert page.evaluate("refused") == []
    context.close()
