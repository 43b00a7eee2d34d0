"""The gallery in a real browser: where each component type is, and what it shows and tells."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, Route, expect

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

#: What the inputs of an element hold.
HELD = f"""element => {{
    const slider = element.querySelector("[role=slider]:not(input)");
    return slider ? slider.getAttribute("aria-valuenow") ?? "None" : ({DUMP})(element).split("\\nvalue: ").at(-1);
}}"""

#: Sockets that can keep to themselves what the server says: `held` is a list while they do, else null.
HOLDING = """
    window.held = null;
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener("message", event => {
                if (!window.held) return;
                event.stopImmediatePropagation();
                window.held.push(() => this.dispatchEvent(new MessageEvent("message", { data: event.data })));
            });
        }
    };
"""
#: Where the code of a component type comes from, where it is none of the first.
CODE = re.compile(rf"/chunks/({'|'.join(TYPES)})-[^/]*\.js$")
#: How tall components are, by their type.
HEIGHTS = """selector => Object.fromEntries([...document.querySelectorAll(selector)].map(element =>
    [element.dataset.streamsyncId.slice("demo-".length), element.getBoundingClientRect().height]))"""
RELEASE = "() => { const late = held; window.held = null; for (const tell of late) tell(); }"


class Gallery:
    """One page of the gallery in a browser of its own."""

    def __init__(self, page: Page, url: str, key: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.add_init_script(HOLDING)
        held: list[Route] = []
        page.route(CODE, lambda route: held.append(route))
        page.goto(f"{url}/gallery/#{key}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        #: How tall components were before their code had come, and when it had.
        self.kept = page.evaluate(HEIGHTS, ".ss-loading[data-streamsync-id^='demo-']")
        for route in held:
            route.continue_()
        page.unroute(CODE)
        expect(page.locator(".ss-loading")).to_have_count(0)
        self.arrived = page.evaluate(HEIGHTS, "[data-streamsync-id^='demo-']")

    def demo(self, type_name: str) -> Locator:
        """The component, or what holds it where it has no element of its own."""
        return self.page.locator(_element_of(type_name)).first

    def fill(self, type_name: str, values: str) -> None:
        """Let the server give the component other values, and wait for its answer."""
        choice = f"[data-streamsync-id='set-{type_name}']"
        self.page.locator(f"{choice} select").select_option(values)
        self.page.wait_for_function("busy => !document.querySelector(busy)", arg=f"{choice}[aria-busy=true]")

    @contextmanager
    def unanswered(self) -> Iterator[None]:
        """Hold back what the server says; it is heard afterwards."""
        self.page.evaluate("window.held = []")
        yield
        self.page.evaluate(RELEASE)

    def shows(self, type_name: str, text: str) -> None:
        """Wait until the component shows a text."""
        self._comes_true(type_name, f"(element, text) => ({DUMP})(element).includes(text)", text)

    def holds(self, type_name: str, value: str) -> None:
        """Wait until the inputs of a component hold exactly this; a slider's value is its own."""
        self._comes_true(type_name, f"(element, value) => ({HELD})(element) === value", value)

    def _comes_true(self, type_name: str, claim: str, expected: str) -> None:
        """Let the browser look at every frame whether a claim about a component is true by now."""
        look = f"([selector, expected]) => ({claim})(document.querySelector(selector), expected)"
        try:
            self.page.wait_for_function(look, arg=[_element_of(type_name), expected])
        except Error as error:
            dump = str(self.demo(type_name).evaluate(DUMP))
            raise AssertionError(f"{type_name} has not come to {expected!r}: {dump[-2000:]}") from error

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


def _element_of(type_name: str) -> str:
    match type_name:
        case "root":
            named = "root"
        case "tab" | "step":
            named = f"holder-{type_name}"
        case _:
            named = f"demo-{type_name}"
    return f"[data-streamsync-id='{named}']"
