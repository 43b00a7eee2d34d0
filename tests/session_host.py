"""Sessions without a server: what a live session needs of its process, with nothing running beside it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streamsync_django.core.application import Application
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import Outcome
from streamsync_django.core.root import StreamsyncState
from streamsync_django.runtime.drafts import Failure
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.options import RuntimeOptions
from streamsync_django.runtime.order import HandlerRun
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.restoring import restore
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.runtime.tally import Tally
from streamsync_django.stores.memory import MemoryStore
from streamsync_django.stores.records import Commit, NewSession, Refused
from tests.reference_browser import Browser, patch_message

ROOT = {"id": "root", "type": "root", "content": {}, "parentId": None, "position": 0, "visible": True}
EMPTY_TREE = ComponentTree.from_records({"root": ROOT})
_numbers = itertools.count(1)


class EncodingStore(MemoryStore):
    """A memory store that is given every element, as a store outside of the process is."""

    stores_elements = True


class SessionHost:
    """A process that commits at once, in the calling thread. `held` keeps commits back to answer later."""

    def __init__(self, *, encodes: bool = True, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.settings = RuntimeOptions()
        self.store: MemoryStore = EncodingStore() if encodes else MemoryStore()
        self.executor = Executor(4)
        self.calls = LoopCalls(loop or _silent_loop())
        self.sessions: dict[str, LiveSession] = {}
        self.failures: list[Failure] = []
        self.commits = 0
        self.tally = Tally()
        self.held: list[Commit] | None = None

    @property
    def committer(self) -> SessionHost:
        return self

    def submit(self, commit: Commit) -> None:
        self.commits += 1
        if self.held is not None:
            self.held.append(commit)
        else:
            self.answer(commit)

    def answer(self, commit: Commit) -> None:
        self.sessions[commit.session_id].settle(commit, self.store.commit([commit])[0])

    @contextlib.contextmanager
    def holding(self) -> Iterator[list[Commit]]:
        """Leave the store silent for a while; commits are answered at the end."""
        self.held = held = []
        yield held
        self.held = None
        for commit in held:
            self.answer(commit)

    def new_session(self, application: LoadedApplication) -> LiveSession:
        session_id = f"session-{next(_numbers)}"
        epoch = self.store.create(
            NewSession(
                session_id=session_id,
                application=application.slug,
                visitor="visitor",
                base_digest=application.base.digest,
                layout_revision=application.tree.revision,
                owner="here",
                ttl_seconds=3600,
            )
        )
        return self._live(session_id, application, epoch)

    def take_over(self, session: LiveSession) -> LiveSession:
        """Return the session as another process would find it in the store."""
        stored = self.store.claim(session.id, "there")
        assert stored is not None
        taken = self._live(session.id, session.application, stored.epoch)
        restore(taken, stored)
        return taken

    def _live(self, session_id: str, application: LoadedApplication, epoch: int) -> LiveSession:
        session = LiveSession(session_id, application, Visitor("visitor"), self, epoch=epoch, info={})
        self.sessions[session_id] = session
        return session

    # What a session calls

    def perform(self, session: LiveSession, run: HandlerRun) -> Outcome:
        return Outcome("ok")

    def report_failures(self, session: LiveSession, run: HandlerRun | None, failures: list[Failure]) -> None:
        self.failures += failures

    def report_unfaithful(self, session: LiveSession, run: HandlerRun | None, elements: Any) -> None:
        """Nobody reads it."""

    def drop(self, session: LiveSession, code: int) -> None:
        self.sessions.pop(session.id, None)

    def on_refused(self, session: LiveSession, answer: Refused) -> None:
        raise AssertionError(f"commit refused: {answer}")

    def drain(self, session: LiveSession) -> None:
        """There are no other processes."""


def make_application(
    initial: Mapping[str, Any], schema: type[StreamsyncState] | None = None, tree: ComponentTree = EMPTY_TREE
) -> LoadedApplication:
    """Return an application that has a state and nothing else."""
    application = Application("test", Path())
    application.declare_initial_state(initial, schema)
    return LoadedApplication("test", application, application.make_base(), tree)


_loops: list[asyncio.AbstractEventLoop] = []


def _silent_loop() -> asyncio.AbstractEventLoop:
    """Return a closed event loop: nobody listens, and `LoopCalls` drops what it is given."""
    if not _loops:
        loop = asyncio.new_event_loop()
        loop.close()
        _loops.append(loop)
    return _loops[0]


class OpenPage:
    """One session, and the patches that its browser gets: `sent` commits and returns the newest."""

    def __init__(
        self,
        initial: Mapping[str, Any],
        schema: type[StreamsyncState] | None = None,
        host: SessionHost | None = None,
    ) -> None:
        self.host = host or SessionHost()
        self.session = self.host.new_session(make_application(initial, schema))
        self.state = self.session.state
        self.browser = Browser(self.session.log.snapshot()[0])

    def sent(self) -> dict[str, Any]:
        """Commit as at a handler's end; return what the browser got, by dotted path, empty kinds left out."""
        self.session.commit()
        return self.seen()

    def flushed(self) -> dict[str, Any]:
        """Commit as in the middle of a handler."""
        self.session.flush()
        return self.seen()

    def seen(self) -> dict[str, Any]:
        """Return what was committed since the last look."""
        patch = self.session.log.since(self.browser.version)
        assert patch is not None
        self.browser.receive(patch)
        message = patch_message(patch)
        found: dict[str, Any] = {}
        if message["set"]:
            found["set"] = {".".join(path): value for path, value in message["set"]}
        if message["append"]:
            found["append"] = {".".join(path): items for path, items in message["append"]}
        if message["del"]:
            found["del"] = [".".join(path) for path in message["del"]]
        return found
