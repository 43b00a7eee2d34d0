"""Nonsense in every field of every component: nothing of it runs, developers read why, the page lives."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page

from scripts.demo_site import DemoSite
from tests.e2e.nonsense import BROKEN, CATALOGUE, MARKDOWN, NONSENSE, SINGLE, variants_of, write_application
from tests.patience import overload

pytestmark = pytest.mark.browser

#: What visitors of an application see; the rest differs for developers only.
FEW = {name: NONSENSE[name] for name in ("broken", "markup", "address", "markdown", "missing items")}
#: Fields whose address is refused, and said to be.
ADDRESSES = {
    ("avatar", "imageSrc"), ("iframe", "src"), ("image", "src"), ("link", "url"), ("pdf", "source"),
    ("videoplayer", "src"),
}  # fmt: skip
CALM = {"", "This part cannot be shown at the moment.", "There is no map here yet."}

WATCH = """
    window.refused = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""

#: Whether a page is shown, all of a type's components on it are drawn, and what is loaded for them has come.
DRAWN = """([key, demo, count]) => {
    const page = document.querySelector(`[data-streamsync-id="page-${key}"]`);
    const drawn = `[data-streamsync-id="${demo}"]:not(.ss-loading)`;
    return page?.checkVisibility() && page.querySelectorAll(drawn).length === count;
}"""

#: What is written beside and in each of a type's components, by its place.
NOTES = """type => [...document.querySelectorAll(`[data-streamsync-id="demo-${type}"]`)].map(element => {
    const after = element.nextElementSibling;
    const notes = [...element.querySelectorAll(".ss-problem, .ss-map__message")];
    if (after?.classList.contains("ss-problem")) notes.push(after);
    if (element.classList.contains("ss-problem")) notes.push(element);
    return notes.map(note => note.textContent.trim()).join(" ");
})"""

#: Whether there is a note at each place that should have one, with the text it should have.
NOTED = f"""([type, expected]) => {{
    const notes = ({NOTES})(type);
    return expected.every(([at, text]) => notes[at] && notes[at].includes(text));
}}"""

#: Attributes that run something, and addresses that would.
DANGEROUS = """() => [...document.querySelectorAll(".streamsync *")].flatMap(element =>
    [...element.attributes].filter(({ name, value }) => name.startsWith("on") || name === "srcdoc"
        || (["href", "src", "action", "formaction", "data", "xlink:href"].includes(name)
            && /^[\\s\\u0000-\\u001f]*(javascript|vbscript|data:text)/i.test(value)))
    .map(({ name, value }) => `${element.tagName} ${name}=${value.slice(0, 80)}`))"""

#: Presses a button whose handler counts, and returns what the text that shows the count should say then.
PRESS = """([button, shown]) => {
    const read = name => document.querySelector(`[data-streamsync-id="${name}"]`);
    const [words, count] = read(shown).textContent.trim().split(": ");
    read(button).click();
    return `${words}: ${Number(count) + 1}`;
}"""

SAYS = """([name, text]) => document.querySelector(`[data-streamsync-id="${name}"]`).textContent.trim() === text"""


