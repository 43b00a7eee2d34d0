"""One page that is looked at again and again: at any width, in either scheme, and in any language."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.demo_site import ROOT
from scripts.make_gallery import PAGES
from tests.patience import overload

AXE = ROOT / "streamsync_django" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = 390, 1280
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: The gallery's pages and their titles.
TITLES = dict(PAGES.values())
KEYS = list(TITLES)

WATCH = """window.refused = []; document.addEventListener('securitypolicyviolation', (event) =>
    refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""

#: What is loaded when it is used has come, and charts are drawn.
DRAWN = """() => !document.querySelector(
    ".ss-loading, .ss-vega:not(.is-drawn), .ss-plotly:not(.is-drawn), .ss-pdf[aria-busy]")"""

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Looks:
    """A page of the demo site that goes from address to address without a new browser for each."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, path: str) -> Page:
        """Go to a path and wait until all of it is drawn."""
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(DRAWN)
        return self.page

    def gallery(self, key: str) -> Page:
        """Go to a page of the gallery; where it is open already, by its address alone."""
        if self.page.url.startswith(f"{self.url}/gallery/"):
            self.page.evaluate("key => { location.hash = key; }", key)
        else:
            self.open(f"/gallery/#{key}")
        expect(self.page.locator("main h1").first).to_have_text(TITLES[key])
        self.page.wait_for_function(DRAWN)
        return self.page

    def size(self, width: int, height: int = 900) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def violations(self) -> str:
        """Return what axe-core finds wrong in both schemes, as a text; empty if nothing is."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe_source())
        told: list[tuple[str, str, list[str]]] = []
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.wait_for_function(DRAWN)
            found = self.page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
            told += [(scheme, each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        return json.dumps(told, indent=1) if told else ""

    @property
    def refused(self) -> list[str]:
        """What the page's policy has refused since it was loaded."""
        return list(self.page.evaluate("refused"))


def axe_source() -> str:
    """Return axe-core's program; without it the test skips on a laptop and fails in CI."""
    if not AXE.exists():
        assert "CI" not in os.environ, "axe-core is not installed"
        pytest.skip("axe-core is not installed: run `make setup-dev`")
    return AXE.read_text(encoding="utf-8")


@contextmanager
def looking(browser: Browser, url: str, **features: Any) -> Iterator[Looks]:
    """Open a page for somebody with the given features; they want no motion unless it says so."""
    context = browser.new_context(
        **{"viewport": {"width": DESK, "height": 900}, "reduced_motion": "reduce", **features}
    )
    context.set_default_timeout(20_000 * overload())
    context.add_init_script(WATCH)
    yield Looks(context.new_page(), url)
    context.close()
