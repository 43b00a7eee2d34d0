"""Operations on a layout, and how edits of several people become one."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.drafts import Accepted, Draft, PastEdit, apply_edit
from streamsync_django.layouts.errors import EditConflict, OperationError, OutdatedEdit
from streamsync_django.layouts.operations import (
    Add,
    AnyOperation,
    BindingRecord,
    Delete,
    Duplicate,
    Move,
    Paste,
    Replace,
    Update,
    VisibleRecord,
    read_operations,
    restore_operations,
    write_operations,
)
from tests.layouts_db.conftest import make_tree


def edit(*operations: AnyOperation, tree: ComponentTree | None = None) -> ComponentTree:
    draft = Draft(tree or make_tree(), 0)
    return apply_edit(draft, operations, base=0).draft.tree


def children(tree: ComponentTree, parent: str) -> list[str]:
    return [child.id for child in tree.children(parent)]


class Desk:
    """A draft that several people edit, each knowing only the version they have seen."""

    def __init__(self) -> None:
        self.draft = Draft(make_tree(), 0)
        self.history: list[PastEdit] = []

    def edit(self, who: str, base: int, *operations: AnyOperation) -> Accepted:
        accepted = apply_edit(self.draft, operations, base=base, client=who, history=self.history)
        self.draft = accepted.draft
        touched = {key: sorted(parts) for key, parts in accepted.touched.items()}
        past = PastEdit(self.draft.version, who, datetime(2026, 1, 1, tzinfo=UTC), who, touched)
        self.history.append(past)
        return accepted


def test_an_added_component_stands_where_it_was_put() -> None:
    tree = edit(Add(type="text", parent_id="box", position=1, id="new", content={"text": "Now"}))
    assert children(tree, "box") == ["hello", "new", "buy"]
    assert [child.position for child in tree.children("box")] == [0, 1, 2]
    assert tree["new"].content == {"text": "Now"}


def test_without_an_id_one_is_made_and_told() -> None:
    accepted = apply_edit(Draft(make_tree(), 4), [Add(type="text", parent_id="box")], base=4)
    (operation,) = accepted.operations
    assert isinstance(operation, Add)
    assert len(operation.id) == 16
    assert accepted.draft.version == 5
    assert children(accepted.draft.tree, "box")[-1] == operation.id
    again = apply_edit(Draft(make_tree(), 4), accepted.operations, base=4)
    assert again.draft == accepted.draft


def test_a_move_counts_places_without_the_one_that_moves() -> None:
    assert children(edit(Move(id="hello", parent_id="box", position=1)), "box") == ["buy", "hello"]
    tree = edit(Move(id="hello", parent_id="other"))
    assert children(tree, "box") == ["buy"]
    assert tree["buy"].position == 0
    assert children(tree, "other") == ["hello"]


def test_nothing_can_be_moved_into_itself() -> None:
    nested = edit(Move(id="other", parent_id="box"))
    with pytest.raises(OperationError, match="inside it"):
        edit(Move(id="box", parent_id="other"), tree=nested)


def test_an_update_changes_what_it_names_only() -> None:
    tree = edit(
        Update(
            id="buy",
            content={"text": "Sell", "isDisabled": "yes"},
            handlers={"ss-click": None},
            visible=VisibleRecord("custom", "is_open", True),
        ),
        Add(type="textinput", id="name", parent_id="box"),
        Update(id="name", binding=BindingRecord("ss-change", "name")),
    )
    assert tree["buy"].content == {"text": "Sell", "isDisabled": "yes"}
    assert tree["buy"].handlers == {}
    assert tree["buy"].visibility.is_reversed
    assert tree["name"].binding is not None
    assert tree["hello"] == make_tree()["hello"]
    assert edit(Update(id="buy", content={"text": None}))["buy"].content == {}


def test_deleting_takes_the_inside_along_and_closes_the_gap() -> None:
    tree = edit(Delete(id="box"))
    assert set(tree) == {"root", "home", "other"}
    assert tree["other"].position == 0


def test_a_duplicate_stands_right_after_its_original_with_new_ids() -> None:
    tree = edit(Duplicate(id="box"))
    first, copy, last = children(tree, "home")
    assert (first, last) == ("box", "other")
    assert [child.content for child in tree.children(copy)] == [{"text": "Hello"}, {"text": "Buy"}]


def test_a_paste_keeps_free_ids_and_renames_taken_ones() -> None:
    cut = [record for record in make_tree().to_records().values() if record["id"] in ("box", "hello", "buy")]
    back = edit(Delete(id="box"), Paste(parent_id="home", position=0, components=cut))
    assert back == make_tree()
    twice = edit(Paste(parent_id="home", components=cut))
    assert len(twice) == 9
    assert children(twice, "home")[:2] == ["box", "other"]


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (Add(type="text", parent_id="nowhere"), "no component 'nowhere'"),
        (Add(type="nothing", parent_id="box"), "no component type"),
        (Add(type="text", parent_id="box", id="buy"), "already"),
        (Add(type="text", parent_id="box", content={"colour": "red"}), "no such field"),
        (Add(type="text", parent_id="box", handlers={"ss-fly": "f"}), "no such event"),
        (Add(type="page", parent_id="box"), "may not be placed"),
        (Add(type="text", parent_id="hello"), "may not be placed"),
        (Add(type="root", parent_id="box"), "one root"),
        (Update(id="buy", binding=BindingRecord("ss-click", "x")), "cannot be bound"),
        (Delete(id="root"), "root cannot be deleted"),
        (Move(id="root", parent_id="box"), "root cannot be moved"),
        (Duplicate(id="root"), "root cannot be duplicated"),
        (Duplicate(id="box", ids={"hello": "buy"}), "already"),
        (Paste(parent_id="box", components=[{"type": "text"}]), "needs an `id`"),
        (Paste(parent_id="box", components=[{"id": "root", "type": "root"}]), "root cannot be pasted"),
        (
            Paste(
                parent_id="box",
                components=[
                    {"id": "a", "type": "section", "parentId": "b"},
                    {"id": "b", "type": "section", "parentId": "a"},
                ],
            ),
            "inside itself",
        ),
        (Replace(components={}), "the root is missing"),
    ],
)
def test_what_does_not_fit_is_refused_whole(operation: AnyOperation, said: str) -> None:
    with pytest.raises(LayoutError, match=said):
        edit(Update(id="hello", content={"text": "changed"}), operation)


def test_operations_travel_as_json() -> None:
    operations = [
        Add(type="text", parent_id="box", visible=VisibleRecord("never")),
        Update(id="buy", binding=None),
        Update(id="buy", content={"text": None}),
        Duplicate(id="buy", ids={"buy": "buy2"}),
    ]
    assert read_operations(write_operations(operations)) == operations
    assert restore_operations(write_operations(operations)) == operations
    for nonsense in (
        "{",
        "[]x",
        '[{"do": "fly"}]',
        '[{"do": "move", "id": 3}]',
        '[{"do": "replace"}]',
        b"\xff",
    ):
        with pytest.raises(OperationError):
            read_operations(nonsense)


def test_edits_of_different_components_merge() -> None:
    desk = Desk()
    desk.edit("ada", 0, Update(id="hello", content={"text": "Hi"}))
    desk.edit("bob", 0, Update(id="buy", content={"text": "Sell"}), Move(id="buy", parent_id="other"))
    desk.edit("eve", 0, Add(type="text", id="new", parent_id="box"))
    tree = desk.draft.tree
    assert (tree["hello"].content["text"], tree["buy"].content["text"]) == ("Hi", "Sell")
    assert children(tree, "box") == ["hello", "new"]
    assert desk.draft.version == 3


def test_a_conflict_says_who_when_and_what_and_changes_nothing() -> None:
    desk = Desk()
    desk.edit("ada", 0, Update(id="hello", content={"text": "Hi"}))
    before = desk.draft
    with pytest.raises(EditConflict) as refused:
        desk.edit(
            "bob", 0, Update(id="buy", content={"text": "Sell"}), Update(id="hello", content={"text": "Yo"})
        )
    (conflict,) = refused.value.conflicts
    assert (conflict.component_id, conflict.part, conflict.who) == ("hello", "content.text", "ada")
    assert conflict.version == refused.value.version == 1
    assert "ada" in str(refused.value)
    assert "2026-01-01" in str(refused.value)
    assert desk.draft is before


def test_nobody_conflicts_with_their_own_earlier_edits() -> None:
    desk = Desk()
    desk.edit("ada", 0, Update(id="hello", content={"text": "H"}))
    desk.edit("ada", 0, Update(id="hello", content={"text": "Hi"}))
    assert desk.draft.tree["hello"].content["text"] == "Hi"


def test_what_somebody_changed_inside_is_not_deleted_unseen() -> None:
    desk = Desk()
    desk.edit("ada", 0, Update(id="hello", content={"text": "Hi"}))
    with pytest.raises(EditConflict, match="hello"):
        desk.edit("bob", 0, Delete(id="box"))
    desk.edit("bob", 1, Delete(id="box"))
    with pytest.raises(EditConflict, match=r"'hello' was deleted by bob"):
        desk.edit("ada", 1, Update(id="hello", content={"text": "Hey"}))
    with pytest.raises(EditConflict, match=r"'box' was deleted by bob"):
        desk.edit("ada", 1, Add(type="text", parent_id="box"))


def test_a_whole_layout_replaces_only_what_was_seen() -> None:
    desk = Desk()
    desk.edit("ada", 0, Add(type="text", id="new", parent_id="box"))
    whole = Replace(components=make_tree(buy={"text": "Sell"}).to_records())
    with pytest.raises(EditConflict, match="'new' was added by ada"):
        desk.edit("bob", 0, whole)
    desk.edit("bob", 1, whole)
    assert desk.draft.tree["buy"].content["text"] == "Sell"
    assert "new" not in desk.draft.tree


def test_an_edit_on_a_version_nobody_remembers_is_refused() -> None:
    desk = Desk()
    for text in "abc":
        desk.edit("ada", desk.draft.version, Update(id="hello", content={"text": text}))
    desk.history.pop(0)
    with pytest.raises(OutdatedEdit, match="version 0"):
        desk.edit("bob", 0, Update(id="buy", content={"text": "Sell"}))
    with pytest.raises(OutdatedEdit):
        desk.edit("bob", 99, Update(id="buy", content={"text": "Sell"}))


def random_operation(choose: random.Random, tree: ComponentTree) -> AnyOperation:
    """Return some operation an editor who sees `tree` might ask for, allowed or not."""
    anyone = choose.choice(list(tree))
    if len(tree) > 60:  # as large a layout as the tests have time for
        return Delete(id=anyone)
    if len(tree) < 8:  # a layout of which nothing is left has nothing to fight for
        return Add(type=choose.choice(["page", "section"]), parent_id=choose.choice(list(tree)))
    parent = choose.choice([key for key in tree if tree[key].type in ("section", "page", "root", "text")])
    place = choose.choice([None, 0, 1, 7])
    some: list[AnyOperation] = [
        Add(type=choose.choice(["text", "section", "button"]), parent_id=parent, position=place),
        Move(id=anyone, parent_id=parent, position=place),
        Update(id=anyone, content={"text": str(choose.random())}),
        Update(id=anyone, visible=VisibleRecord("never")),
        Delete(id=anyone),
        Duplicate(id=anyone),
        Paste(parent_id=parent, components=[{"id": anyone, "type": "text", "content": {"text": "pasted"}}]),
    ]
    return choose.choice(some)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 8))
def test_whatever_editors_do_at_once_nothing_accepted_is_lost(seed: int, editors: int) -> None:
    choose = random.Random(seed)
    desk = Desk()
    seen = {f"editor {number}": desk.draft for number in range(editors)}
    #: part of a component -> what the last accepted edit made of it
    promised: dict[tuple[str, str], Any] = {}
    for _ in range(60):
        who = choose.choice(list(seen))
        view = seen[who]
        operation = random_operation(choose, view.tree)
        before = desk.draft
        try:
            accepted = desk.edit(who, view.version, operation)
        except LayoutError:
            assert desk.draft is before
            seen[who] = desk.draft
            continue
        tree = accepted.draft.tree
        assert ComponentTree.from_records(tree.to_records()) == tree
        assert not any("position" in warning for warning in tree.warnings)
        for component_id, parts in accepted.touched.items():
            for part in parts:
                promised = {
                    key: value
                    for key, value in promised.items()
                    if key[0] != component_id or part != "deleted"
                }
                if part.startswith("content."):
                    promised[component_id, part] = tree[component_id].content.get(part[8:])
        for (component_id, part), value in promised.items():
            assert tree[component_id].content.get(part[8:]) == value
        if choose.random() < 0.4:
            seen[who] = desk.draft
