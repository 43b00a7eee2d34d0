"""Every door of an application, tried by everybody, with papers that were good a moment ago."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from streamsync_django.models import Edit
from streamsync_django.routing import websocket_application
from tests.live import Page, write_application
from tests.plugins.live import serve

__all__ = ["serve"]

MAIN = """
    import streamsync_django as ss
    ss.init_state({"picture": ss.pack_bytes(b"bytes", "image/png")})
    def take(state, payload): pass
    """
ROLES = {
    "nobody": False,
    "visitor": False,
    "permitted": True,
    "in a group": True,
    "staff": False,
    "chief": True,
    "deactivated": False,
}
DOORS = {"page", "ticket", "blob", "rows", "static", "extension", "upload", "socket"}


#: The same for editing a layout over the socket of a page that is open.
EDITORS = {
    "nobody": False,
    "visitor": False,
    "permitted": True,
    "in a group": True,
    "publisher": False,
    "staff": False,
    "chief": True,
    "deactivated": False,
}


async def log_in(client: Any, role: str, action: str = "open_application") -> Any:
    """Log somebody of this role in, and return the account."""
    if role == "nobody":
        return None
    is_chief = role == "chief"
    user = await get_user_model().objects.acreate_user(
        role, is_staff=is_chief or role == "staff", is_superuser=is_chief
    )
    permission = await Permission.objects.aget(codename=action)
    if role in ("permitted", "deactivated"):
        await user.user_permissions.aadd(permission)
    if role == "publisher":
        await user.user_permissions.aadd(await Permission.objects.aget(codename="publish_layout"))
    if role == "in a group":
        group = await Group.objects.acreate(name="openers")
        await group.permissions.aadd(permission)
        await user.groups.aadd(group)
    await client.aforce_login(user)
    return user


async def knock(page: Page, ticket: str, digest: str) -> dict[str, int]:
    """Try each door with the page's cookies and papers; 0 is the socket's welcome."""
    http: Any = page.http
    papers = page.welcome["blobQuery"]
    file = SimpleUploadedFile("a.txt", b"text", "text/plain")
    answers = {
        "page": await http.get("/shop/"),
        "blob": await http.get(f"/shop/blob/{digest}/?{papers}"),
        "rows": await http.get(f"/shop/blob/{digest}/rows/?{papers}"),
        "static": await http.get("/shop/static/plan.txt"),
        "extension": await http.get("/shop/extensions/stars/index.js"),
        "upload": await http.post(f"/shop/upload/?{papers}&component=files", {"file": file}),
        "ticket": await http.post("/shop/ticket/"),
    }
    for answer in answers.values():
        if answer.streaming:
            b"".join(answer.streaming_content)  # closes the file
    return {
        **{name: answer.status_code for name, answer in answers.items()},
        "socket": await _enter(page, ticket),
    }


async def _enter(page: Page, ticket: str) -> int:
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in page.http.cookies.items())
    headers = [(b"origin", b"http://testserver"), (b"host", b"testserver"), (b"cookie", cookie.encode())]
    socket = WebsocketCommunicator(websocket_application(), "/shop/socket/", headers)
    socket.scope["scheme"] = "ws"
    await socket.connect(timeout=5)
    await socket.send_json_to(
        {
            "type": "hello", "protocol": 1, "ticket": ticket, "token": None, "version": None,
            "base": page.boot["base"]["digest"], "layout": page.layout["revision"],
        }
    )  # fmt: skip
    try:
        while (answer := await socket.receive_output(timeout=5))["type"] != "websocket.close":
            if '"welcome"' in (answer.get("text") or ""):
                return 0
        return int(answer["code"])
    finally:
        await socket.disconnect()


@pytest.mark.parametrize("role", ROLES)
async def test_each_door_is_open_to_whom_the_rule_lets_in_and_to_nobody_else(
    role: str, tmp_path: Path, transactional_db: None, serve: Callable[..., None]
) -> None:
    taker = {"id": "files", "type": "fileinput", "handlers": {"ss-file-change": "take"}}
    folder = write_application(tmp_path / "shop", MAIN, [taker])
    (folder / "static").mkdir()
    (folder / "static" / "plan.txt").write_text("plan")
    (folder / "extensions" / "stars").mkdir(parents=True)
    (folder / "extensions" / "stars" / "index.js").write_text("")
    is_closing = False

    def rule(user: Any, slug: str) -> bool:
        return not is_closing or bool(user.has_perm("streamsync_django.open_application"))

    serve(shop=folder, ACCESS={"shop": rule})
    page = Page("shop")
    user = await log_in(page.http, role)
    await page.draw()
    digest = page.state["picture"]["$"][3 - 1]
    await page.connect()
    try:
        before = await knock(page, await page.renewed_ticket(), digest)
        assert set(before) == DOORS
        assert not {302, 401, 403, 4401, 4403} & set(before.values()), before
        ticket = await page.renewed_ticket()
        is_closing = True
        if role == "deactivated":
            user.is_active = False
            await user.asave()
        after = await knock(page, ticket, digest)
    finally:
        await page.close()
    if ROLES[role]:
        assert after == before
        return
    is_sent_to_login = role in ("nobody", "deactivated")
    assert after.pop("page") == (302 if is_sent_to_login else 403)
    assert after.pop("socket") in (4401, 4403)
    assert set(after.values()) == {403}, after


async def _ask(page: Page, message: dict[str, Any]) -> dict[str, Any]:
    """Say something about the draft over the page's socket, and return the answer."""
    before = len(page.messages)
    kinds = {"draft", "edited", "conflict", "refused"}

    def answers() -> list[dict[str, Any]]:
        return [said for said in page.messages[before:] if said["type"] in kinds]

    await page.tell(message)
    await page.until(lambda: bool(answers()), 20)
    return answers()[0]


@pytest.mark.parametrize("role", EDITORS)
async def test_a_layout_is_edited_over_the_socket_by_whom_the_rule_lets_and_by_nobody_else(
    role: str, tmp_path: Path, transactional_db: None, serve: Callable[..., None]
) -> None:
    folder = write_application(tmp_path / "shop", MAIN, [{"id": "buy", "type": "button"}])
    is_closing = False

    def rule(user: Any, slug: str) -> bool:
        return not is_closing or bool(user.has_perm("streamsync_django.edit_layout"))

    serve(shop=folder, ACCESS={"shop": {"edit": rule}}, WRITE_LAYOUTS=False)
    page = Page("shop")
    user = await log_in(page.http, role, "edit_layout")
    await page.draw()
    await page.connect()

    def edit(key: str, base: int) -> dict[str, Any]:
        operation = {"do": "update", "id": "buy", "content": {"text": key}}
        return {"type": "edit", "key": key, "base": base, "operations": [operation]}

    try:
        assert (await _ask(page, {"type": "draft"}))["type"] == "draft"
        assert (await _ask(page, edit("before", 0)))["type"] == "edited"
        is_closing = True
        if role == "deactivated":
            user.is_active = False
            await user.asave()
        answers = [await _ask(page, edit("after", 1)), await _ask(page, {"type": "draft"})]
    finally:
        await page.close()
    if EDITORS[role]:
        assert [answer["type"] for answer in answers] == ["edited", "draft"]
        assert (answers[0]["who"], answers[1]["version"]) == (user.get_username(), 2)
    else:
        assert [(answer["type"], answer["code"]) for answer in answers] == [
            ("refused", "edit.not-allowed")
        ] * 2
    assert await Edit.objects.acount() == (2 if EDITORS[role] else 1)
