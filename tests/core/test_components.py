import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsync_django.core.catalogue import load_catalogue, read_definition
from streamsync_django.core.components import Binding, ComponentTree, Visibility, parse_ui_json
from streamsync_django.core.errors import LayoutError
from streamsync_django.core.tree_checks import MAX_DEPTH

LAYOUTS = Path(__file__).parent.parent / "layouts"

#: A folder of layouts made by others, tried where somebody has one.
OTHERS = os.environ.get("STREAMSYNC_TEST_LAYOUTS")

Record = dict[str, object]


def load(name: str) -> ComponentTree:
    return parse_ui_json((LAYOUTS / f"{name}.json").read_bytes())


def record(component_id: str, type_name: str, parent_id: str | None, **more: object) -> tuple[str, Record]:
    position = more.pop("position", 0)
    base: Record = {"id": component_id, "type": type_name, "content": {}, "parentId": parent_id}
    return component_id, base | {"position": position} | more


def layout(*records: tuple[str, Record]) -> dict[str, object]:
    return dict([record("root", "root", None), record("page", "page", "root"), *records])


def problems(records: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(LayoutError) as caught:
        ComponentTree.from_records(records)
    return caught.value.problems


def order(tree: ComponentTree, component_id: str) -> list[str]:
    return [child.id for child in tree.children(component_id)]


# Forms of old releases


def test_the_first_releases_alignment_moves_to_the_fields_that_replaced_it() -> None:
    tree = load("first_release")
    assert dict(tree["left"].content) == {"width": "2", "contentHAlign": "end", "contentVAlign": "end"}
    assert dict(tree["right"].content) == {"width": "1", "contentHAlign": "unset", "contentVAlign": "unset"}
    assert dict(tree["buttons"].content) == {"contentHAlign": "start"}
    assert dict(tree["orders"].content) == {"title": "Orders"}
    assert tree.warnings == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"horizontalAlignment": "left"}, {"contentHAlign": "start"}),
        ({"horizontalAlignment": "center"}, {"contentHAlign": "center"}),
        ({"horizontalAlignment": "12%"}, {"contentHAlign": "12%"}),
        ({"horizontalAlignment": ""}, {}),
        ({"verticalAlignment": "top"}, {"contentVAlign": "start"}),
        ({"verticalAlignment": "center"}, {"contentVAlign": "center"}),
    ],
)
def test_each_old_alignment_has_a_new_name(old: Record, new: Record) -> None:
    records = layout(record("row", "columns", "page"), record("left", "column", "row", content=old))
    assert ComponentTree.from_records(records)["left"].content == new


def test_a_native_click_stays_a_native_click() -> None:
    tree = load("first_release")
    assert tree["more"].handlers == {"click": "order_one_more"}
    assert tree["none"].visibility == Visibility("never")
    assert tree["row"].handlers == {}


def test_a_new_field_is_not_overwritten_by_the_old_one() -> None:
    column = {"horizontalAlignment": "right", "contentHAlign": "center"}
    records = layout(record("row", "columns", "page"), record("left", "column", "row", content=column))
    assert ComponentTree.from_records(records)["left"].content == {"contentHAlign": "center"}


def test_templates_in_a_moved_field_move_as_they_are() -> None:
    records = layout(record("stack", "horizontalstack", "page", content={"alignment": "@{side}"}))
    assert ComponentTree.from_records(records)["stack"].content == {"contentHAlign": "@{side}"}


def test_a_layout_of_the_middle_releases_loads_as_it_is() -> None:
    tree = load("ss_events")
    assert tree["oldest"].binding == Binding("ss-number-change", "filter.age")
    assert tree["help"].visibility == Visibility("custom", "has_help")
    assert tree["filters"].position == -2
    assert order(tree, "team") == ["filters", "title", "members", "tabs", "to-help"]
    assert tree["assistant"].content["assistantInitials"] == "IT"
    assert tree.warnings == ()


