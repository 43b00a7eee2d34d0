"""Applications in the site's admin, for staff with and without permissions."""

import asyncio
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client, override_settings

from streamsync_django.layouts.operations import Update
from streamsync_django.layouts.ui_json import export_ui_json, import_ui_json
from streamsync_django.models import Application, Edit, Revision
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.mirror import read_layout
from tests.layouts_db.conftest import make_tree
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

ALL = ("edit_layout", "publish_layout", "see_logs", "manage_sessions")
LIST = "/admin/streamsync_django/application/"


@pytest.fixture
def folder(tmp_path: Path, db: None) -> Iterator[Path]:
    """The small shop as files, in the settings and, published, in the database."""
    (tmp_path / "main.py").write_text("")
    (tmp_path / "ui.json").write_text(export_ui_json(make_tree()))
    with override_settings(STREAMSYNC={"APPS": {"shop": str(tmp_path)}, "RELOAD": False}):
        tree, digest = read_layout(tmp_path)
        drafts.begin("shop", tree, file_digest=digest)
        revisions.publish("shop", message="opening")
        yield tmp_path


@pytest.fixture
def client_of(db: None) -> Callable[..., Client]:
    """Return a function that logs a staff member with these permissions in."""

    def make(*permissions: str) -> Client:
        user = get_user_model().objects.create_user("ada", password="secret", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = Client()
        client.force_login(user)
        return client

    return make


def address(rest: str = "change/") -> str:
    pk = Application.objects.get(slug="shop").pk
    return f"{LIST}{pk}/{rest}" if rest == "change/" else f"{LIST}shop/{rest}"


def edit(text: str) -> None:
    drafts.edit("shop", [Update(id="buy", content={"text": text})], base=drafts.load("shop").version)


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found is not None
    return found[1]


def test_the_list_says_where_each_layout_stands(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(*ALL)
    assert "Revision 1 published" in client.get(LIST).content.decode()
    edit("Sell")
    said = client.get(LIST).content.decode()
    assert "Draft ahead of revision 1" in said
    assert "ui.json was changed" not in said
    (folder / "ui.json").write_text("{}")
    assert "ui.json was changed" in client.get(LIST).content.decode()


def test_applications_of_the_settings_appear_by_themselves(
    folder: Path, tmp_path: Path, client_of: Callable[..., Client]
) -> None:
    other = write_application(tmp_path / "other", "")
    with override_settings(STREAMSYNC={"APPS": {"shop": str(folder), "other": str(other)}}):
        said = client_of(*ALL).get(LIST).content.decode()
    assert "other" in said
    assert "As in ui.json" in said


def test_the_overview_shows_revisions_edits_and_what_one_may_do(
    folder: Path, client_of: Callable[..., Client]
) -> None:
    edit("Sell")
    said = client_of("edit_layout", "see_logs").get(address()).content.decode()
    assert "opening" in said
    assert "content.text" in said
    assert "Restore as draft" in said
    assert "Publish again" not in said
    assert 'class="object-tools"' in said
    assert "Recent errors" in said


def test_pages_have_no_inline_scripts_or_styles(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(*ALL)
    edit("Sell")
    for rest in ("change/", "differences/", "publish/", "revert/1/", "restore/1/", "import/", "sessions/"):
        response = client.get(address(rest))
        assert response.status_code == 200, rest
        said = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", said), rest
        assert not re.search(r"\son\w+=|\sstyle=", said), rest


def test_publishing_shows_what_changes_and_does_it_after_the_question(
    folder: Path, client_of: Callable[..., Client]
) -> None:
    client = client_of("publish_layout")
    edit("Sell <b>")
    asked = client.get(address("publish/"))
    assert "Sell &lt;b&gt;" in asked.content.decode()
    assert Revision.objects.count() == 1
    client.post(address("publish/"), {"version": hidden(asked, "version"), "message": "cheaper"})
    revision = Revision.objects.first()
    assert revision is not None
    assert (revision.number, revision.author_name, revision.message) == (2, "ada", "cheaper")
    assert AdminEntry.objects.count() == 1


def test_what_was_not_shown_is_not_published(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(*ALL)
    edit("Sell")
    asked = client.get(address("publish/"))
    edit("Give")
    answer = client.post(address("publish/"), {"version": hidden(asked, "version")}, follow=True)
    assert "was changed by" in answer.content.decode()
    assert Revision.objects.count() == 1


def test_going_back_and_restoring(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(*ALL)
    edit("Sell")
    revisions.publish("shop")
    client.post(address("restore/1/"), {"version": "1"})
    assert drafts.load("shop").draft.tree == make_tree()
    assert Revision.objects.count() == 2
    client.post(address("revert/1/"), {"version": "2"})
    newest = Revision.objects.first()
    assert newest is not None
    assert newest.number == 3
    assert newest.tree == make_tree()
    assert client.get(address("revert/9/"), follow=True).status_code == 200


def test_going_back_is_one_click_unless_the_draft_would_lose_something(
    folder: Path, client_of: Callable[..., Client]
) -> None:
    client = client_of(*ALL)
    edit("Sell")
    revisions.publish("shop")
    button = f'action="{address("revert/1/")}"'
    overview = client.get(address("change/"))
    assert button in overview.content.decode()
    client.post(address("revert/1/"), {"version": hidden(overview, "version")})
    newest = Revision.objects.first()
    assert newest is not None
    assert newest.tree == make_tree()
    edit("Give")
    said = client.get(address("change/")).content.decode()
    assert f'action="{address("revert/2/")}"' not in said
    assert f'href="{address("revert/2/")}"' in said


def test_differences_between_any_two(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of("edit_layout")
    edit("Sell")
    said = client.get(address("differences/"), {"old": "1", "new": "draft"}).content.decode()
    assert "<del>Buy</del>" in said
    assert "<ins>Sell</ins>" in said
    assert (
        "no difference" in client.get(address("differences/"), {"old": "1", "new": "file"}).content.decode()
    )
    wrong = client.get(address("differences/"), {"old": "yesterday"}, follow=True)
    assert "no such version" in wrong.content.decode()


def test_an_upload_is_shown_before_it_is_taken(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of("edit_layout")
    file = io.BytesIO(export_ui_json(make_tree(buy={"text": "Uploaded"})).encode())
    file.name = "ui.json"
    asked = client.post(address("import/"), {"file": file})
    assert "<ins>Uploaded</ins>" in asked.content.decode()
    assert Edit.objects.count() == 0
    answer = {"confirm": "Import", "version": hidden(asked, "version"), "payload": hidden(asked, "payload")}
    client.post(address("import/"), answer)
    assert drafts.load("shop").draft.tree["buy"].content["text"] == "Uploaded"
    assert drafts.load("shop").changed_by == "ada"
    again = client.post(address("import/"), answer, follow=True)
    assert "was changed by ada" in again.content.decode() or "version" in again.content.decode()
    assert Edit.objects.count() == 1
    forged = {**answer, "payload": answer["payload"][:-3] + "abc"}
    assert "choose the file again" in client.post(address("import/"), forged).content.decode()


def test_the_file_beside_the_code_is_offered(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of("edit_layout")
    (folder / "ui.json").write_text(export_ui_json(make_tree(buy={"text": "Pulled"})))
    assert "changed on disk" in client.get(address()).content.decode()
    asked = client.post(address("import/"), {"disk": "1"})
    client.post(
        address("import/"),
        {"confirm": "1", "version": hidden(asked, "version"), "payload": hidden(asked, "payload")},
    )
    assert drafts.load("shop").draft.tree["buy"].content["text"] == "Pulled"
    assert "changed on disk" not in client.get(address()).content.decode()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"components": {}}', b"\xff\xfe", b"[" * 100_000])
def test_a_broken_upload_is_told_and_changes_nothing(
    content: bytes, folder: Path, client_of: Callable[..., Client]
) -> None:
    file = io.BytesIO(content)
    file.name = "ui.json"
    response = client_of("edit_layout").post(address("import/"), {"file": file})
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert drafts.load("shop").version == 0


def test_export_gives_the_file_in_both_forms(folder: Path, client_of: Callable[..., Client]) -> None:
    client = client_of("edit_layout")
    edit("Sell")
    response = client.get(address("export/draft/"))
    assert import_ui_json(response.content) == drafts.load("shop").draft.tree
    assert "attachment" in response["Content-Disposition"]
    assert import_ui_json(client.get(address("export/1/")).content) == make_tree()
    assert b"0.5.0" in client.get(address("export/draft/"), {"form": "old"}).content


@pytest.mark.parametrize(
    ("permissions", "open_doors"),
    [
        ((), set()),
        (("view_application",), {"list", "overview", "differences", "export"}),
        (("edit_layout",), {"list", "overview", "differences", "export", "import", "restore"}),
        (("publish_layout",), {"list", "overview", "differences", "export", "publish", "revert"}),
        (("manage_sessions",), {"list", "overview", "differences", "export", "sessions"}),
    ],
)
def test_each_door_is_open_to_whom_it_should(
    permissions: tuple[str, ...], open_doors: set[str], folder: Path, client_of: Callable[..., Client]
) -> None:
    edit("Sell")
    client = client_of(*permissions)
    doors = {
        "list": LIST,
        "overview": address(),
        "differences": address("differences/"),
        "export": address("export/draft/"),
        "import": address("import/"),
        "publish": address("publish/"),
        "revert": address("revert/1/"),
        "restore": address("restore/1/"),
        "sessions": address("sessions/"),
    }
    found = {name for name, door in doors.items() if client.get(door).status_code == 200}
    assert found == open_doors
    refused = {
        name for name in doors if client.post(doors[name], {"version": "1"}).status_code in (403, 404, 302)
    }
    assert refused | open_doors >= set(doors)
    if not open_doors:
        assert Revision.objects.count() == 1
    anonymous = Client().get(address("publish/"))
    assert anonymous.status_code == 302
    assert "/admin/login/" in anonymous["Location"]
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(address().replace("change", "delete"), {"post": "yes"}).status_code in (403, 404)
    assert client.get(f"{LIST}nothing/publish/").status_code == 404


async def test_sessions_are_seen_told_and_ended(
    transactional_db: None, tmp_path: Path, serve: Callable[..., None], open_page: Callable[..., Any]
) -> None:
    main = "import streamsync_django as ss\nss.init_state({'sold': 0})\n"
    serve(shop=write_application(tmp_path / "shop", main, [button("buy", "buy")]))
    chief = await get_user_model().objects.acreate_superuser("chief", password="secret")
    await Application.objects.acreate(slug="shop")
    client = Client()
    await asyncio.to_thread(client.force_login, chief)
    page: Page = await open_page("shop")

    async def get(**query: str) -> str:
        response = await asyncio.to_thread(client.get, f"{LIST}shop/sessions/", query)
        return str(response.content.decode())

    (session_id,) = runtime().sessions
    assert "somebody anonymous" in await get()
    assert "End the session of" in await get(end=session_id)
    await asyncio.to_thread(client.post, f"{LIST}shop/sessions/", {"title": "Soon", "message": "We close"})
    await page.until(
        lambda: any(
            mail[2]["message"] == "We close" for message in page.messages for mail in message.get("mail", ())
        )
    )
    await asyncio.to_thread(client.post, f"{LIST}shop/sessions/", {"end": session_id})
    assert await page.receive_for_close() == 4410
    assert "Nobody has this application open" in await get()


@pytest.mark.parametrize(("permission", "may_look"), [("publish_layout", True), ("manage_sessions", False)])
def test_who_publishes_sees_both_layouts_side_by_side_and_who_does_neither_does_not(
    permission: str, may_look: bool, folder: Path, client_of: Callable[..., Client]
) -> None:
    edit("Sell")
    client = client_of(permission)
    pages = ["differences/?old=1", "publish/"] if may_look else ["differences/?old=1"]
    for rest in pages:
        said = client.get(address(rest)).content.decode()
        old = "1" if "old=1" in rest else "published"
        frames = re.findall(r'<iframe src="/shop/\?streamsync-layout=(\w+)"', said)
        assert frames == ([old, "draft"] if may_look else [])
    for which in ("1", "draft"):
        answer = client.get(f"/shop/?streamsync-layout={which}")
        assert answer.status_code == (200 if may_look else 403)
