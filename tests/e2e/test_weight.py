"""What opening a page costs a visitor, and that parts of which it uses none are never loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from benchmarks import pages
from scripts.demo_site import ROOT

pytestmark = pytest.mark.browser

CHUNKS = ROOT / "streamsync_django" / "static" / "streamsync" / "chunks"
#: Words that only a library's own code has.
LIBRARIES = {
    "Plotly": "plotly.js",
    "Vega": "vega-embed",
    "pdf.js": "GlobalWorkerOptions",
    "MapLibre": "maplibregl-",
    "the table": "ss-table__viewport",
    "the Arrow reader": "RecordBatch",
    "Markdown": "blockquote",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the demo site as production serves it."""
    with pages.site() as address:
        yield address


def test_the_counter_is_small_asks_for_little_and_takes_little_memory(browser: Browser, address: str) -> None:
    opened = pages.open_cold(browser, address, "counter", "Count")
    assert opened.wire_bytes <= 80 * 1024
    assert len(opened.requests) <= 6, opened.requests
    assert opened.heap_bytes < 2.4 * 2**20


def test_the_counter_loads_no_library_that_it_does_not_use(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    scripts: list[str] = []
    page.on("response", lambda response: scripts.append(response.text()) if ".js" in response.url else None)
    page.goto(f"{address}/counter/")
    expect(page.get_by_text("Count").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    context.close()
    assert len(scripts) >= 2
    everything = [file.read_text() for file in CHUNKS.glob("*.js")]
    for name, word in LIBRARIES.items():
        assert any(word in text for text in everything), f"{name} has other words now"
        assert not any(word in text for text in scripts), f"the counter loads {name}"


def test_a_change_of_one_row_among_a_thousand_touches_that_row_alone(browser: Browser, address: str) -> None:
    rows = pages.measure_rows(browser, address, updates=5)
    assert rows.changed_nodes == 1
    assert rows.first_thread_ms > 0