def test_later_events_get_their_canonical_names() -> None:
    tree = load("wf_events")
    assert tree["name"].handlers == {"ss-change-finish": "greet"}
    assert tree["name"].binding == Binding("ss-change", "name")
    assert tree["greeting"].visibility == Visibility("custom", "name")
    assert tree["hint"].visibility == Visibility("custom", "name", is_reversed=True)
    assert tree["draft"].visibility == Visibility("never")
    assert tree["b7k2m9x4c1v8n5q3"].visibility == Visibility("always")
    assert tree.warnings == ()


def test_of_two_names_of_one_event_the_later_release_wins() -> None:
    handlers = {"wf-click": "new", "ss-click": "old"}
    tree = ComponentTree.from_records(layout(record("button", "button", "page", handlers=handlers)))
    assert tree["button"].handlers == {"ss-click": "new"}


def test_absent_and_null_keys_are_empty_ones() -> None:
    tree = load("bare_records")
    assert tree["text"].content == {}
    assert tree["pick"].handlers == {}
    assert tree["pick"].binding is None
    assert tree["root"].parent_id is None


def test_content_that_is_not_text_is_read_as_text_with_a_warning() -> None:
    tree = load("bare_records")
    assert tree["rows"].content == {"rows": "8", "label": "Notes"}
    assert json.loads(tree["pick"].content["options"]) == {"s": "Small", "l": "Large"}
    assert [warning.split(": ")[1] for warning in tree.warnings] == [
        "`content.rows` is not text; read as '8'",
        '`content.options` is not text; read as \'{"s"',
    ]


def test_an_extension_that_is_missing_still_opens() -> None:
    tree = load("extension_and_leftovers")
    assert tree["gauge"].handlers == {"turned": "set_level"}
    assert order(tree, "gauge") == ["inside"]
    assert any("is its extension missing?" in warning for warning in tree.warnings)


def test_records_of_the_original_editor_are_left_out() -> None:
    tree = load("extension_and_leftovers")
    assert set(tree) == {"root", "page", "gauge", "inside"}
    assert sum("it is no part of a page" in warning for warning in tree.warnings) == 4


def test_a_custom_definition_is_checked_like_any_other() -> None:
    gauge = read_definition(
        '{"type": "custom_gauge", "name": "Gauge", "category": "Other", "description": "A gauge."}',
        "gauge.json",
    )
    records = layout(record("gauge", "custom_gauge", "page"), record("inside", "text", "gauge"))
    with pytest.raises(LayoutError, match="a custom_gauge holds no components"):
        ComponentTree.from_records(records, load_catalogue().extended([gauge]))


# Positions


def test_positions_with_a_right_sum_are_repaired_too() -> None:
    tree = load("odd_positions")
    assert order(tree, "page") == ["side", "first", "second", "third", "fourth", "last"]
    assert [child.position for child in tree.children("page")] == [-2, 0, 1, 2, 3, 4]
    assert tree["page"].position == 0
    assert "repaired: 'second', 'third', 'last'" in tree.warnings[1].replace("'fourth', ", "")


def test_an_invalid_position_goes_last() -> None:
    records = layout(
        record("lost", "text", "page", position=-1),
        record("side", "text", "page", position=-2),
        record("first", "text", "page", position=0),
    )
    assert order(ComponentTree.from_records(records), "page") == ["first", "lost", "side"]


def test_components_made_by_code_come_last_and_keep_their_positions() -> None:
    records = layout(
        record("made", "text", "page", position=0, isCodeManaged=True),
        record("later", "text", "page", position=9, isCodeManaged=True),
        record("built", "text", "page", position=0),
    )
    tree = ComponentTree.from_records(records)
    assert order(tree, "page") == ["built", "made", "later"]
    assert tree["later"].position == 9
    assert tree.warnings == ()


@given(st.lists(st.one_of(st.none(), st.integers(-3, 6)), max_size=8))
def test_whatever_the_positions_were_they_count_from_zero(stored: list[int | None]) -> None:
    records = layout(*(record(f"text{i}", "text", "page", position=at) for i, at in enumerate(stored)))
    tree = ComponentTree.from_records(records)
    children = tree.children("page")
    assert [child.position for child in children] == list(range(len(stored)))
    assert ComponentTree.from_records(tree.to_records()).warnings == ()


