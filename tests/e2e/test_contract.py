"""What the catalogue promises of each component type, in a real browser: made from the catalogue, so none is forgotten.

The gallery shows every type and tells of every event as Python has seen it. Everything here is done without a mouse,
except what is drawn by Plotly, which has no keyboard.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.gallery_page import CATALOGUE, CLICK, TYPES, Gallery, gallery
from tests.patience import overload

__all__ = ["gallery"]

pytestmark = pytest.mark.browser

Opened = Callable[[str], Gallery]

INPUTS = [type_ for type_ in TYPES if CATALOGUE[type_].bindable_event]

FOCUSABLE = "a[href], button, input, select, textarea, [tabindex='0']"


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody without a mouse does to cause an event, and what Python is told."""

    told: str
    keys: tuple[str, ...] = ()
    focus: str = ""
    values: str = "first"
    also: Callable[[Page], None] = field(default=lambda page: None)


def choose_file(page: Page) -> None:
    """Press the blank on the picker that has the focus, and choose a file in the browser's own dialog."""
    expect(page.locator("input[type=file]:focus:enabled")).to_have_count(1)
    page.bring_to_front()
    with page.expect_file_chooser() as dialog:
        page.keyboard.press("Space")
    dialog.value.set_files({"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"})


def upload_file(page: Page) -> None:
    choose_file(page)
    page.get_by_role("button", name="Upload").press("Enter")


def choose_from_menu(page: Page) -> None:
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Enter")


def edit_cell(page: Page) -> None:
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="city")).to_be_focused()
    page.keyboard.type("Porto")
    page.keyboard.press("Enter")


def tell_plotly(event: str, points: str) -> Callable[[Page], None]:
    """Let a figure say what it says when a part of it is selected: no key does that."""
    return lambda page: page.locator(".js-plotly-plot").first.evaluate(
        f"plot => plot.emit('{event}', {points})"
    )


FILES = "ss-file-change [{'name': 'note.txt', 'type': 'text/plain', 'data': 5 bytes}]"
POINTS = "{ points: [{ curveNumber: 1, pointNumber: 2, x: 'Autumn', y: 33 }] }"

