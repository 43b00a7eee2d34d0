"""What every test in a real browser shares: the browser and a real Daphne with the demo site."""

from collections.abc import Iterator

import pytest

from scripts.demo_site import DemoSite
from tests.plugins.browser import browser, open_page
from tests.plugins.redis import redis_server, start_redis

__all__ = ["browser", "open_page", "redis_server", "start_redis"]


@pytest.fixture(scope="session")
def demo_site() -> Iterator[DemoSite]:
    """The demo site as `make run` serves it, once for all tests."""
    with DemoSite() as site:
        yield site