# Look-ups, wire, revision


def test_the_tree_answers_who_is_above_and_below() -> None:
    tree = load("ss_events")
    assert [above.id for above in tree.ancestors("year")] == ["each", "tabs", "team", "root"]
    assert tree.ancestors("root") == ()
    assert order(tree, "root") == ["team", "help"]
    assert tree.children("year") == tree.children("nobody") == ()
    assert tree.get("nobody") is None
    assert "year" in tree
    assert tree.root.type == "root"


def test_names_of_handlers_stay_on_the_server() -> None:
    wire = load("ss_events").to_wire()
    assert wire["member"]["handlers"] == {"ss-click": True}
    assert wire["to-help"]["handlers"] == {"ss-click": "$goToPage_help"}


def test_the_wire_record_is_complete() -> None:
    wire = load("wf_events").to_wire()
    assert wire["hint"] == {
        "id": "hint",
        "type": "text",
        "content": {"text": "Nobody is here yet."},
        "parentId": "b7k2m9x4c1v8n5q3",
        "position": 2,
        "handlers": {},
        "binding": None,
        "visible": {"kind": "custom", "expression": "name", "reversed": True},
        "isCodeManaged": False,
    }
    assert wire["name"]["binding"] == {"eventType": "ss-change", "stateRef": "name"}


def test_equal_layouts_have_equal_revisions_in_any_order_and_form() -> None:
    tree = load("ss_events")
    shuffled = dict(reversed(tree.to_records().items()))
    again = ComponentTree.from_records(shuffled)
    assert again.revision == tree.revision
    assert len(tree.revision) == 16
    assert again == tree


def test_a_renamed_handler_is_a_new_revision() -> None:
    old, new = (
        ComponentTree.from_records(layout(record("button", "button", "page", handlers={"ss-click": name})))
        for name in ("save", "store")
    )
    assert old.to_wire() == new.to_wire()
    assert old.revision != new.revision


def test_a_tree_cannot_be_changed() -> None:
    component = load("first_release")["more"]
    with pytest.raises(AttributeError):
        component.position = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        component.content["text"] = "x"  # type: ignore[index]


# Warnings


def test_what_will_have_no_effect_is_a_warning() -> None:
    tree = ComponentTree.from_records(
        layout(
            record(
                "button",
                "button",
                "page",
                content={"txet": "Save"},
                handlers={"ss-clack": "save"},
                binding={"eventType": "ss-click", "stateRef": "x"},
            ),
            record("one", "page", "root", position=1, content={"key": "main"}),
            record("two", "page", "root", position=2, content={"key": "main"}),
        )
    )
    assert tree.warnings == (
        "component 'button' (button): `content.txet`: a button has no such field",
        "component 'button' (button): `handlers.ss-clack`: a button has no such event",
        "component 'button' (button): `binding.eventType`: 'ss-click' cannot be bound",
        "component 'two' (page): `content.key`: 'one' already has the key 'main'",
    )


