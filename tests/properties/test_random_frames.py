"""Whatever a browser sends, it is read or refused, runs no handler that the layout does not allow, and leaves nothing.

`STREAMSYNC_TEST_EXAMPLES` says how many random frames are sent: the default is for CI, hand runs take more.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamsync_django.core.errors import ProtocolError
from streamsync_django.transport import protocol
from tests.properties.frames import Forger
from tests.properties.memory import growth
from tests.stage import Stage, binding, component

pytestmark = pytest.mark.filterwarnings("ignore")

EXAMPLES = int(os.environ.get("STREAMSYNC_TEST_EXAMPLES", "10000"))


class Gate:
    """A page with one button that may be clicked, one field that may be filled, and three traps."""

    def __init__(self) -> None:
        self.ran: list[str] = []

        def counting() -> None:
            self.ran.append("counting")

        def trap() -> None:
            self.ran.append("trap")

        self.stage = Stage(
            component("button", "button", handlers={"ss-click": "counting"}),
            component("input", "textinput", binding=binding("ss-change", "name")),
            component("hidden", "button", handlers={"ss-click": "trap"}, visible="nothing"),
            component("private", "button", handlers={"ss-click": "_trap"}),
            component(
                "choice", "selectinput", handlers={"ss-option-change": "trap"}, content={"options": "{}"}
            ),
            state={"name": "", "kept": 1},
            handlers={"counting": counting, "trap": trap, "_trap": trap},
        )

    def take(self, frame: str | bytes) -> None:
        """Take a frame as a server does, and look whether it did what it may."""
        self.ran.clear()
        self.stage.log.clear()
        try:
            message = protocol.decode(frame)
        except ProtocolError:
            return
        if not isinstance(message, protocol.EventMessage) or not message.target:
            return
        target: Any = message.target
        outcome = self.stage.send(
            target[-1][0], message.event, message.payload or {}, target=target, version=message.version
        )
        state, session = self.stage.state, self.stage.page.session
        allowed = [name for name, _ in target] == ["root", "page", "button"] and message.event == "ss-click"
        assert self.ran in ([], ["counting"])
        assert not self.ran or (allowed and outcome.status == "ok")
        assert set(state) == {"name", "kept"}
        assert state["kept"] == 1
        assert type(state["name"]) is str
        assert len(self.stage.log) <= 1
        session.commit()
        session.acknowledge(session.version)


GATE = Gate()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60))
def test_a_random_frame_is_read_or_refused_and_runs_nothing_it_may_not(code: bytes) -> None:
    GATE.take(Forger(code).frame())


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_a_frame_that_is_any_bytes_or_any_text_runs_nothing(frame: str | bytes) -> None:
    GATE.take(frame)
    assert GATE.ran == []


def test_random_frames_reach_handlers_bindings_and_refusals() -> None:
    draw, gate, outcomes = random.Random(1), Gate(), set()
    for _ in range(3000):
        gate.take(Forger(draw.randbytes(40)).frame())
        outcomes |= {*gate.ran, *(entry.message.partition(":")[0] for entry in gate.stage.log)}
    assert gate.stage.state["name"] != "", "the binding was never written"
    assert {"counting", "event.payload", "event.unknown-type", "event.unknown-component"} <= outcomes


def test_random_frames_leave_nothing_behind() -> None:
    draw, gate, count = random.Random(2), Gate(), 2000
    codes = [draw.randbytes(40) for _ in range(3 * count)]
    grown = growth(lambda code: gate.take(Forger(code).frame()), codes[count:], codes[:count])
    assert grown < count // 4, f"{count} frames left {grown} blocks of memory"