USES: dict[tuple[str, str], Use] = {
    ("root", "ss-app-open"): Use("ss-app-open {'page_key': 'application', 'route_vars': {}}"),
    ("root", "ss-hashchange"): Use("ss-hashchange {'page_key': 'application', 'route_vars': {}}"),
    ("page", "ss-page-open"): Use("ss-page-open 'application'"),
    ("page", "ss-keydown"): Use(
        "ss-keydown {'key': 'x', 'ctrl_key': False, 'shift_key': False, 'meta_key': False}", ("x",), "body"
    ),
    ("avatar", "ss-click"): Use(f"ss-click {CLICK}", ("Enter",)),
    ("button", "ss-click"): Use(f"ss-click {CLICK}", ("Enter",)),
    ("image", "ss-click"): Use(f"ss-click {CLICK}", ("Enter",)),
    ("progressbar", "ss-click"): Use(f"ss-click {CLICK}", ("Space",)),
    ("text", "ss-click"): Use(
        "ss-click {'ctrl_key': True, 'shift_key': False, 'meta_key': False}", ("Control+Enter",)
    ),
    ("tags", "ss-tag-click"): Use("ss-tag-click 'wood'", ("Enter",)),
    ("chatbot", "ss-chatbot-message"): Use(
        "ss-chatbot-message {'role': 'user', 'content': 'Hi'}", ("H", "i", "Enter"), "textarea"
    ),
    ("chatbot", "ss-chatbot-action-click"): Use(
        "ss-chatbot-action-click 'late'", ("Enter",), "button:has-text('Show them')"
    ),
    ("chatbot", "ss-file-change"): Use(FILES, (), "input[type=file]", "changed", upload_file),
    ("dataframe", "ss-dataframe-add"): Use(
        "ss-dataframe-add {'record': {", ("Enter",), "button:has-text('Add a row')"
    ),
    ("dataframe", "ss-dataframe-action"): Use(
        "ss-dataframe-action {'action': 'remove', 'record_index': 0}",
        focus="[aria-rowindex='2'] [aria-haspopup=menu]",
        also=choose_from_menu,
    ),
    ("dataframe", "ss-dataframe-update"): Use(
        "ss-dataframe-update {'record': {'city': 'Porto', 'visitors': 1204,",
        focus="[aria-rowindex='2'] [aria-colindex='2']",
        also=edit_cell,
    ),
    ("plotlygraph", "plotly-click"): Use("plotly-click [{", also=tell_plotly("plotly_click", POINTS)),
    ("plotlygraph", "plotly-selected"): Use(
        "plotly-selected [{", also=tell_plotly("plotly_selected", POINTS)
    ),
    ("plotlygraph", "plotly-deselect"): Use(
        "plotly-deselect None", also=tell_plotly("plotly_deselect", "null")
    ),
    ("checkboxinput", "ss-options-change"): Use("ss-options-change ['pine', 'oak']", ("Tab", "Space")),
    ("colorinput", "ss-change"): Use("ss-change '#2a9d6f'", ("Enter",), "[aria-label='#2a9d6f']"),
    ("colorinput", "ss-change-finish"): Use(
        "ss-change-finish '#2a9d6f'", ("Enter",), "[aria-label='#2a9d6f']"
    ),
    ("dateinput", "ss-date-change"): Use("ss-date-change '2026-04-01'", ("ArrowUp",)),
    ("dropdowninput", "ss-option-change"): Use("ss-option-change 'oak'", ("ArrowDown",)),
    ("fileinput", "ss-file-change"): Use(FILES, (), "input[type=file]", also=choose_file),
    ("multiselectinput", "ss-options-change"): Use(
        "ss-options-change ['pine', 'oak']", ("ArrowDown", "Enter"), "[role=combobox]"
    ),
    ("numberinput", "ss-number-change"): Use("ss-number-change 3.0", ("ArrowUp",)),
    ("numberinput", "ss-number-change-finish"): Use(
        "ss-number-change-finish 9.0", ("Control+A", "9", "Enter")
    ),
    ("radioinput", "ss-option-change"): Use("ss-option-change 'oak'", ("ArrowDown",), "input:checked"),
    ("rangeinput", "ss-range-change"): Use("ss-range-change [21, 60]", ("ArrowRight",)),
    ("ratinginput", "ss-number-change"): Use("ss-number-change 4.0", ("ArrowRight",)),
    ("selectinput", "ss-option-change"): Use(
        "ss-option-change 'oak'", ("ArrowDown", "ArrowDown", "Enter"), "[role=combobox]"
    ),
    ("sliderinput", "ss-number-change"): Use("ss-number-change 31.0", ("ArrowRight",)),
    ("switchinput", "ss-toggle"): Use("ss-toggle False", ("Space",)),
    ("textareainput", "ss-change"): Use(r"ss-change 'First line\nSecond line!'", ("Control+End", "!")),
    ("textareainput", "ss-change-finish"): Use(
        r"ss-change-finish 'First line\nSecond line?'", ("Control+End", "?", "Tab")
    ),
    ("textinput", "ss-change"): Use("ss-change 'AdaX'", ("End", "X")),
    ("textinput", "ss-change-finish"): Use("ss-change-finish 'AdaY'", ("End", "Y", "Enter")),
    ("timeinput", "ss-time-change"): Use("ss-time-change '09:30'", ("ArrowUp",)),
    ("iframe", "ss-load"): Use("ss-load None"),
    ("timer", "ss-tick"): Use("ss-tick None", values="changed"),
    ("pagination", "ss-change-page"): Use("ss-change-page 2", ("Enter",), "[aria-label='Next page']"),
    ("pagination", "ss-change-page-size"): Use("ss-change-page-size 20", ("ArrowDown",), "select"),
}

#: Events that take something from outside: a program of another host, a camera.
FROM_OUTSIDE = {
    ("googlemaps", "gmap-click"),
    ("googlemaps", "gmap-marker-click"),
    ("mapbox", "mapbox-click"),
    ("mapbox", "mapbox-marker-click"),
    ("webcamcapture", "ss-webcam"),
}

#: What inputs hold while the value bound to them is None, 0 and the empty text.
EMPTY: dict[str, tuple[str, str, str]] = {
    "checkboxinput": ("off off off off",) * 3,
    "colorinput": ("#000000",) * 3,
    "dateinput": ("",) * 3,
    "dropdowninput": ("",) * 3,
    "fileinput": ("",) * 3,
    "multiselectinput": ("",) * 3,
    "numberinput": ("", "0", ""),
    "radioinput": ("off off off off",) * 3,
    "rangeinput": ("20 50",) * 3,
    "ratinginput": ("None", "0", "None"),
    "selectinput": ("",) * 3,
    "sliderinput": ("50", "0", "50"),
    "switchinput": ("off",) * 3,
    "textareainput": ("", "0", ""),
    "textinput": ("", "0", ""),
    "timeinput": ("",) * 3,
}

