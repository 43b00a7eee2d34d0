"""What every test in a real browser shares: the browser and a real Daphne with the demo site."""

from collections.abc import Iterator

import pytest

from scripts.demo_site import DemoSite
from tests.plugins.browser import browser, open_page

__all__ = ["browser", "open_page"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, so that `-m "not browser"` leaves it out."""
    for item in items:
        if "open_page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo_site() -> Iterator[DemoSite]:
    """The demo site as `make run` serves it, once for all tests."""
    with DemoSite() as site:
        yield site
