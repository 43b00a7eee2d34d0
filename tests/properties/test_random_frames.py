"""Whatever a browser sends, it is read or refused, and no handler runs that the layout does not allow.

`STREAMSYNC_TEST_EXAMPLES` says how many random frames are sent: the default is for CI, hand runs take more.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamsync_django.core.errors import ProtocolError
from streamsync_django.transport import protocol
from tests.stage import Stage, binding, component

pytestmark = pytest.mark.filterwarnings("ignore")

EXAMPLES = int(os.environ.get("STREAMSYNC_TEST_EXAMPLES", "10000"))

IDS = ("root", "page", "button", "input", "hidden", "private", "choice", "__class__", "state", "")
EVENTS = ("ss-click", "ss-change", "ss-option-change", "click", "__init__", "ss-nothing", "mouseenter", "")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
CLICK = st.just({"ctrlKey": False, "shiftKey": False, "metaKey": False})
STEP = st.tuples(st.sampled_from(IDS), st.integers(-2, 3) | st.sampled_from(("0", "_x", "")))
TARGET = st.lists(STEP, max_size=5) | st.sampled_from(
    [[("root", 0), ("page", 0), (name, 0)] for name in ("button", "input", "hidden", "private", "choice")]
)
EVENT = st.fixed_dictionaries(
    {"type": st.just("event"), "n": st.integers(-1, 2**54), "target": TARGET},
    optional={"event": st.sampled_from(EVENTS), "payload": CLICK | JSON, "version": st.integers(-1, 3)},
)
FRAME = st.one_of(
    EVENT.map(json.dumps),
    EVENT.map(json.dumps),
    st.dictionaries(st.sampled_from(("type", "n", "event", "version", "ticket")), JSON).map(json.dumps),
    JSON.map(json.dumps),
    st.text(max_size=40),
    st.binary(max_size=40),
)


def stage_with_traps() -> tuple[Stage, list[str]]:
    ran: list[str] = []

    def counting() -> None:
        ran.append("counting")

    def trap() -> None:
        ran.append("trap")

    stage = Stage(
        component("button", "button", handlers={"ss-click": "counting"}),
        component("input", "textinput", binding=binding("ss-change", "name")),
        component("hidden", "button", handlers={"ss-click": "trap"}, visible="nothing"),
        component("private", "button", handlers={"ss-click": "_trap"}),
        component("choice", "selectinput", handlers={"ss-option-change": "trap"}, content={"options": "{}"}),
        state={"name": "", "kept": 1},
        handlers={"counting": counting, "trap": trap, "_trap": trap},
    )
    return stage, ran


STAGE, RAN = stage_with_traps()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(FRAME)
def test_a_random_frame_is_read_or_refused_and_runs_nothing_it_may_not(frame: str | bytes) -> None:
    RAN.clear()
    STAGE.log.clear()
    try:
        message = protocol.decode(frame)
    except ProtocolError:
        return
    if not isinstance(message, protocol.EventMessage) or not message.target:
        return
    target: Any = message.target
    outcome = STAGE.send(
        target[-1][0], message.event, message.payload or {}, target=target, version=message.version
    )
    allowed = [name for name, _ in target] == ["root", "page", "button"] and message.event == "ss-click"
    assert RAN in ([], ["counting"])
    assert not RAN or (allowed and outcome.status == "ok")
    assert set(STAGE.state) == {"name", "kept"}
    assert STAGE.state["kept"] == 1
    assert type(STAGE.state["name"]) is str
    assert len(STAGE.log) <= 1