class Tab:
    """One open application, walked through page by page; what goes wrong on the way is kept.

    The browser itself looks, at every frame, for what is waited for: 167 walks are quick only if none waits longer
    than it must.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.context = browser.new_context(reduced_motion="reduce", viewport={"width": 900, "height": 700})
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{address}#button")

    def go(self, key: str, demo: str, count: int) -> None:
        """Show a page anew, also when a test that failed has left it open, with all of its components drawn."""
        if self.page.evaluate("key => { refused.length = 0; return location.hash === key; }", f"#{key}"):
            self.page.reload()
        self.page.evaluate("key => { location.hash = key; }", key)
        self.page.wait_for_function(DRAWN, arg=[key, demo, count])

    def press(self, button: str, shown: str) -> None:
        """Press a button that counts, and wait until the page shows that Python has counted."""
        text = self.page.evaluate(PRESS, [button, shown])
        self.page.wait_for_function(SAYS, arg=[shown, text])

    def lives(self, key: str) -> None:
        """Nothing was run, nothing was refused, nothing failed, and Python still answers."""
        self.press(f"ping-{key}", f"pings-{key}")
        assert self.page.evaluate("[window.ran, refused]") == [None, []]
        assert self.page.evaluate(DANGEROUS) == []
        assert self.errors == []


@pytest.fixture(scope="module")
def tab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Tab]]:
    """Return a function that gives the tab of a visitor, or of a developer."""
    folder = tmp_path_factory.mktemp("nonsense")
    write_application(folder / "developed", NONSENSE)
    write_application(folder / "visited", FEW)
    apps = ",".join(f"{slug}={folder / slug}" for slug in ("developed", "visited"))
    settings = {"DJANGO_SETTINGS_MODULE": "tests.e2e.nonsense_settings", "STREAMSYNC_DEMO_EXTRA_APPS": apps}
    opened: dict[str, Tab] = {}
    with DemoSite(settings) as site:

        def tab(slug: str) -> Tab:
            if slug not in opened:
                opened[slug] = Tab(browser, f"{site.url}/{slug}/")
            opened[slug].errors.clear()
            return opened[slug]

        yield tab
        for each in opened.values():
            each.context.close()


@pytest.mark.parametrize("type_name", [name for name in sorted(CATALOGUE) if name not in SINGLE])
def test_developers_read_what_is_wrong_in_place(tab: Callable[[str], Tab], type_name: str) -> None:
    definition, page = CATALOGUE[type_name], tab("developed")
    variants = variants_of(definition, NONSENSE)
    page.go(type_name, f"demo-{type_name}", len(variants))
    expected = {}
    for at, (field, name, _) in enumerate(variants):
        kind = definition.fields[field].type if field in definition.fields else None
        if name == "broken" and kind in ("object", "keyValue"):
            expected[at] = f"“{field}” is not JSON: {BROKEN}"
        elif name == "broken" and kind == "number":
            expected[at] = f"“{field}” is not a number: {BROKEN}"
        elif name == "broken" and kind == "boolean":
            expected[at] = f"“{field}” is neither yes nor no: {BROKEN}"
        elif (name == "zero" and kind in ("object", "keyValue") and field != "data") or (
            name in ("address", "hidden address") and (type_name, field) in ADDRESSES
        ):
            expected[at] = ""
    with suppress(Error):
        page.page.wait_for_function(NOTED, arg=[type_name, list(expected.items())], timeout=5000 * overload())
    notes = page.page.evaluate(NOTES, type_name)
    missing = {
        variants[at][:2]: notes[at] for at, text in expected.items() if not notes[at] or text not in notes[at]
    }
    assert missing == {}
    page.lives(type_name)


@pytest.mark.parametrize("type_name", [name for name in sorted(CATALOGUE) if name not in SINGLE])
def test_visitors_see_nothing_of_it(tab: Callable[[str], Tab], type_name: str) -> None:
    page = tab("visited")
    page.go(type_name, f"demo-{type_name}", len(variants_of(CATALOGUE[type_name], FEW)))
    page.lives(type_name)
    assert set(page.page.evaluate(NOTES, type_name)) <= CALM


@pytest.mark.parametrize("type_name", SINGLE)
def test_application_page_and_sidebar_live_with_it(tab: Callable[[str], Tab], type_name: str) -> None:
    page = tab("visited")
    page.go(type_name, f"turn-{type_name}", 1)
    for _ in FEW:
        page.press(f"turn-{type_name}", f"turns-{type_name}")
    page.lives(type_name)


@pytest.mark.parametrize("type_name", [name for name in sorted(CATALOGUE) if name not in ("root", "page")])
def test_a_megabyte_in_each_field_is_survived(tab: Callable[[str], Tab], type_name: str) -> None:
    page = tab("visited")
    page.go(f"{type_name}-large", f"large-{type_name}", 1)
    page.lives(f"{type_name}-large")


def test_markdown_has_what_it_takes_to_fail() -> None:
    assert json.dumps(MARKDOWN).count("window.ran") > 3
