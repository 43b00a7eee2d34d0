"""What components do over time: answers that stream, uploads under way, timers nobody sees, rows within rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.demo_site import DemoSite
from tests.live import button, write_application
from tests.plugins.browser import OpenPage

pytestmark = pytest.mark.browser

TIMEOUT = 20_000
MAIN = '''
    import threading

    import streamsync_django as ss

    _report = """<!doctype html><p>Réport</p><script>
        let found = "nothing";
        try { found = parent.document.title + localStorage.length; } catch (error) { found += ", " + error.name; }
        document.querySelector("p").textContent += ": " + found;
    </script>""".encode()
    _drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><rect width="80" height="40"/></svg>'
    ss.init_state({
        "report": ss.pack_bytes(_report, "text/html"),
        "long_report": ss.pack_bytes(_report + b" " * 300_000, "text/html"),
        "drawing": "",
        "chat": [{"role": "system", "content": "Ask **anything**."}], "told": "nothing", "ticks": 0,
        "shelves": {
            "a": {"name": "Fruit", "items": [{"n": "apple"}, {"n": "pear"}]},
            "b": {"name": "Wood", "items": [{"n": "oak"}]},
        },
    })
    _more = threading.Event()

    def answer(state, payload):
        state["chat"] += [payload, {"role": "assistant", "content": "It"}]
        for word in ("is", "*well*."):
            yield
            _more.wait(20)
            _more.clear()
            state["chat"][-1]["content"] += " " + word
        state["chat"][-1]["actions"] = [
            {"name": "Again", "subheading": "Once more", "desc": "Ask the same", "data": "ask again"}
        ]

    def draw(state):
        state["drawing"] = ss.pack_bytes(_drawing + b" " * 300_000, "image/svg+xml")

    def go_on(state):
        _more.set()

    def talk(state):
        number = len(state["chat"])
        state["chat"] += [{"role": "assistant", "content": f"# Part {number}\\n\\n" + "1. a line\\n" * 30}]

    def hear(state, payload, context):
        files = isinstance(payload, list) and payload and isinstance(payload[0], dict) and "data" in payload[0]
        said = [(file["name"], file["type"], file["data"][:6]) for file in payload] if files else payload
        state["told"] = f"{context['event']} {said}"

    def take(state, context):
        state["told"] = f"{context['shelf']['name']} {context['item']['n']}"
        state["shelves"][context["key"]]["items"][context["place"]]["n"] += "!"

    def tick(state):
        state["ticks"] += 1
'''


def record(
    id: str, type: str, content: dict[str, str], parent: str = "page", **handlers: str
) -> dict[str, Any]:
    named = {name.replace("_", "-"): handler for name, handler in handlers.items()}
    return {"id": id, "type": type, "content": content, "parentId": parent, "handlers": named}


CHAT = {"conversation": "@{chat}", "useMarkdown": "yes", "enableFileUpload": "multiple"}
SHELVES = {"repeaterObject": "@{shelves}", "keyVariable": "key", "valueVariable": "shelf"}
ITEMS = {"repeaterObject": "@{shelf.items}", "keyVariable": "place", "valueVariable": "item"}
COMPONENTS = [
    record("told", "text", {"text": "Told: @{told}"}),
    record(
        "chat",
        "chatbot",
        CHAT,
        ss_chatbot_message="answer",
        ss_chatbot_action_click="hear",
        ss_file_change="hear",
    ),
    button("go_on", "go_on", text="Go on"),
    button("talk", "talk", text="Talk"),
    record("files", "fileinput", {"label": "Files", "allowMultipleFiles": "yes"}, ss_file_change="hear"),
    record("texts", "fileinput", {"label": "Texts", "allowFileTypes": ".txt"}, ss_file_change="hear"),
    record("shelves", "repeater", SHELVES),
    record("shelf", "text", {"text": "Shelf @{shelf.name}"}, "shelves"),
    record("items", "repeater", ITEMS, "shelves"),
    record("take", "button", {"text": "Take @{item.n}"}, "items", ss_click="take"),
    record("again", "reuse", {"proxyId": "shelves"}),
    record("report", "iframe", {"src": "@{report}"}),
    record("long_report", "iframe", {"src": "@{long_report}"}),
    button("draw", "draw", text="Draw"),
    record("drawing", "image", {"src": "@{drawing}"}),
    record("timer", "timer", {"intervalMs": "50"}, ss_tick="tick"),
    record("ticks", "text", {"text": "Ticks: @{ticks}"}),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder = write_application(tmp_path_factory.mktemp("apps") / "work", MAIN, COMPONENTS)
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": f"work={folder}"}) as site:
        yield site


@pytest.fixture
def page(open_page: OpenPage, site: DemoSite) -> Page:
    page = open_page(f"{site.url}/work/").page
    page.set_default_timeout(TIMEOUT)
    expect(page.get_by_text("Told: nothing")).to_be_visible(timeout=TIMEOUT)
    return page


def told(page: Page, text: str) -> None:
    expect(page.locator("[data-streamsync-id='told']")).to_contain_text(text, timeout=TIMEOUT)


def test_an_answer_streams_into_its_message_and_its_actions_reach_python(page: Page) -> None:
    chat = page.locator("[data-streamsync-id='chat']")
    expect(chat.locator("strong")).to_have_text("anything")
    initials = chat.locator(".ss-chat__initials")
    expect(initials).to_have_text(["SY"])
    chat.get_by_role("textbox").fill("How is it?")
    page.keyboard.press("Enter")
    answer = chat.locator(".ss-chat__message").nth(2).locator(".ss-chat__content")
    expect(answer).to_have_text("It", timeout=TIMEOUT)
    expect(initials).to_have_text(["SY", "YOU", "AI"])
    expect(chat.locator(".ss-chat__message.is-user")).to_contain_text("How is it?")
    expect(chat.locator(".ss-chat__caret")).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    expect(answer).to_have_text("It is", timeout=TIMEOUT)
    page.get_by_role("button", name="Go on").click()
    expect(answer.locator("em")).to_have_text("well", timeout=TIMEOUT)
    chat.get_by_role("button", name="Again").click()
    told(page, "ss-chatbot-action-click ask again")
    expect(chat.locator(".ss-chat__message")).to_have_count(3)
    expect(chat.locator(".ss-chat__caret")).to_have_count(0)


def test_the_newest_message_stays_in_view_unless_the_reader_scrolled_up(page: Page) -> None:
    log = page.get_by_role("log", name="Conversation")
    talk = page.get_by_role("button", name="Talk")
    for number in (1, 2):
        talk.click()
        expect(log.get_by_role("heading", name=f"Part {number}")).to_be_attached()
        page.wait_for_function(_ENDS, arg=log.element_handle())
    log.hover()
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"log => !({_ENDS})(log)", arg=log.element_handle())
    before = log.evaluate("log => log.scrollTop")
    talk.click()
    expect(log.get_by_role("heading", name="Part 3")).to_be_attached()
    assert log.evaluate(_SETTLED) == before
    log.evaluate("log => log.scrollTo({ top: log.scrollHeight })")
    talk.click()
    expect(log.get_by_role("heading", name="Part 4")).to_be_attached()
    page.wait_for_function(_ENDS, arg=log.element_handle())


_ENDS = "log => log.scrollHeight - log.scrollTop - log.clientHeight < 2"
#: Where a log is scrolled to, once everything that observes its size has had its turn.
_SETTLED = """log => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(log.scrollTop))))"""


@pytest.mark.parametrize("id", ["files", "chat"])
def test_an_upload_shows_how_far_it_is_and_is_cancelled(page: Page, id: str) -> None:
    session = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    taker = page.locator(f"[data-streamsync-id='{id}']")
    picker, upload = taker.locator("input[type=file]"), taker.get_by_role("button", name="Upload")
    large = {"name": "large.bin", "mimeType": "application/octet-stream", "buffer": bytes(4_000_000)}
    small = {"name": "Ωμέγα 東京.txt", "mimeType": "text/plain", "buffer": b"\x00\xffhello"}
    picker.set_input_files([large])
    if id == "chat":
        upload.click()
    bar = taker.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", _BETWEEN, timeout=TIMEOUT)
    taker.get_by_role("button", name="Cancel").click()
    expect(bar).to_have_count(0)
    session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    if id == "chat":
        taker.get_by_role("button", name="Remove large.bin").click()
    picker.set_input_files([small])
    if id == "chat":
        upload.click()
    told(page, "ss-file-change [('Ωμέγα 東京.txt', 'text/plain', b'\\x00\\xffhell')]")
    expect(taker.get_by_role("alert")).to_have_count(0)


_BETWEEN = re.compile(r"^[1-9]\d?$")


@pytest.mark.parametrize(
    ("locale", "too_large", "not_taken"),
    [
        (
            "en",
            "These files are larger than 200 MB together.",
            "big.bin is of a kind that is not taken here.",
        ),
        ("de", "Diese Dateien sind zusammen größer als 200 MB.", "big.bin ist von einer Art, die hier nicht"),
        (
            "fr",
            "Ces fichiers dépassent ensemble 200\xa0Mo.",
            "big.bin est d’un type qui n’est pas accepté ici.",
        ),
    ],
    ids=["en", "de", "fr"],
)
def test_what_is_not_taken_is_said_in_place_and_in_the_visitors_language(
    browser: Browser, site: DemoSite, tmp_path: Path, locale: str, too_large: str, not_taken: str
) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(f"{site.url}/work/")
    large = tmp_path / "big.bin"
    with large.open("wb") as file:
        file.truncate(200 * 2**20 + 1)
    for name in ("files", "chat"):
        taker = page.locator(f"[data-streamsync-id='{name}']")
        taker.locator("input[type=file]").set_input_files(large)
        if name == "chat":
            taker.locator(".ss-chat__upload").click()
        expect(taker.get_by_role("alert")).to_contain_text(too_large, timeout=TIMEOUT)
    with large.open("wb") as file:
        file.truncate(9)
    texts = page.locator("[data-streamsync-id='texts']")
    texts.locator("input[type=file]").set_input_files(large)
    expect(texts.get_by_role("alert")).to_contain_text(not_taken, timeout=TIMEOUT)
    context.close()


def test_a_timer_rests_while_nobody_sees_the_page(page: Page) -> None:
    ticks = page.locator("[data-streamsync-id='ticks']")
    expect(ticks).not_to_have_text("Ticks: 0", timeout=TIMEOUT)
    set_hidden = """(hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => hidden ? "hidden" : "visible" });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(set_hidden, True)
    page.wait_for_function(_IS_STILL, polling=450)
    rested = ticks.inner_text()
    page.evaluate(set_hidden, False)
    expect(ticks).not_to_have_text(rested, timeout=TIMEOUT)


