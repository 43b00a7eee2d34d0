"""A nested state that is replaced as a whole sends only what differs."""

from streamsync_django.core.recorder import DELETED, WHOLE, Recorder
from streamsync_django.core.state import State, freeze


def test_equal_scalars_of_a_replaced_dict_are_silent() -> None:
    recorder = Recorder()
    state = State.shared_copy(
        freeze({"summary": {"total": 10, "shown": 3, "old": True, "deep": {"x": 1}}}), recorder
    )
    state["summary"] = {"total": 10, "shown": 4, "deep": {"x": 1}, "new": 1}
    assert recorder.take_marks() == {
        ("summary", "old"): DELETED,
        ("summary", "shown"): WHOLE,
        ("summary", "new"): WHOLE,
    }
    assert state["summary"] == {"total": 10, "shown": 4, "deep": {"x": 1}, "new": 1}


def test_a_dict_in_another_order_begins_afresh_because_browsers_keep_the_places_of_keys() -> None:
    recorder = Recorder()
    state = State.shared_copy(freeze({"options": {"a": 1, "b": 2}}), recorder)
    state["options"] = {"a": 1, "between": 3, "b": 2}
    assert list(recorder.take_marks()) == [
        ("options",),
        ("options", "a"),
        ("options", "between"),
        ("options", "b"),
    ]


def test_what_an_author_kept_of_the_old_one_stays_as_it_was() -> None:
    state = State.shared_copy(freeze({"filter": {"low": 1}}), Recorder())
    before = state["filter"]
    state["filter"] = {"low": 2}
    assert before == {"low": 1}