NO_OPTIONS = ("No options yet.", "must be an object of values and labels", "Option A")
#: What is shown while all of a type's content is None, 0 and the empty text; None is written as `null` where text is shown.
CONTENT: dict[str, tuple[str, str, str]] = {
    "annotatedtext": ("", "An annotated text is a list", ""),
    "avatar": ("null", "0", ""),
    "button": ("null", "0", ""),
    "chatbot": ("Nothing has been said yet", "must be a list of messages", "Nothing has been said yet"),
    "checkboxinput": NO_OPTIONS,
    "dataframe": ("No rows yet", "The data must be a data frame", "No rows yet"),
    "dropdowninput": NO_OPTIONS,
    "header": ("null", "0", "(No text)"),
    "heading": ("null", "0", "(No text)"),
    "html": ("null", "cannot be drawn as an HTML element", ""),
    "iframe": ("No page chosen yet", "", "No page chosen yet"),
    "image": ("null", "0", ""),
    "jsonviewer": ("null", "0", "null"),
    "link": ("null", "0", ""),
    "message": ("null", "0", ""),
    "metric": ("null", "0", "0"),
    "pagination": ("1–10 of 10", "No items", "1–10 of 10"),
    "pdf": ("There is no document yet", "must be a list of texts", "There is no document yet"),
    "plotlygraph": ("There is no chart here yet", "must be a Plotly figure", "22"),
    "progressbar": ("null", "0", ""),
    "radioinput": NO_OPTIONS,
    "repeater": ("", "needs a list or an object", "Option A"),
    "section": ("null", "0", "One"),
    "step": ("null", "0", "(No name)"),
    "tab": ("null", "0", "(No name)"),
    "tags": ("", "must be an object of keys and labels", ""),
    "text": ("null", "0", ""),
    "vegalitechart": ("There is no chart here yet", "must be an object", "Amount"),
    "videoplayer": ("", "could not be played", ""),
}


#: Types that come with the page itself, or take no room of their own.
BUNDLED = {
    "button", "column", "columns", "header", "heading", "horizontalstack", "html", "icon", "image", "link", "message",
    "metric", "numberinput", "page", "repeater", "reuse", "root", "section", "separator", "sidebar", "step", "tab",
    "tabs", "text", "textinput", "timer",
}  # fmt: skip
#: Only what is in them says how tall these are.
TALL_AS_ITS_DATA = {"chatbot", "dataframe", "jsonviewer", "vegalitechart"}
#: Uses that begin with a key; the application and its pages have a line at the top of the window instead.
PRESSED = [
    (type_, event) for (type_, event), use in USES.items() if use.keys and type_ not in ("root", "page")
]
#: What shows at once what was said or added.
GROWING = {"chatbot", "dataframe"}

#: Where the component is, and everything beside it in its card.
BOXES = """type => Object.fromEntries([...document.querySelectorAll(
    `[data-streamsync-id="card-${type}"] [data-streamsync-id]`)].map(element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.dataset.streamsyncId, [x, y + scrollY, width, height].map(Math.round)];
}))"""

#: How long after an event was sent the component shows that it waits.
WATCH_WAITING = """type => {
    const frame = () => new Promise(requestAnimationFrame);
    const demo = () => document.querySelector(`[data-streamsync-id="demo-${type}"]`);
    const isShown = () => [demo(), ...demo().querySelectorAll("*")].some(element =>
        (element.matches(".ss-waiting") && getComputedStyle(element).opacity < 1)
        || (element.matches(".is-pending, .is-pending *") && getComputedStyle(element, "::after").opacity > 0
            && getComputedStyle(element, "::after").height === "2px")
        || (element.matches(".ss-chat__wait") && getComputedStyle(element).opacity === "1"));
    window.shownAfter = (async () => {
        while (demo().ariaBusy !== "true") await frame();
        const begun = performance.now();
        while (!isShown()) {
            await frame();
            if (performance.now() - begun > 10_000) return null;
        }
        return performance.now() - begun;
    })();
}"""


def test_the_tables_here_have_everything_of_the_catalogue() -> None:
    events = {(type_, event) for type_ in TYPES for event in CATALOGUE[type_].events}
    assert set(USES) | FROM_OUTSIDE == events
    assert sorted(EMPTY) == INPUTS


@pytest.mark.parametrize(("type_name", "event"), sorted(USES), ids=lambda part: part)
def test_python_is_told_of_each_event_as_the_catalogue_says(
    gallery: Opened, type_name: str, event: str
) -> None:
    page, use = gallery(type_name), USES[type_name, event]
    page.fill(type_name, "first")
    page.fill(type_name, use.values)
    target_of(page, type_name, use).focus()
    for key in use.keys:
        page.page.keyboard.press(key)
    use.also(page.page)
    page.hears(type_name, use.told)
    page.fill(type_name, "first")
    assert page.errors == []