# Broken layouts


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": 3}, "component 'x' (no type): `type`: expected text, got 3"),
        ({"type": ""}, "component 'x' (): `type`: expected text that is not empty, got the text ''"),
        (
            {"id": "y"},
            "component 'x' (text): `id`: expected 'x' as the key it stands under, got the text 'y'",
        ),
        ({"content": []}, "component 'x' (text): `content`: expected an object, got a list"),
        ({"handlers": "save"}, "component 'x' (text): `handlers`: expected an object, got the text 'save'"),
        ({"handlers": {"click": 1}}, "component 'x' (text): `handlers.click`: expected text, got 1"),
        (
            {"binding": {"stateRef": "a"}},
            "component 'x' (text): `binding.eventType`: expected text, got null",
        ),
        ({"position": "0"}, "component 'x' (text): `position`: expected a whole number, got the text '0'"),
        ({"position": 0.5}, "component 'x' (text): `position`: expected a whole number, got 0.5"),
        ({"position": True}, "component 'x' (text): `position`: expected a whole number, got true"),
        ({"position": float("inf")}, "component 'x' (text): `position`: expected a whole number, got inf"),
        (
            {"position": 10**400},
            f"component 'x' (text): `position`: expected a whole number, got 1{'0' * 39}",
        ),
        ({"parentId": 4}, "component 'x' (text): `parentId`: expected text, got 4"),
        (
            {"visible": 1},
            "component 'x' (text): `visible`: expected true, false, an expression, or an object, got 1",
        ),
        (
            {"visible": {"expression": "maybe"}},
            "component 'x' (text): `visible.expression`: expected true, false or 'custom', got the text 'maybe'",
        ),
        (
            {"visible": {"expression": "custom", "reversed": "no"}},
            "component 'x' (text): `visible.reversed`: expected true or false, got the text 'no'",
        ),
        ({"isCodeManaged": 0}, "component 'x' (text): `isCodeManaged`: expected true or false, got 0"),
        (
            {"content": {"text": "\ud800"}},
            "component 'x' (text): `content.text`: half of a surrogate pair is not a character",
        ),
        ({"type": "txet"}, "component 'x' (txet): `type`: expected a type of the catalogue, perhaps 'text'"),
        ({"type": "root"}, "component 'x' (root): `type`: a layout has one root, and its id is 'root'"),
        ({"parentId": None}, "component 'x' (text): `parentId` is missing: only the root has no parent"),
        (
            {"parentId": "gone"},
            "component 'x' (text): `parentId`: expected the id of a component, and there is no 'gone'",
        ),
        (
            {"parentId": "root"},
            "component 'x' (text): `parentId`: it may not be placed in 'root' (root); a root holds page",
        ),
        (
            {"type": "tab"},
            "component 'x' (tab): `parentId`: it may not be placed in 'page' (page); "
            "expected a parent of type tabs or repeater",
        ),
        (
            {"parentId": "x"},
            "component 'x' (text): `parentId`: expected a way up to the root, but it is inside itself: 'x' in 'x'",
        ),
    ],
)
def test_a_problem_names_component_key_and_what_was_expected(change: Record, problem: str) -> None:
    component_id, good = record("x", "text", "page")
    assert problem in problems(layout((component_id, good | change)))


def test_all_problems_are_listed_at_once() -> None:
    found = problems(
        {
            "x": {"id": "x", "type": "txet", "parentId": "gone", "position": "first"},
            "y": ["not", "a", "record"],
            "z": {"type": "text", "parentId": "y"},
        }
    )
    assert found == (
        "component 'x' (txet): `position`: expected a whole number, got the text 'first'",
        "component 'y': expected an object, got a list",
        "component 'z' (text): `id` is missing",
        "the root is missing: expected a component with the id 'root' and the type 'root'",
        "component 'x' (txet): `type`: expected a type of the catalogue, perhaps 'text'",
        "component 'x' (txet): `parentId`: expected the id of a component, and there is no 'gone'",
    )


def test_a_root_that_is_something_else_is_refused() -> None:
    found = problems(dict([record("root", "page", "page"), record("page", "page", "root")]))
    assert "component 'root' (page): `type`: expected 'root', as its id says" in found
    assert "component 'root' (page): `parentId`: expected null, the root has no parent" in found


def test_a_cycle_is_told_once_and_shows_the_way() -> None:
    found = problems(
        layout(
            record("a", "section", "c"),
            record("b", "section", "a"),
            record("c", "section", "b"),
            record("below", "text", "a"),
        )
    )
    assert found == (
        "component 'a' (section): `parentId`: expected a way up to the root, "
        "but it is inside itself: 'a' in 'c' in 'b' in 'a'",
    )


def test_the_repeaters_parent_decides_what_it_repeats() -> None:
    tabs = (record("tabs", "tabs", "page"), record("each", "repeater", "tabs"))
    assert ComponentTree.from_records(layout(*tabs, record("tab", "tab", "each")))
    (found,) = problems(layout(*tabs, record("text", "text", "each")))
    assert "it may not be placed in 'each' (repeater)" in found


