"""Pages in a real browser: what opening one costs, and what a change of one row among a thousand does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from playwright.sync_api import Browser, CDPSession, expect, sync_playwright

from benchmarks.processes import ROOT, web_server
from scripts.chromium import find_chromium, launch

#: What a browser may take on a busy machine.
TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A page opened by a browser that has never been there."""

    slug: str
    #: Addresses asked for, the page's own first.
    requests: tuple[str, ...]
    #: Headers and bodies as they crossed the wire, compressed.
    wire_bytes: int
    #: JavaScript's objects once all is drawn and what is not needed is gone.
    heap_bytes: int


@dataclass(frozen=True, slots=True)
class Rows:
    """1,000 rows of four components: all of them, then one that changes."""

    #: From asking for the page to its last row being drawn.
    first_render_ms: float
    #: What the page's thread did for them, style and layout aside.
    first_thread_ms: float
    #: The same from a click to the changed row, on average.
    update_thread_ms: float
    #: The scripts' part of that.
    update_script_ms: float
    #: Nodes added, removed or rewritten by one update.
    changed_nodes: int


@dataclass(slots=True)
class _Wire:
    requests: list[str] = field(default_factory=list)
    bytes: int = 0


@contextmanager
def site() -> Iterator[str]:
    """Serve the demo site as production would, and yield its address."""
    with tempfile.TemporaryDirectory(prefix="streamsync-static-") as folder:
        os.environ["STREAMSYNC_BENCH_STATIC"] = folder
        try:
            subprocess.run(
                [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
                cwd=ROOT,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"},
                check=True,
            )
            with web_server("uvicorn", None) as process:
                yield f"http://127.0.0.1:{process.port}"
        finally:
            del os.environ["STREAMSYNC_BENCH_STATIC"]


def open_cold(browser: Browser, address: str, slug: str, drawn: str) -> Opened:
    """Open an application as a new visitor, until a text is drawn and the socket has greeted."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    wire = _watch(session)
    with page.expect_websocket() as socket:
        page.goto(f"{address}/{slug}/")
    expect(page.get_by_text(drawn).first).to_be_visible(timeout=TIMEOUT_MS)
    socket.value.wait_for_event("framereceived", timeout=TIMEOUT_MS)
    page.wait_for_load_state("networkidle")
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    context.close()
    return Opened(slug, tuple(wire.requests), wire.bytes, int(heap))


def measure_rows(browser: Browser, address: str, updates: int = 30) -> Rows:
    """Draw 1,000 rows, then change one of them again and again."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _busy_ms(session)
    with page.expect_websocket() as socket:
        page.goto(f"{address}/rows/")
    page.get_by_text("Row 999", exact=True).wait_for(state="attached")
    # As the page itself counts: from asking for it to the frame with the last row.
    rendered = float(
        page.evaluate("new Promise((done) => requestAnimationFrame(() => done(performance.now())))")
    )
    script = _busy_ms(session) - before
    socket.value.wait_for_event("framereceived", timeout=TIMEOUT_MS)
    page.evaluate(_COUNT_CHANGES)
    before, scripts_before = _busy_ms(session), _script_ms(session)
    for number in range(1, updates + 1):
        page.evaluate(_CHANGE_ONE, f"Count: {500 + number}")
    update = (_busy_ms(session) - before) / updates
    scripts = (_script_ms(session) - scripts_before) / updates
    changed = int(page.evaluate("window.changedNodes"))
    context.close()
    return Rows(rendered, script, update, scripts, changed // updates)


#: Resolves once the changed row shows what it should.
_CHANGE_ONE = """(wanted) => new Promise((resolve) => {
  window.showed = (text) => text === wanted && resolve();
  document.querySelector("[data-streamsync-id=change]").click();
})"""
#: Counts nodes that change below the repeater, and keeps the text of the row that does.
_COUNT_CHANGES = """() => {
  window.changedNodes = 0;
  const repeater = document.querySelector("[data-streamsync-id=rows]");
  const row = [...repeater.querySelectorAll("[data-streamsync-id=count]")][500];
  new MutationObserver((changes) => {
    window.changedNodes += changes.length;
    window.showed(row.textContent.trim());
  }).observe(repeater, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def _busy_ms(session: CDPSession) -> float:
    """Return how long the page's thread has run, style and layout aside: scripts, but painting too.

    It is the thread's own time: what else the machine does is not in it.
    """
    metrics = _metrics(session)
    return (metrics["TaskDuration"] - metrics["LayoutDuration"] - metrics["RecalcStyleDuration"]) * 1000


def _script_ms(session: CDPSession) -> float:
    return _metrics(session)["ScriptDuration"] * 1000


def _metrics(session: CDPSession) -> dict[str, float]:
    """Return Chromium's own counts, durations in seconds."""
    return {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}


def _watch(session: CDPSession) -> _Wire:
    wire = _Wire()

    def add_bytes(event: dict[str, float]) -> None:
        wire.bytes += int(event["encodedDataLength"])

    def add_request(event: dict[str, dict[str, str]]) -> None:
        if not event["request"]["url"].startswith("data:"):
            wire.requests.append(event["request"]["url"])

    session.on("Network.requestWillBeSent", add_request)
    session.on("Network.loadingFinished", add_bytes)
    session.send("Network.enable")
    return wire


def report(*, is_quick: bool) -> dict[str, object]:
    """Measure, print, and return the figures."""
    print("\nPages in Chromium: new visitors, production's static files, compressed\n")
    with site() as address, sync_playwright() as playwright:
        program = find_chromium(playwright)
        if program is None:
            raise FileNotFoundError("Chromium is not installed; `make setup-dev` brings it")
        browser = launch(playwright, program)
        pages = [open_cold(browser, address, "counter", "Count")]
        rows = measure_rows(browser, address, updates=3 if is_quick else 30)
        browser.close()
    for page in pages:
        print(
            f"{page.slug}: {len(page.requests)} requests, {page.wire_bytes / 1024:.1f} KiB on the wire,"
            f" heap {page.heap_bytes / 2**20:.2f} MiB"
        )
    print(
        f"1,000 rows x 4: drawn after {rows.first_render_ms:.0f} ms, the thread {rows.first_thread_ms:.0f} ms;"
        f" one row changed: scripts {rows.update_script_ms:.2f} ms, the thread {rows.update_thread_ms:.1f} ms,"
        f" {rows.changed_nodes} nodes"
    )
    return {"opened": [asdict(page) for page in pages], "rows": asdict(rows)}
