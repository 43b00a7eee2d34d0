"""Where an event comes from: repeaters give a component its variables, and bindings their row."""

from __future__ import annotations

from typing import Any

from tests.stage import Stage, binding, component


def repeated(source: str, *inside: dict[str, Any], state: dict[str, Any], **names: str) -> Stage:
    """Return a page with a repeater `rep` around a button `hit` and other components."""
    seen: list[tuple[Any, Any]] = []

    def hit(context: dict[str, Any]) -> None:
        seen.append((context["itemId"], context["item"]))

    stage = Stage(
        component("rep", "repeater", content={"repeaterObject": source, **names}),
        component("hit", "button", "rep", handlers={"ss-click": "hit"}),
        *inside,
        state=state,
        handlers={"hit": hit},
    )
    stage.seen = seen  # type: ignore[attr-defined]
    return stage


def seen(stage: Stage) -> Any:
    return stage.seen[-1]  # type: ignore[attr-defined]


def test_a_repetition_of_a_list_is_named_by_its_index() -> None:
    stage = repeated("@{rows}", state={"rows": [{"n": 1}, {"n": 2}]})
    assert stage.send("hit", indexes={"hit": 1}).status == "ok"
    assert seen(stage) == (1, {"n": 2})


def test_a_repetition_of_a_mapping_is_named_by_its_key_or_its_place() -> None:
    stage = repeated("@{people}", state={"people": {"ada": {"n": 1}, "grace": {"n": 2}}})
    assert stage.send("hit", indexes={"hit": "grace"}).status == "ok"
    assert seen(stage) == ("grace", {"n": 2})
    assert stage.send("hit", indexes={"hit": 0}).status == "ok"
    assert seen(stage) == ("ada", {"n": 1})


def test_private_keys_are_no_repetitions_and_take_no_place() -> None:
    stage = repeated("@{people}", state={"people": {"_secret": {"n": 0}, "ada": {"n": 1}}})
    assert stage.send("hit", indexes={"hit": "_secret"}).status == "stale"
    assert stage.send("hit", indexes={"hit": 0}).status == "ok"
    assert seen(stage) == ("ada", {"n": 1})


def test_a_repetition_that_is_not_there_is_stale() -> None:
    stage = repeated("@{rows}", state={"rows": [1, 2], "people": {}})
    for index in (2, -1, 10**6, "0", "length"):
        assert stage.send("hit", indexes={"hit": index}).status == "stale"
    nothing = repeated("@{nothing}", state={"nothing": 5})
    assert nothing.send("hit").status == "stale"


def test_variables_can_have_other_names() -> None:
    names: list[Any] = []
    stage = Stage(
        component(
            "rep",
            "repeater",
            content={"repeaterObject": "@{rows}", "keyVariable": "place", "valueVariable": "row"},
        ),
        component("hit", "button", "rep", handlers={"ss-click": "hit"}),
        state={"rows": ["a", "b"]},
        handlers={"hit": lambda context: names.append((context["place"], context["row"]))},
    )
    assert stage.send("hit", indexes={"hit": 1}).status == "ok"
    assert names == [(1, "b")]


def nested(source: str, state: dict[str, Any]) -> Stage:
    """Return rows in rows, each inner one with an input bound to its name."""
    inner = {"repeaterObject": "@{item.children}", "keyVariable": "childId", "valueVariable": "child"}
    seen: list[Any] = []
    stage = Stage(
        component("rep", "repeater", content={"repeaterObject": source}),
        component("inner", "repeater", "rep", content=inner),
        component("field", "textinput", "inner", binding=binding("ss-change", "child.name")),
        component("hit", "button", "inner", handlers={"ss-click": "hit"}),
        state=state,
        handlers={
            "hit": lambda context: seen.append((context["itemId"], context["childId"], context["child"]))
        },
    )
    stage.seen = seen  # type: ignore[attr-defined]
    return stage


