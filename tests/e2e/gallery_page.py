"""The gallery in a real browser: where each component type is, and what it shows and tells."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.demo_site import DemoSite
from scripts.make_gallery import PAGES
from streamsync_django.core.catalogue import load_catalogue

CATALOGUE = load_catalogue()
TYPES = sorted(CATALOGUE)
#: How Python sees a click without modifier keys.
CLICK = "{'ctrl_key': False, 'shift_key': False, 'meta_key': False}"

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

    def holds(self, type_name: str, value: str) -> None:
        """Wait until the inputs of a component hold exactly this; a slider's value is its own."""
        demo, held = self.demo(type_name), ""
        for _ in range(100):
            held = str(demo.evaluate(DUMP)).rpartition("\nvalue: ")[2]
            slider = demo.locator("[role=slider]:not(input)")
            if slider.count():
                held = str(slider.get_attribute("aria-valuenow"))
            if held == value:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{type_name} holds {held!r}, not {value!r}")

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