def target_of(page: Gallery, type_name: str, use: Use) -> Locator:
    """Return what the keys go to: what the use names, else the first place in the component that takes the focus."""
    if use.focus == "body":
        return page.page.locator("body")
    demo = page.demo(type_name)
    inside = demo.locator(use.focus or FOCUSABLE).first
    return inside if use.focus or inside.count() else demo


@pytest.mark.parametrize("type_name", [name for name in TYPES if name not in BUNDLED | TALL_AS_ITS_DATA])
def test_nothing_jumps_when_the_code_of_a_type_comes(gallery: Opened, type_name: str) -> None:
    page = gallery(type_name)
    assert abs(page.kept[type_name] - page.arrived[type_name]) < 2


@pytest.mark.parametrize(("type_name", "event"), sorted(PRESSED), ids=lambda part: part)
def test_hands_move_nothing_and_waiting_shows_after_200_ms(
    gallery: Opened, type_name: str, event: str
) -> None:
    page, use = gallery(type_name), USES[type_name, event]
    page.fill(type_name, "first")
    page.fill(type_name, use.values)
    target = target_of(page, type_name, use)
    target.scroll_into_view_if_needed()
    at_rest = page.page.evaluate(BOXES, type_name)
    target.hover(force=True)
    assert page.page.evaluate(BOXES, type_name) == at_rest
    target.focus()
    assert page.page.evaluate(BOXES, type_name) == at_rest
    with page.unanswered():
        page.page.evaluate(WATCH_WAITING, type_name)
        for key in use.keys:
            page.page.keyboard.press(key)
        shown_after = page.page.evaluate("shownAfter")
        boxes = page.page.evaluate(BOXES, type_name)
        assert page.demo(type_name).get_attribute("aria-busy") == "true"
    assert 150 < shown_after < 2000 * overload()
    if type_name not in GROWING:
        assert boxes == at_rest
    expect(page.page.locator(f"[data-streamsync-id='demo-{type_name}'][aria-busy]")).to_have_count(0)
    page.fill(type_name, "first")
    assert page.errors == []


@pytest.mark.parametrize("type_name", [type_ for type_ in TYPES if "isDisabled" in CATALOGUE[type_].fields])
def test_what_is_disabled_looks_so_and_hears_nothing(gallery: Opened, type_name: str) -> None:
    page = gallery(type_name)
    page.fill(type_name, "first")
    demo, echo = page.demo(type_name), page.page.locator(f"[data-streamsync-id='echo-{type_name}']")
    demo.click()
    expect(echo).to_contain_text("ss-")
    page.fill(type_name, "disabled")
    expect(demo).to_have_css("opacity", "0.55")
    expect(demo).to_have_attribute("aria-disabled", "true")
    told = echo.text_content()
    demo.focus()
    expect(demo).not_to_be_focused()
    page.page.keyboard.press("Enter")
    demo.click(force=True)
    # An answer to something sent later: what came before it would have been told.
    page.fill(type_name, "first")
    expect(demo).to_be_enabled()
    assert echo.text_content() == told


@pytest.mark.parametrize("type_name", INPUTS)
def test_a_cleared_input_is_empty_and_zero_is_a_value(gallery: Opened, type_name: str) -> None:
    page = gallery(type_name)
    for values, expected in zip(("value-none", "value-zero", "value-empty"), EMPTY[type_name], strict=True):
        page.fill(type_name, "first")
        page.fill(type_name, values)
        page.holds(type_name, expected)
    page.fill(type_name, "first")
    assert page.errors == []


@pytest.mark.parametrize("type_name", TYPES)
def test_none_zero_and_empty_are_no_accident(gallery: Opened, type_name: str) -> None:
    page = gallery(type_name)
    for values, expected in zip(("none", "zero", "empty"), CONTENT.get(type_name, ("", "", "")), strict=True):
        page.fill(type_name, values)
        page.shows(type_name, expected)
    page.fill(type_name, "first")
    assert page.errors == []


def test_a_dropdown_without_options_says_so_where_the_choice_would_be(gallery: Opened) -> None:
    page = gallery("dropdowninput")
    page.fill("dropdowninput", "first")
    page.fill("dropdowninput", "none")
    expect(page.demo("dropdowninput").locator("option:checked")).to_have_text("No options yet.")
    page.fill("dropdowninput", "first")
