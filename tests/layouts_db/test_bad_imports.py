"""Files that are broken, huge, cyclic or hostile: a clear error on every way in, and the draft as it was."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.layouts.ui_json import export_ui_json
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.mirror import read_layout
from tests.layouts_db.conftest import RECORDS, make_tree

SCRIPT = "<script>alert(1)</script>"
IMPORT = "/admin/streamsync_django/application/shop/import/"


def with_records(**changes: dict[str, Any]) -> bytes:
    records = {key: {**record, **changes.get(key, {})} for key, record in RECORDS.items()}
    return json.dumps({"metadata": {}, "components": records}).encode()


BAD: dict[str, Callable[[], bytes]] = {
    "50 MB": lambda: b'{"components": "' + b"x" * 50 * 1024 * 1024 + b'"}',
    "cut off": lambda: with_records()[:-20],
    "nested in lists": lambda: b'{"components": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "nested in objects": lambda: b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "its own parent": lambda: with_records(box={"parentId": "box"}),
    "a ring of parents": lambda: with_records(box={"parentId": "other"}, other={"parentId": "box"}),
    "no parent": lambda: with_records(hello={"parentId": "nobody"}),
    "two roots": lambda: with_records(other={"type": "root", "parentId": None}),
    "a script as its type": lambda: with_records(hello={"type": SCRIPT}),
    "a script as its id": lambda: with_records(hello={"id": SCRIPT}),
    "a list as its type": lambda: with_records(hello={"type": ["text"]}),
    "an object as its parent": lambda: with_records(hello={"parentId": {"id": "box"}}),
    "no number as its position": lambda: with_records(hello={"position": "first"}),
    "a list as its handlers": lambda: with_records(hello={"handlers": [SCRIPT]}),
    "a prototype": lambda: with_records(hello={"parentId": "__proto__"}),
    "a number of many digits": lambda: b'{"components": ' + b"9" * 100_000 + b"}",
}


@pytest.fixture
def folder(tmp_path: Path, db: None) -> Iterator[Path]:
    """The small shop as files, in the settings and in the database."""
    (tmp_path / "main.py").write_text("")
    (tmp_path / "ui.json").write_text(export_ui_json(make_tree()))
    with override_settings(STREAMSYNC={"APPS": {"shop": str(tmp_path)}, "RELOAD": False}):
        drafts.begin("shop", make_tree())
        yield tmp_path


@pytest.fixture
def editor(db: None) -> Client:
    user = get_user_model().objects.create_user("ada", password="secret", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="edit_layout"))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_reason_and_the_draft_is_as_it_was(
    name: str, folder: Path, editor: Client
) -> None:
    bad = folder / "bad.json"
    bad.write_bytes(BAD[name]())
    with pytest.raises(LayoutError) as refused:
        read_layout(bad)
    assert all(refused.value.problems)
    assert len(str(refused.value)) < 2000
    with pytest.raises(CommandError) as told:
        call_command("streamsync", "layout", "import", "shop", "--file", str(bad), stdout=io.StringIO())
    assert str(told.value)
    with bad.open("rb") as file:
        answer = editor.post(IMPORT, {"file": file})
    assert answer.status_code == 200
    said = answer.content.decode()
    assert "errorlist" in said
    assert SCRIPT not in said
    assert (drafts.load("shop").version, drafts.load("shop").draft.tree) == (0, make_tree())


@pytest.mark.parametrize("name", ["a ring of parents", "a script as its type", "no parent"])
def test_neither_does_a_deploy_take_a_bad_file(name: str, folder: Path) -> None:
    (folder / "ui.json").write_bytes(BAD[name]())
    with pytest.raises(CommandError, match=r"\w"):
        call_command("streamsync", "layout", "import", "--if-changed", stdout=io.StringIO())
    assert drafts.load("shop").draft.tree == make_tree()
    assert drafts.load("shop").published is None


def test_scripts_in_texts_are_shown_as_the_texts_they_are(folder: Path, editor: Client) -> None:
    tree = make_tree(buy={"text": SCRIPT}, home={"key": SCRIPT})
    file = io.BytesIO(export_ui_json(tree).encode())
    file.name = f"{SCRIPT}.json"
    said = editor.post(IMPORT, {"file": file}).content.decode()
    assert "&lt;script&gt;alert(1)" in said
    assert SCRIPT not in said
    drafts.replace("shop", tree, base=0)
    revisions.publish("shop")
    page = editor.get("/shop/").content.decode()
    assert "alert(1)" in page
    assert SCRIPT not in page


def test_a_layout_that_breaks_the_rules_is_not_taken_from_code_either(folder: Path) -> None:
    records = dict(make_tree().to_records())
    records["hello"] = {**records["hello"], "parentId": "buy"}
    with pytest.raises(LayoutError, match="'buy'"):
        drafts.replace("shop", ComponentTree.from_records(records), base=0)
    assert drafts.load("shop").version == 0
