"""The initial state is frozen once and shared; its digest tells one from another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamsync_django.core.base import Base
from streamsync_django.core.recorder import Recorder
from streamsync_django.core.root import StreamsyncState


def base(**values: Any) -> Base:
    return Base.of(StreamsyncState(values))


def test_the_snapshot_has_all_public_elements() -> None:
    made = base(a=1, _secret=2, nested={"b": [1], "_c": 1, "empty": {}}, hidden={"_d": 1})
    assert json.loads(made.snapshot) == {"a": 1, "nested": {"b": [1], "empty": {}}, "hidden": {}}
    assert set(made.elements) == {("a",), ("nested", "b"), ("nested", "empty"), ("hidden",)}


def test_equal_states_have_equal_digests_and_private_values_count() -> None:
    assert base(a=1, _b={"x": 1}).digest == base(a=1, _b={"x": 1}).digest
    digests = {
        base(**values).digest for values in ({"a": 1}, {"a": 2}, {"a": 1, "_b": 1}, {"a": 1, "_b": 2}, {})
    }
    assert len(digests) == 5


def test_a_value_that_cannot_be_sent_is_named_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    made = base(good=1, bad=object())
    assert json.loads(made.snapshot) == {"good": 1}
    assert list(made.failures) == [("bad",)]
    assert "bad" in caplog.text


def test_binaries_are_kept_by_digest() -> None:
    made = base(picture=b"bytes")
    [(digest, binary)] = made.binaries.items()
    assert binary.data == b"bytes"
    assert digest.encode() in made.snapshot


def test_what_the_author_does_to_the_initial_state_later_changes_no_session() -> None:
    rows = [{"x": 1}]
    state = StreamsyncState({"rows": rows, "user": {"name": "x"}})
    made = Base.of(state)
    rows[0]["x"] = 2
    state["rows"].append(1)
    state["user"]["name"] = "y"
    assert made.new_state(Recorder()) == {"rows": [{"x": 1}], "user": {"name": "x"}}


def test_sessions_do_not_see_each_others_changes() -> None:
    made = base(rows=[[1]], user={"tags": {"a"}})
    one, two = made.new_state(Recorder()), made.new_state(Recorder())
    one["rows"][0].append(2)
    one["user"]["tags"].add("b")
    one["user"]["new"] = 1
    assert two == {"rows": [[1]], "user": {"tags": {"a"}}}
