"""Typing into a bound field over a slow network, while handlers write into it: in a real browser."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scripts.demo_site import DemoSite
from tests.live import write_application
from tests.plugins.browser import OpenPage, Visit
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.redis]

MAIN = """
    import streamsync_django as ss

    ss.init_state({"words": "", "letters": 0, "touched": {"times": 0}})


    def shout(state, payload):
        state["words"] = payload.upper()
        state["letters"] = len(payload)
        state["touched"]["times"] += 1
"""
COMPONENTS: list[dict[str, Any]] = [
    {
        "id": "words",
        "type": "textinput",
        "content": {"label": "Words"},
        "handlers": {"ss-change": "shout"},
        "binding": {"eventType": "ss-change", "stateRef": "words"},
    },
    {"id": "said", "type": "text", "content": {"text": "@{letters} letters: @{words}"}},
]
#: Twelve characters a second: a quick typist.
BETWEEN_KEYS_MS = 1000 / 12

#: Every frame takes 100 to 500 ms each way, and none overtakes another.
SLOW_NETWORK = """
const Quick = window.WebSocket;
window.WebSocket = class extends Quick {
  #out = 0;
  #in = 0;
  #due(before) { return Math.max(before, performance.now() + 100 + 400 * Math.random()); }
  send(data) {
    this.#out = this.#due(this.#out);
    setTimeout(() => { if (this.readyState === 1) super.send(data); }, this.#out - performance.now());
  }
  set onmessage(listener) {
    super.onmessage = listener && ((event) => {
      this.#in = this.#due(this.#in);
      setTimeout(() => super.onmessage && listener(event), this.#in - performance.now());
    });
  }
  get onmessage() { return super.onmessage; }
};
"""

#: Notes each time the field shows something else, or the caret stands elsewhere, than the keys say.
WATCH_FIELD = """
field => {
  const seen = { text: field.value.toLowerCase(), caret: field.selectionStart, faults: [] };
  window.seen = seen;
  field.addEventListener("keydown", ({ key }) => {
    if (key.length !== 1) return;
    seen.text = seen.text.slice(0, seen.caret) + key.toLowerCase() + seen.text.slice(seen.caret);
    seen.caret += 1;
    seen.isPressed = true;
  });
  field.addEventListener("input", () => { seen.isPressed = false; });
  const look = () => {
    const { value, selectionStart } = field;
    const isRight = value.toLowerCase() === seen.text && selectionStart === seen.caret;
    if (!seen.isPressed && !isRight) seen.faults.push({ value, selectionStart, ...seen, faults: undefined });
    requestAnimationFrame(look);
  };
  look();
}
"""


@pytest.fixture
def site(tmp_path: Path, redis_server: RedisServer) -> Iterator[DemoSite]:
    folder = write_application(tmp_path / "typing", MAIN, COMPONENTS)
    environment = {"REDIS_URL": redis_server.url, "STREAMSYNC_DEMO_EXTRA_APPS": f"typing={folder}"}
    with DemoSite(environment) as site:
        yield site


def open_slowly(open_page: OpenPage, site: DemoSite) -> Visit:
    visit = open_page("about:blank")
    visit.page.context.add_init_script(SLOW_NETWORK)
    visit.page.goto(f"{site.url}/typing/")
    visit.page.get_by_label("Words").focus()
    return visit


def watch(page: Page) -> None:
    page.get_by_label("Words").evaluate(WATCH_FIELD)


def expect_no_faults(page: Page) -> None:
    assert page.evaluate("window.seen.faults") == []


def test_typing_is_never_overwritten_and_the_caret_never_jumps(open_page: OpenPage, site: DemoSite) -> None:
    page = open_slowly(open_page, site).page
    watch(page)
    words = ("the quick brown fox jumps over the lazy dog " * 3)[:100]
    page.keyboard.type(words, delay=BETWEEN_KEYS_MS)
    field = page.get_by_label("Words")
    expect(field).to_have_value(words.upper())
    expect_no_faults(page)

    # Now in the middle, where text that is written by the handler stands on both sides of the caret.
    field.evaluate("field => { field.setSelectionRange(40, 40); window.seen.caret = 40; }")
    inserted = "and never once looks back at the hound, " * 3
    for word in inserted.split(" ")[:-1]:
        page.keyboard.type(f"{word} ", delay=BETWEEN_KEYS_MS)
        page.wait_for_timeout(50)
    whole = words[:40] + inserted + words[40:]
    expect(field).to_have_value(whole.upper())
    expect(page.get_by_text(f"{len(whole)} letters: {whole.upper()}", exact=True)).to_be_visible()
    assert field.evaluate("field => field.selectionStart") == 40 + len(inserted)
    expect_no_faults(page)


def test_typing_goes_on_while_the_server_restarts(open_page: OpenPage, site: DemoSite) -> None:
    visit = open_slowly(open_page, site)
    page = visit.page
    watch(page)
    words = ("sphinx of black quartz judge my vow " * 6)[:200]
    page.keyboard.type(words[:60], delay=BETWEEN_KEYS_MS)
    restart = threading.Thread(target=site.restart)
    restart.start()
    page.keyboard.type(words[60:], delay=BETWEEN_KEYS_MS)
    restart.join()
    expect(page.get_by_label("Words")).to_have_value(words.upper(), timeout=30_000)
    expect(page.get_by_text(f"200 letters: {words.upper()}", exact=True)).to_be_visible()
    expect_no_faults(page)
    visit.watched.errors.clear()  # the browser itself reports each connection that was refused