#: Whether nothing has changed since it was asked before: eight intervals without a tick.
_IS_STILL = """() => {
  const text = document.querySelector("[data-streamsync-id='ticks']").textContent;
  const isStill = window.seenBefore === text;
  window.seenBefore = text;
  return isStill;
}"""


@pytest.mark.parametrize("id", ["report", "long_report"])
def test_a_document_in_the_state_is_framed_and_its_scripts_reach_nothing(page: Page, id: str) -> None:
    frame = page.locator(f"[data-streamsync-id='{id}'] iframe")
    frame.scroll_into_view_if_needed()
    expect(frame.content_frame.locator("p")).to_have_text("Réport: nothing, SecurityError", timeout=TIMEOUT)


def test_a_large_drawing_in_the_state_is_shown(page: Page) -> None:
    picture = page.locator("[data-streamsync-id='drawing'] img")
    page.get_by_role("button", name="Draw").click()
    page.wait_for_function(
        "image => image.complete && image.naturalWidth === 80", arg=picture.element_handle()
    )


def test_rows_within_rows_know_their_place_in_every_copy(page: Page) -> None:
    shelves = page.locator("[data-streamsync-id='shelves']")
    expect(shelves).to_have_count(2, timeout=TIMEOUT)
    for copy in (shelves.nth(0), shelves.nth(1)):
        expect(copy.get_by_text("Shelf")).to_have_text(["Shelf Fruit", "Shelf Wood"])
        expect(copy.get_by_role("button")).to_have_text(["Take apple", "Take pear", "Take oak"])
    page.evaluate("window.kept = document.querySelectorAll(\"[data-streamsync-id='take']\")[0]")
    shelves.nth(1).get_by_role("button", name="Take pear").click()
    told(page, "Fruit pear")
    expect(shelves.nth(0).get_by_role("button")).to_have_text(["Take apple", "Take pear!", "Take oak"])
    assert page.evaluate("window.kept.isConnected"), "the other rows are the same elements as before"
