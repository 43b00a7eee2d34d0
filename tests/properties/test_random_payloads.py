"""Whatever payload an event brings, its handler gets it in the promised shape, or does not run.

`STREAMSYNC_TEST_EXAMPLES` says how many random payloads are sent: the default is for CI, hand runs take more.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads import PAYLOAD_KINDS, PayloadRules, check_payload
from tests.properties.frames import Forger
from tests.properties.memory import growth
from tests.properties.shapes import SHAPES
from tests.stage import Stage, component

EXAMPLES = int(os.environ.get("STREAMSYNC_TEST_EXAMPLES", "10000"))


#: A component with an event of each kind: type, event, content.
SENDERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "none": ("timer", "ss-tick", {}),
    "click": ("button", "ss-click", {}),
    "keydown": ("page", "ss-keydown", {}),
    "hashchange": ("root", "ss-hashchange", {}),
    "pageKey": ("page", "ss-page-open", {}),
    "text": ("textinput", "ss-change", {}),
    "number": ("numberinput", "ss-number-change", {}),
    "option": ("selectinput", "ss-option-change", {"options": '{"a": "A", "b": "B"}'}),
    "options": ("checkboxinput", "ss-options-change", {"options": '{"a": "A", "b": "B"}'}),
    "toggle": ("switchinput", "ss-toggle", {}),
    "tag": ("tags", "ss-tag-click", {"tags": '{"a": "A", "b": "B"}'}),
    "date": ("dateinput", "ss-date-change", {}),
    "time": ("timeinput", "ss-time-change", {}),
    "range": ("rangeinput", "ss-range-change", {}),
    "integer": ("pagination", "ss-change-page", {}),
    "chatbotMessage": ("chatbot", "ss-chatbot-message", {}),
    "chatbotAction": ("chatbot", "ss-chatbot-action-click", {}),
    "files": ("fileinput", "ss-file-change", {"allowMultipleFiles": "yes"}),
    "picture": ("webcamcapture", "ss-webcam", {}),
    "recordAdd": ("dataframe", "ss-dataframe-add", {}),
    "recordUpdate": ("dataframe", "ss-dataframe-update", {}),
    "recordAction": ("dataframe", "ss-dataframe-action", {"actions": '{"open": "Open"}'}),
    "points": ("plotlygraph", "plotly-click", {}),
    "point": ("mapbox", "mapbox-click", {}),
    "raw": ("mapbox", "mapbox-marker-click", {}),
    "native": ("text", "mouseenter", {}),
}


class Desk:
    """A page with a component for each kind of payload, all with one handler that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[Any] = []

        def handle(payload: Any) -> None:
            self.got.append(payload)

        calls: dict[str, dict[str, str]] = {type_: {} for type_, _, _ in SENDERS.values()}
        for type_, event, _ in SENDERS.values():
            calls[type_][event] = "handle"
        self.stage = Stage(
            component("root", "root", parentId=None, handlers=calls["root"]),
            component("page", "page", "root", content={"key": "main"}, handlers=calls["page"]),
            *(
                component(kind, type_, content=content, handlers={event: "handle"})
                for kind, (type_, event, content) in SENDERS.items()
                if type_ not in ("root", "page")
            ),
            handlers={"handle": handle},
        )

    def take(self, kind: str, payload: Any) -> str:
        """Send an event with this payload, and look whether its handler got what it was promised."""
        self.got.clear()
        self.stage.log.clear()
        type_, event, _ = SENDERS[kind]
        outcome = self.stage.send(type_ if type_ in ("root", "page") else kind, event, payload)
        assert outcome.status in ("ok", "rejected"), outcome
        assert len(self.got) == (outcome.status == "ok")
        assert all(SHAPES[kind](got) for got in self.got), self.got
        assert len(self.stage.log) == (outcome.status == "rejected")
        return outcome.status


DESK = Desk()
KINDS = sorted(SENDERS)


def send_to(desk: Desk, code: bytes) -> tuple[str, str]:
    forger = Forger(code)
    kind = forger.one_of(KINDS)
    return kind, desk.take(kind, forger.payload(kind))


def test_there_is_a_sender_and_a_shape_for_every_kind() -> None:
    assert set(SENDERS) == set(SHAPES) == set(PAYLOAD_KINDS)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(min_size=1, max_size=60))
def test_a_handler_gets_what_it_was_promised_or_does_not_run(code: bytes) -> None:
    send_to(DESK, code)


def test_random_payloads_of_every_kind_are_taken_and_refused() -> None:
    draw, seen = random.Random(1), set()
    for _ in range(6000):
        seen.add(send_to(DESK, draw.randbytes(40)))
    assert seen == {(kind, status) for kind in KINDS for status in ("ok", "rejected")}


def test_random_payloads_leave_nothing_behind() -> None:
    draw, desk, count = random.Random(2), Desk(), 2000
    codes = [draw.randbytes(40) for _ in range(3 * count)]
    grown = growth(lambda code: send_to(desk, code), codes[count:], codes[:count])
    assert grown < count // 4, f"{count} payloads left {grown} blocks of memory"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(raw=JSON)
def test_any_json_is_taken_in_the_promised_shape_or_refused(kind: str, raw: object) -> None:
    try:
        value = check_payload(kind, raw, PayloadRules(options=["a", "b"]))
    except PayloadError:
        return
    assert SHAPES[kind](value)
