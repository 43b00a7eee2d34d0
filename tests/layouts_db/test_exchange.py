"""Layouts as files: what is written, and what can be read."""

import json
from pathlib import Path

import pytest

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.differences import as_text, compare
from streamsync_django.layouts.drafts import Draft, apply_edit
from streamsync_django.layouts.operations import Add, Delete, Move, Update, VisibleRecord
from streamsync_django.layouts.ui_json import MAX_BYTES, export_ui_json, import_ui_json, write_atomically
from streamsync_django.layouts.wf_folder import import_wf_folder
from tests.layouts_db.conftest import make_tree

LAYOUTS = sorted((Path(__file__).parents[1] / "layouts").glob("*.json"))


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_what_was_written_reads_the_same_and_is_written_the_same(path: Path) -> None:
    tree = import_ui_json(path.read_bytes())
    text = export_ui_json(tree)
    again = import_ui_json(text)
    assert again == tree
    assert export_ui_json(again) == text


def test_one_change_is_one_line_of_a_commit() -> None:
    before = export_ui_json(make_tree()).splitlines()
    after = export_ui_json(make_tree(buy={"text": "Sell"})).splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        ('                "text": "Buy"', '                "text": "Sell"')
    ]


def test_the_order_of_the_file_is_the_order_on_the_page() -> None:
    records = dict(reversed(make_tree().to_records().items()))
    text = export_ui_json(ComponentTree.from_records(records))
    assert text == export_ui_json(make_tree())
    assert list(json.loads(text)["components"]) == ["root", "home", "box", "hello", "buy", "other"]


def test_the_old_form_has_its_visibility_and_names() -> None:
    changed = apply_edit(
        Draft(make_tree(), 0),
        [
            Update(id="buy", visible=VisibleRecord("custom", "is_open")),
            Update(id="hello", visible=VisibleRecord("never")),
            Add(type="chatbot", id="chat", parent_id="box", content={"assistantInitials": "AI"}),
        ],
        base=0,
    ).draft.tree
    document = json.loads(export_ui_json(changed, "old"))
    assert document["metadata"] == {"streamsync_version": "0.5.0"}
    visible = {key: record["visible"] for key, record in document["components"].items()}
    assert visible["buy"] == "is_open"
    assert visible["hello"] is False
    assert visible["box"] is True
    assert document["components"]["chat"]["content"] == {"incomingInitials": "AI"}
    assert import_ui_json(json.dumps(document)) == changed

    reversed_ = apply_edit(
        Draft(changed, 0), [Update(id="buy", visible=VisibleRecord("custom", "is_open", True))], base=0
    )
    with pytest.raises(LayoutError, match=r"'buy'.*reversed"):
        export_ui_json(reversed_.draft.tree, "old")


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(LayoutError, match="more than a layout may have"):
        import_ui_json(b"[" * (MAX_BYTES + 1))


def test_a_folder_of_a_later_release_is_read(tmp_path: Path) -> None:
    records = make_tree().to_records()
    files = {
        "metadata.json": {"writer_version": "0.8.3"},
        "components-root.jsonl": [records["root"]],
        "components-page-0-home.jsonl": [records[key] for key in records if key != "root"],
        "components-blueprints_root.jsonl": [{"id": "blueprints_root", "type": "blueprints_root"}],
    }
    for name, lines in files.items():
        rows = lines if isinstance(lines, list) else [lines]
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in rows))
    tree = import_wf_folder(tmp_path)
    assert tree == make_tree()
    assert any("left out" in warning for warning in tree.warnings)


def test_a_broken_folder_is_refused_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"is this a \.wf folder"):
        import_wf_folder(tmp_path)
    root = json.dumps(make_tree().to_records()["root"])
    (tmp_path / "components-root.jsonl").write_text(root)
    (tmp_path / "components-page-0-home.jsonl").write_text(f"{{\n[1]\n{root}\n")
    with pytest.raises(LayoutError) as refused:
        import_wf_folder(tmp_path)
    said = "\n".join(refused.value.problems)
    assert "components-page-0-home.jsonl: line 1 is not JSON" in said
    assert "line 2: expected a component with an id, got a list" in said
    assert "line 3: there is a component 'root' already" in said


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["ui.json"]


def test_differences_name_what_changed_and_leave_the_pushed_aside_alone() -> None:
    new = apply_edit(
        Draft(make_tree(), 0),
        [
            Add(type="text", id="first", parent_id="box", position=0, content={"text": "New"}),
            Update(id="buy", content={"text": "Sell"}, handlers={"ss-click": "sell"}),
            Move(id="buy", parent_id="other"),
            Delete(id="hello"),
        ],
        base=0,
    ).draft.tree
    found = {item.component_id: item for item in compare(make_tree(), new)}
    assert {key: item.kind for key, item in found.items()} == {
        "first": "added",
        "buy": "changed",
        "hello": "removed",
    }
    assert found["buy"].moved_from == "root › home › Box" or found["buy"].is_moved
    assert [(field.label, field.before, field.after) for field in found["buy"].fields] == [
        ("Text (text)", "Buy", "Sell"),
        ("On ss-click", "buy", "sell"),
    ]
    text = as_text(compare(make_tree(), new))
    assert "+ Text 'New' (first)" in text
    assert "'Buy' -> 'Sell'" in text
    assert compare(new, new) == []


def test_of_siblings_only_those_that_changed_places_are_called_moved() -> None:
    old = apply_edit(
        Draft(make_tree(), 0),
        [Add(type="text", id=f"t{number}", parent_id="other") for number in range(6)],
        base=0,
    ).draft.tree
    new = apply_edit(Draft(old, 0), [Move(id="t5", parent_id="other", position=0)], base=0).draft.tree
    assert [(item.component_id, item.is_moved) for item in compare(old, new)] == [("t5", True)]
