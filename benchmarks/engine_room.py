"""The engine without sockets and threads: one event from the browser's frame to the frame that answers it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from streamsync_django.core.application import Application
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import BrowserEvent
from streamsync_django.core.handlers import Handler
from streamsync_django.core.root import StreamsyncState
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.drafts import Capture, Draft
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.order import HandlerRun
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.memory import MemoryStore
from streamsync_django.transport import protocol
from streamsync_django.transport.frames import encode_update

COUNTER = Path(__file__).resolve().parent.parent / "project" / "apps" / "counter"
TARGET = [["root", 0], ["page-main", 0], ["card", 0], ["increment", 0]]

Around = Callable[[Any], AbstractContextManager[None]]


class _HereAndNow(LoopCalls):
    """Calls into the loop, made when the measurement says so."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._due: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._due.append((function, arguments))

    def drain(self) -> None:
        """Make the calls."""
        due, self._due = self._due, []
        for function, arguments in due:
            function(*arguments)


class EngineRoom:
    """A runtime on a loop that never runs, whose handlers run in the calling thread.

    What is missing compared with a server: the socket, the change of threads, and the waking of the loop.
    """

    def __init__(self, around: Around | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        options = RuntimeOptions(max_sessions=1_000_000)
        self.runtime = Runtime(
            applications=ApplicationRegistry({"counter": str(COUNTER)}, FileLayouts()),
            store=MemoryStore(),
            options=options,
            loop=self._loop,
            around_handlers=around,
        )
        self._calls = _HereAndNow(self._loop)
        self.runtime.calls = self._calls
        self.runtime.executor.submit = lambda work: Context().run(work)  # type: ignore[method-assign]  # in this thread
        self.counter = self.runtime.applications.get("counter")
        self._visitors = itertools.count()

    def close(self) -> None:
        """Stop the runtime."""
        self.runtime.close()
        self._loop.close()

    def application(self, state: Mapping[str, Any], handler: Callable[..., None]) -> LoadedApplication:
        """Return an application like the counter, with another state and another handler of the click."""
        application = Application("measured", COUNTER, StreamsyncState(state))
        application.handlers = {"increment": Handler.of("increment", handler)}
        return replace(self.counter, slug="measured", application=application, base=application.make_base())

    @property
    def tree(self) -> ComponentTree:
        """The counter's layout."""
        return self.counter.tree

    def session(self, application: LoadedApplication, info: Mapping[str, Any] | None = None) -> LiveSession:
        """Make a session, each for a visitor of its own."""
        visitor = Visitor(f"anonymous:{next(self._visitors)}")
        return self.runtime.custody.create(application, visitor, info or {})

    def handlings(
        self, session: LiveSession
    ) -> tuple[Callable[[], HandlerRun], Callable[[HandlerRun], Draft]]:
        """Return what makes the next click, and what handles it: check, bind, call, mutations, encode."""
        capture = Capture(session.state, session.recorder, encodes_stored=False)
        payload = {"ctrlKey": False, "shiftKey": False, "metaKey": False}
        number = 0

        def click() -> HandlerRun:
            nonlocal number
            number += 1
            return HandlerRun(BrowserEvent(number, TARGET, "ss-click", payload, 0, self.tree.revision))

        def handle(run: HandlerRun) -> Draft:
            self.runtime.perform(session, run)
            return capture.take()[0]

        return click, handle

    def clicks(self, session: LiveSession) -> tuple[Callable[[], str], Callable[[str], str | bytes]]:
        """Return what a browser does, making the next click's frame, and what the engine does: the answer's."""
        number = 0
        template = {
            "type": "event",
            "target": TARGET,
            "event": "ss-click",
            "payload": {"ctrlKey": False, "shiftKey": False, "metaKey": False},
            "layout": self.tree.revision,
        }
        known: set[str] = set()

        def click() -> str:
            nonlocal number
            number += 1
            return msgspec.json.encode({**template, "n": number, "version": session.version}).decode()

        def answer(frame: str) -> str | bytes:
            version = session.version
            message = protocol.decode(frame)
            assert isinstance(message, protocol.EventMessage)
            event = BrowserEvent(
                message.n, message.target, message.event, message.payload, message.version, message.layout
            )
            session.submit(event)
            self._calls.drain()
            update = encode_update(session.update_since(version), known)
            session.acknowledge(session.version)
            return update

        return click, answer
