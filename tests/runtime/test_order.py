"""The order in which one session's events start."""

from __future__ import annotations

import pytest

from streamsync_django.core.dispatch import BrowserEvent
from streamsync_django.runtime.order import EventOrder, HandlerRun


def event(number: int, component: str = "button", type_: str = "ss-click") -> BrowserEvent:
    return BrowserEvent(number, [("root", 0), (component, 0)], type_, None, 0, "layout")


def order(*events: BrowserEvent, max_running: int = 8) -> EventOrder:
    made = EventOrder(grace_seconds=0.05, max_running=max_running)
    for each in events:
        made.add(each)
    return made


def started(events: EventOrder, now: float) -> list[int]:
    numbers = []
    while (run := events.start_next(now)) is not None:
        numbers.append(run.event.number)
    return numbers


def run_of(events: EventOrder, number: int) -> HandlerRun:
    return next(run for run in events.running if run.event.number == number)


def test_events_start_in_the_order_sent() -> None:
    events = order(event(1, "a"), event(2, "b"), event(3, "c"))
    for number in (1, 2, 3):
        assert started(events, now=0) == [number]
        events.finish(run_of(events, number))
    assert events.is_idle


def test_an_event_waits_for_the_one_before_until_the_grace_time_is_over() -> None:
    events = order(event(1, "a"), event(2, "b"), event(3, "c"))
    assert started(events, now=0) == [1]
    assert started(events, now=0.04) == []
    assert started(events, now=0.06) == [2]
    assert started(events, now=0.10) == []
    assert started(events, now=0.12) == [3]
    assert len(events) == 0


def test_events_of_one_component_and_type_never_overlap() -> None:
    events = order(event(1), event(2), event(3))
    assert started(events, now=0) == [1]
    assert started(events, now=100) == []
    events.finish(run_of(events, 1))
    assert started(events, now=100) == [2]
    assert started(events, now=200) == []


def test_another_type_or_component_may_pass_one_that_waits_for_its_own() -> None:
    events = order(event(1), event(2), event(3, type_="ss-hover"), event(4, "other"))
    assert started(events, now=0) == [1]
    assert started(events, now=1) == [3]
    assert started(events, now=2) == [4]
    events.finish(run_of(events, 1))
    assert started(events, now=3) == [2]


def test_rows_of_a_repeater_share_their_components_order() -> None:
    first = BrowserEvent(1, [("root", 0), ("row", 0)], "ss-click", None, 0, "layout")
    second = BrowserEvent(2, [("root", 0), ("row", 1)], "ss-click", None, 0, "layout")
    events = order(first, second)
    assert started(events, now=0) == [1]
    assert started(events, now=1) == []


def test_only_so_many_run_at_once() -> None:
    events = order(*(event(number, str(number)) for number in range(1, 5)), max_running=2)
    assert started(events, now=0) == [1]
    assert started(events, now=1) == [2]
    assert started(events, now=2) == []
    events.finish(run_of(events, 1))
    assert started(events, now=2) == [3]


def test_what_has_not_started_can_be_forgotten() -> None:
    events = order(event(1), event(2))
    assert started(events, now=0) == [1]
    events.clear()
    assert len(events) == 0
    assert not events.is_idle
    events.finish(run_of(events, 1))
    assert events.is_idle


def test_waiting_events_know_how_long_the_newest_run_holds_them_back() -> None:
    events = order(event(1, "a"))
    assert started(events, now=1) == [1]
    assert events.seconds_to_wait(now=1) is None, "nothing waits"
    events.add(event(2, "b"))
    assert events.seconds_to_wait(now=1.01) == pytest.approx(0.04)
    assert events.seconds_to_wait(now=1.05) is None, "it may start now"
