"""A payload's limits are what the component's fields say at that moment."""

from __future__ import annotations

from typing import Any

import pytest

from streamsync_django.core.catalogue import load_catalogue
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.payloads import PayloadRules
from streamsync_django.core.rules import rules_for
from tests.stage import component


def rules(kind: str, type_: str, state: dict[str, Any] | None = None, **content: str) -> PayloadRules:
    records = [
        component("root", "root", parentId=None),
        component("page", "page", "root"),
        component("it", type_, content=content),
    ]
    tree = ComponentTree.from_records({record["id"]: record for record in records})
    return rules_for(kind, tree["it"], load_catalogue(), state or {}, {}, None)


def test_options_are_those_offered_now() -> None:
    made = rules("option", "selectinput", {"sizes": {"s": "Small"}}, options="@{sizes}")
    assert dict(made.options or {}) == {"s": "Small"}
    assert set(rules("option", "selectinput").options or {}) == {"a", "b"}
    assert rules("option", "selectinput", options="not json").options is not None
    assert dict(rules("option", "selectinput", {"sizes": [1]}, options="@{sizes}").options or {}) == {}


def test_the_number_of_choices_is_bounded() -> None:
    assert rules("options", "multiselectinput", maximumCount="2").max_count == 2
    assert rules("options", "multiselectinput").max_count == 0


def test_numbers_are_bounded_whichever_bound_is_written_first() -> None:
    made = rules("number", "sliderinput", {"top": 7}, minValue="@{top}", maxValue="-3", stepSize="0.5")
    assert (made.minimum, made.maximum, made.step) == (-3, 7, 0.5)
    free = rules("number", "numberinput")
    assert (free.minimum, free.maximum) == (None, None)


@pytest.mark.parametrize("step", ["0", "-1", "text"])
def test_a_step_that_is_none_counts_not_or_as_its_default(step: str) -> None:
    assert rules("number", "sliderinput", stepSize=step).step in (None, 1)


def test_ratings_stay_within_what_can_be_drawn() -> None:
    made = rules("number", "ratinginput", minValue="-5", maxValue="100", valueStep="0.01")
    assert (made.minimum, made.maximum, made.step) == (0, 11, 0.25)


def test_files_are_several_only_where_the_component_says_so() -> None:
    assert rules("files", "fileinput", allowMultipleFiles="yes").multiple is True
    assert rules("files", "fileinput").multiple is False


def test_free_kinds_look_at_no_field() -> None:
    assert rules("text", "textinput") == PayloadRules(resolve_upload=None)


def test_the_bytes_of_an_events_files_are_bounded_by_the_sites_setting() -> None:
    records = [component("root", "root", parentId=None), component("page", "page", "root")]
    records.append(component("it", "fileinput"))
    tree = ComponentTree.from_records({record["id"]: record for record in records})
    made = rules_for("files", tree["it"], load_catalogue(), {}, {}, None, max_bytes=10, max_files=3)
    assert (made.max_bytes, made.max_files) == (10, 3)
