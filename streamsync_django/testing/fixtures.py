"""pytest fixtures: ``pytest_plugins = ["streamsync_django.testing.fixtures"]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamsync_django.testing.visitor import Visitor


@pytest.fixture
def visit() -> Iterator[Callable[..., Visitor]]:
    """Open applications as visitors: ``visitor = visit("project.apps.counter")``; they leave at the end."""
    visitors: list[Visitor] = []

    def open_application(location: Any, **more: Any) -> Visitor:
        visitors.append(Visitor(location, **more))
        return visitors[-1]

    yield open_application
    for visitor in visitors:
        visitor.close()
