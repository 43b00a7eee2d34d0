"""Every component type in a real browser: shown, and changed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from scripts.demo_site import DemoSite
from tests.e2e.gallery_page import CLICK, TYPES, Gallery, gallery

pytestmark = pytest.mark.browser

__all__ = ["gallery"]

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
