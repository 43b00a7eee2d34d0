"""Fixtures for tests of whole applications without a browser: put "tests.plugins.live" into a conftest's imports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from streamsync_django import hosting
from tests.live import Page

ServeFolder = Callable[..., None]


@pytest.fixture
def serve() -> Iterator[ServeFolder]:
    """Make folders the site's applications: ``serve(shop=folder, MAX_UPLOAD_FILES=2)``."""
    entered: list[Any] = []

    def serve_(**given: Any) -> None:
        folders = {slug: str(value) for slug, value in given.items() if isinstance(value, Path)}
        more = {name: value for name, value in given.items() if not isinstance(value, Path)}
        override = override_settings(STREAMSYNC={"APPS": folders, **more})
        override.enable()
        entered.append(override)

    yield serve_
    hosting.close_runtime(1)
    for override in reversed(entered):
        override.disable()


@pytest.fixture
async def open_page(serve: ServeFolder) -> AsyncIterator[Callable[..., Any]]:
    """Open pages that are closed in the end: ``page = await open_page("shop")``."""
    pages: list[Page] = []

    async def open_(slug: str, **hello: Any) -> Page:
        page = await Page.open(slug, **hello)
        pages.append(page)
        return page

    yield open_
    for page in pages:
        await page.close()
