"""Whatever handlers do to a state, every browser and the store's copy show the same.

`STREAMSYNC_TEST_EXAMPLES` says how many random programs are run: the default is for CI, hand runs take more.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamsync_django.core.handlers import Handler, call_handler
from streamsync_django.core.serializers import to_wire
from streamsync_django.core.state import State
from streamsync_django.runtime.sessions import LiveSession
from tests.properties.programs import Author, Program
from tests.reference_browser import Browser, exact, read
from tests.session_host import SessionHost, make_application

EXAMPLES = int(os.environ.get("STREAMSYNC_TEST_EXAMPLES", "10000"))

BASES = [
    make_application(initial)
    for initial in (
        {},
        {"a": {"b": {"c": 1}, "_private": 2}, "rows": [{"x": 1}, {"x": 2}], "d": 5},
        {"a": {}, "b": {"a": {"_private": [1]}}, "$": {"$": 1}, "a.b": {"": [1, [2]]}, "c": {1, 2}},
    )
]


def public(value: Any) -> Any:
    """Return what a browser should show of a state, found by walking it."""
    if isinstance(value, State):
        return {key: public(item) for key, item in value.items() if not key.startswith("_")}
    return read(to_wire(value).json)


class Witness:
    """Watches one session's commits through browsers of every kind."""

    def __init__(self, session: LiveSession, program: Program) -> None:
        self.session = session
        self.first = Browser(session.log.snapshot()[0], session.log.version)
        self.live = self.first.copy()
        self.older = [self.first.copy()]
        self._program = program

    def look(self) -> None:
        """Compare what there is to see with the state as the server has it."""
        session, live = self.session, self.live
        if session.version == live.version:
            return
        patch = session.log.since(live.version)
        assert patch is not None
        live.receive(patch)
        expected = exact(public(session.state))
        assert exact(live.state) == expected, "a browser that got every patch"
        assert exact(read(session.log.snapshot()[0])) == expected, "the snapshot"
        for name, behind in (("first", self.first), ("older", self._program.one_of(self.older))):
            late = behind.copy()
            patch = session.log.since(late.version)
            assert patch is not None
            late.receive(patch)
            assert exact(late.state) == expected, f"a browser at the {name} version"
        self.older.append(live.copy())


def carry_out(program: Program) -> None:
    host = SessionHost()
    session = host.new_session(BASES[program.below(len(BASES))])
    witness = Witness(session, program)
    author = Author(program, session.state)
    while not program.is_over:
        if program.below(4) == 1:
            with host.holding():  # a slow store: several captures become one commit
                for _ in range(program.below(5) + 2):
                    author.step()
                    session.flush()
                session.commit()
            witness.look()
        handler = Handler("handler", author.handler(session.flush, witness.look), ())
        call_handler(handler, {}, flush=session.flush)
        session.commit()
        witness.look()
        assert exact(witness.live.state) == exact(public(session.state))
    taken = host.take_over(session)
    assert taken.version == session.version
    assert exact(public(taken.state)) == exact(public(session.state)), "what the store kept"
    kept, was = taken.state.to_raw_state(), session.state.to_raw_state()
    assert as_python(kept) == as_python(was), "what handlers read of it, private values included"
    assert exact(read(taken.log.snapshot()[0])) == exact(public(session.state))
    for behind in (witness.first, program.one_of(witness.older)):
        late = behind.copy()
        patch = taken.log.since(late.version)
        assert patch is not None
        late.receive(patch)
        assert exact(late.state) == exact(public(session.state)), "a browser of a session taken over"
    taken.state["a"] = {"b": [1]}
    taken.state["a"]["b"].append(2)
    taken.commit()
    witness.session, witness.older = taken, [witness.live]
    witness.look()


def as_python(value: Any) -> Any:
    """Return a value so that it equals another only if every type in it does."""
    if isinstance(value, dict):
        return type(value), {repr(key): as_python(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [as_python(item) for item in value]
    if isinstance(value, set):
        return set, sorted(map(repr, value))
    return type(value), repr(value)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60) | st.binary(min_size=40, max_size=120))
def test_browsers_and_the_store_show_what_random_programs_did(code: bytes) -> None:
    carry_out(Program(code))
