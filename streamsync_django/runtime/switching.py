"""Running sessions go on with an application's new code and layout."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from typing import Any, Final

from streamsync_django.core.recorder import Recorder
from streamsync_django.core.state import State
from streamsync_django.core.subscriptions import follow_as
from streamsync_django.runtime.custody import Custody
from streamsync_django.runtime.executor import Executor
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.loop_calls import LoopCalls
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.runtime.sharing import Sharing

_logger = logging.getLogger(__name__)

#: After this time even a session that was being made during the switch is known.
_STRAGGLERS_SECONDS: Final = 1.0


class Switcher:
    """Moves the sessions of this process from what an application was to what it is."""

    def __init__(
        self,
        custody: Custody,
        sharing: Sharing,
        calls: LoopCalls,
        executor: Executor,
        *,
        pins_revisions: bool = False,
    ) -> None:
        """With `pins_revisions`, sessions keep the layout they began with, and follow new code only."""
        self._pins_revisions = pins_revisions
        self._custody = custody
        self._sharing = sharing
        self._calls = calls
        self._executor = executor

    def follow(self, old: LoadedApplication, new: LoadedApplication) -> None:
        """Switch every session of the application; from any thread."""
        self._calls.call(self._switch_all, old, new)

    def _switch_all(self, old: LoadedApplication, new: LoadedApplication) -> None:
        self._switch_those_of(old, new)
        self._calls.loop.call_later(_STRAGGLERS_SECONDS, self._finish, old, new)

    def _finish(self, old: LoadedApplication, new: LoadedApplication) -> None:
        self._switch_those_of(old, new)
        if old.generation is not new.generation:
            old.generation.retire()

    def _switch_those_of(self, old: LoadedApplication, new: LoadedApplication) -> None:
        for session in list(self._custody.sessions.values()):
            application = session.application
            if application is old and not self._pins_revisions:
                self._switch(session, new)
            elif application.base is old.base and new.base is not old.base:
                # A layout of its own, pinned or previewed: it stays, and is served by the new code.
                self._switch(session, dataclasses.replace(new, tree=application.tree))

    def _switch(self, session: LiveSession, new: LoadedApplication) -> None:
        old, session.application = session.application, new
        if session.connection is not None and new.tree.revision != old.tree.revision:
            session.connection.draw(session.tree)
        if new.base is not old.base:
            if old.base.reactions or new.base.reactions:
                follow_as(session.state, old.base.reactions, new.base.reactions)
            self._executor.submit(lambda: self._give_new_keys(session, new))

    def _give_new_keys(self, session: LiveSession, new: LoadedApplication) -> None:
        self._sharing.join(session, knows_base=False)
        _add_new_keys(session, new)


def _add_new_keys(session: LiveSession, new: LoadedApplication) -> None:
    """Give a running session the keys that its initial state did not have and the new one has."""
    if not _has_new_keys(session.base.root, new.base.root):
        return
    fresh = new.base.new_state(Recorder())
    _add_missing(session.state, session.base.root, fresh)
    session.commit()


def _has_new_keys(known: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(
        key not in known
        or (isinstance(value, dict) and isinstance(known[key], dict) and _has_new_keys(known[key], value))
        for key, value in new.items()
    )


def _add_missing(state: State, known: Mapping[str, Any], fresh: State) -> None:
    for key in fresh:
        if key in state:
            inner, known_inner = state[key], known.get(key)
            if isinstance(inner, State) and isinstance(fresh[key], State):
                _add_missing(inner, known_inner if isinstance(known_inner, dict) else {}, fresh[key])
        elif key not in known:  # else a handler has deleted it
            state[key] = fresh[key]