# Hostile input


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{\n  oops", "ui.json: this is not JSON: line 2, column 3: "),
        ("", "ui.json: this is not JSON: line 1, column 1: "),
        (b"\xff\xfe", "ui.json: this is not UTF-8 text: byte 0 is wrong"),
        ("[]", "ui.json: expected an object, got a list"),
        ("{}", "ui.json: `components`: expected an object of component records, got nothing"),
        ('{"components": []}', "ui.json: `components`: expected an object of component records, got a list"),
        ('{"components": {}}', "the root is missing"),
        ('{"components": {"root": {}, "root": {}}}', "ui.json: the key 'root' stands twice in one object"),
        ('{"components": NaN}', "ui.json: this is not JSON: NaN is not a number of JSON"),
        ('{"components": ' + "9" * 5000 + "}", "ui.json: this is not JSON: "),
        ("[" * 200_000, "ui.json: this is nested too deeply"),
        ('{"components":' * 50_000, "ui.json: this is nested too deeply"),
    ],
)
def test_a_text_that_is_no_layout_says_why(text: str | bytes, problem: str) -> None:
    with pytest.raises(LayoutError) as caught:
        parse_ui_json(text)
    assert caught.value.problems[0].startswith(problem)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    text = (LAYOUTS / "first_release.json").read_text()
    assert parse_ui_json("\ufeff" + text) == parse_ui_json(b"\xef\xbb\xbf" + text.encode())


@pytest.mark.parametrize("top_first", [True, False])
def test_a_tree_of_absurd_depth_is_refused_without_walking_it(top_first: bool) -> None:
    chain = [record("c0", "section", "page")]
    chain += [record(f"c{i}", "section", f"c{i - 1}") for i in range(1, 20_000)]
    chain += [record("misplaced", "tab", "c19999")]
    found = problems(layout(*(chain if top_first else reversed(chain))))
    assert len(found) == 1
    assert found[0].endswith(f"nested deeper than {MAX_DEPTH} levels")


def test_a_key_repeated_a_hundred_thousand_times_is_found_at_once() -> None:
    text = "{" + ",".join(f'"k{i}": 1, "k{i}": 2' for i in range(100_000)) + "}"
    with pytest.raises(LayoutError) as caught:
        parse_ui_json(text)
    assert len(caught.value.problems) == 100_000


def test_a_cycle_of_thousands_is_told_briefly() -> None:
    ring = [record(f"c{i}", "section", f"c{(i + 1) % 20_000}") for i in range(20_000)]
    (found,) = problems(layout(*ring))
    assert len(found) < 300


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("id", "type", "content", "parentId", "position", "handlers", "binding", "visible", "isCodeManaged")


@given(
    st.dictionaries(
        st.sampled_from(["root", "page", "x"]),
        st.fixed_dictionaries(
            {}, optional={key: JSON_VALUES | st.sampled_from(["root", "page", "x", "text"]) for key in KEYS}
        ),
    )
)
def test_any_record_either_loads_or_is_refused_with_reasons(records: dict[str, object]) -> None:
    try:
        tree = ComponentTree.from_records(records)
    except LayoutError as refused:
        # Nothing else may be raised, and a refusal without a reason would help nobody.
        assert refused.problems  # noqa: PT017  # both outcomes are right here
    else:
        assert ComponentTree.from_records(tree.to_records()) == tree


# Layouts made by others


def others() -> Iterator[Path]:
    return Path(OTHERS).rglob("*.json") if OTHERS else iter(())


@pytest.mark.skipif(OTHERS is None, reason="STREAMSYNC_TEST_LAYOUTS names no folder of layouts")
def test_layouts_made_by_others_load_as_they_are() -> None:
    found = sorted(others())
    assert found
    for path in found:
        tree = parse_ui_json(path.read_bytes())
        stored = json.loads(path.read_bytes())["components"]
        assert set(tree) == set(stored), path
        assert ComponentTree.from_records(tree.to_records()) == tree, path


@pytest.mark.parametrize("path", sorted(LAYOUTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_layout_survives_being_stored_again(path: Path) -> None:
    tree = parse_ui_json(path.read_bytes())
    again = ComponentTree.from_records(tree.to_records())
    assert again == tree
    assert again.to_wire() == tree.to_wire()
