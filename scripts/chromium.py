"""Where the Chromium is that tests and pictures use, and how it is started."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A browser that calls nobody and draws the same on every machine.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


def find_chromium(playwright: Playwright) -> str | None:
    """Return the browser named by STREAMSYNC_TEST_CHROMIUM, the system's, or Playwright's own; None without any."""
    if named := os.environ.get("STREAMSYNC_TEST_CHROMIUM"):
        return shutil.which(named)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    own = Path(playwright.chromium.executable_path)
    return found or (str(own) if own.is_file() else None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start a headless browser; whoever calls closes it."""
    return playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
