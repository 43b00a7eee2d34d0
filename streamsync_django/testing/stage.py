"""A runtime of its own for tests: an event loop in a thread, sessions in memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps

from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.stores.memory import MemoryStore

_T = TypeVar("_T")


class Stage:
    """Where visitors of one application meet; closed when the last of them leaves."""

    def __init__(self, slug: str, location: str | Path, *, development: bool = False) -> None:
        self.slug = slug
        self._development = development
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"streamsync-stage-{slug}", daemon=True
        )
        self._thread.start()
        self.applications = ApplicationRegistry({slug: location}, FileLayouts())
        self.runtime: Runtime = self.call(self._make_runtime)

    def call(self, function: Callable[[], _T]) -> _T:
        """Run a function on the loop and return what it returns."""

        async def run() -> _T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def close(self) -> None:
        """End the loop and its runtime."""
        self.call(lambda: self.runtime.close(1.0))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _make_runtime(self) -> Runtime:
        around: Any = None
        if apps.ready:
            from streamsync_django.hosting import around_handlers

            around = around_handlers
        return Runtime(
            applications=self.applications,
            store=MemoryStore(),
            options=RuntimeOptions(development=self._development),
            loop=self._loop,
            around_handlers=around,
        )