def test_a_binding_into_an_item_writes_the_right_row() -> None:
    field = component("field", "textinput", "rep", binding=binding("ss-change", "item.name"))
    stage = repeated("@{rows}", field, state={"rows": [{"name": "a"}, {"name": "b"}]})
    assert stage.send("field", "ss-change", "new", indexes={"field": 1}).status == "ok"
    assert stage.state["rows"] == [{"name": "a"}, {"name": "new"}]
    assert stage.page.sent() == {"set": {"rows": [{"name": "a"}, {"name": "new"}]}}


def test_a_binding_to_the_item_itself_replaces_it() -> None:
    field = component("field", "textinput", "rep", binding=binding("ss-change", "item"))
    stage = repeated("@{words}", field, state={"words": ["a", "b"]})
    assert stage.send("field", "ss-change", "new", indexes={"field": 0}).status == "ok"
    assert stage.state["words"] == ["new", "b"]


def test_nested_repeaters_lead_to_one_row_of_one_row() -> None:
    state = {"rows": [{"children": []}, {"children": [{"name": "a"}, {"name": "b"}]}]}
    stage = nested("@{rows}", state)
    where = {"inner": 1, "field": 1, "hit": 0}
    assert stage.send("field", "ss-change", "new", indexes=where).status == "ok"
    assert stage.state["rows"][1]["children"] == [{"name": "a"}, {"name": "new"}]
    assert stage.send("hit", indexes=where).status == "ok"
    assert seen(stage) == (1, 0, {"name": "a"})


def test_rows_of_a_literal_have_events_but_cannot_be_written() -> None:
    stage = nested('[{"children": [{"name": "a"}]}]', {})
    assert stage.send("hit").status == "ok"
    assert seen(stage) == (0, 0, {"name": "a"})
    assert stage.send("field", "ss-change", "new").status == "failed"
    assert stage.state == {}


def test_an_event_drawn_before_rows_shifted_is_stale_and_after_an_append_is_not() -> None:
    stage = repeated("@{rows}", state={"rows": [{"n": 1}, {"n": 2}]})
    stage.state["rows"].append({"n": 3})
    stage.page.sent()
    assert stage.send("hit", indexes={"hit": 1}, version=0).status == "ok"
    stage.state["rows"].pop(0)
    assert stage.send("hit", indexes={"hit": 1}, version=1).status == "stale"
    stage.page.sent()
    assert stage.send("hit", indexes={"hit": 1}, version=1).status == "stale"
    assert stage.send("hit", indexes={"hit": 1}, version=2).status == "ok"
    assert seen(stage) == (1, {"n": 3})


def test_a_row_named_by_its_key_stays_that_row_whatever_else_is_deleted() -> None:
    stage = repeated("@{people}", state={"people": {"ada": {"n": 1}, "grace": {"n": 2}}})
    del stage.state["people"]["ada"]
    stage.page.sent()
    assert stage.send("hit", indexes={"hit": "grace"}, version=0).status == "ok"
    assert seen(stage) == ("grace", {"n": 2})
    assert stage.send("hit", indexes={"hit": 0}, version=0).status == "stale"
    assert stage.send("hit", indexes={"hit": "ada"}, version=0).status == "stale"


def test_shifts_elsewhere_do_not_matter() -> None:
    stage = repeated("@{rows}", state={"rows": [1], "other": [1, 2]})
    stage.state["other"].pop(0)
    stage.state["rows"][0] = 5
    stage.page.sent()
    assert stage.send("hit", version=0).status == "ok"


def test_a_reused_component_is_a_child_of_what_reuses_it() -> None:
    hits: list[int] = []
    stage = Stage(
        component("original", "button", handlers={"ss-click": "hit"}),
        component("reuse", "reuse", content={"proxyId": "original"}),
        component("other", "reuse", content={"proxyId": "reuse"}),
        handlers={"hit": lambda: hits.append(1)},
    )
    reused: list[tuple[str, int | str]] = [("root", 0), ("page", 0), ("reuse", 0), ("original", 0)]
    assert stage.send("original", target=reused).status == "ok"
    forged: list[tuple[str, int | str]] = [("root", 0), ("page", 0), ("other", 0), ("original", 0)]
    assert stage.send("original", target=forged).status == "rejected"
    assert hits == [1]
