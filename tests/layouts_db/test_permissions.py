"""Who may do what with an application, asked at each door with each role."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import Client, override_settings

from streamsync_django import checks
from streamsync_django.core.journal import LogEntry
from streamsync_django.hosting import get_registry
from streamsync_django.permissions import ACTIONS, may, may_open
from streamsync_django.transport import consumers
from tests.live import Page, write_application
from tests.plugins.live import serve

__all__ = ["serve"]


def only_ada(user: Any, slug: str) -> bool:
    """A rule as a site writes it."""
    return slug == "shop" and user.get_username() == "ada"


def broken(user: Any, slug: str) -> bool:
    """A rule with a mistake in it."""
    raise RuntimeError("oh")


def access(**rules: Any) -> Any:
    return override_settings(STREAMSYNC={"ACCESS": rules})


@pytest.mark.parametrize(
    ("rule", "admitted"),
    [
        (None, {"nobody", "ada", "bob", "staff", "chief"}),
        ("everyone", {"nobody", "ada", "bob", "staff", "chief"}),
        ("login", {"ada", "bob", "staff", "chief"}),
        ("staff", {"staff"}),
        ("streamsync_django.open_application", {"bob", "chief"}),
        ("tests.layouts_db.test_permissions.only_ada", {"ada"}),
        (only_ada, {"ada"}),
        ("tests.layouts_db.test_permissions.broken", set()),
        ("nowhere.at.all", set()),
        ("everybody", set()),
        (7, set()),
        ({"open": "login"}, {"ada", "bob", "staff", "chief"}),
        ({"edit": "login"}, {"nobody", "ada", "bob", "staff", "chief"}),
    ],
)
def test_a_rule_lets_in_whom_it_says_and_a_broken_one_nobody(
    rule: Any, admitted: set[str], make_user: Callable[..., Any]
) -> None:
    people = {
        "nobody": AnonymousUser(),
        "ada": make_user("ada"),
        "bob": make_user("bob", "open_application"),
        "staff": make_user("staff", is_staff=True),
        "chief": make_user("chief", is_superuser=True),
        "gone": make_user("gone", "open_application", is_active=False, is_staff=True),
    }
    rules = {} if rule is None else {"shop": rule}
    with access(**rules):
        found = {name for name, user in people.items() if may_open(user, "shop")}
    assert found - {"gone"} == admitted
    if rule not in (None, "everyone", {"edit": "login"}):
        assert "gone" not in found


def test_other_actions_follow_djangos_permissions_unless_the_settings_say_more(
    make_user: Callable[..., Any],
) -> None:
    editor, publisher = make_user("editor", "edit_layout"), make_user("publisher", "publish_layout")
    with access():
        assert [action for action in ACTIONS if may(editor, action, "shop")] == ["open", "edit"]
        assert [action for action in ACTIONS if may(publisher, action, "shop")] == ["open", "publish"]
    with access(shop={"edit": only_ada}, other="login"):
        assert not may(editor, "edit", "shop")
        assert may(editor, "edit", "other")
    with access(**{"*": "login", "shop": {"edit": "login"}}):
        assert not may_open(AnonymousUser(), "shop")
        assert not may_open(AnonymousUser(), "other")


def test_code_is_edited_only_where_the_settings_allow_it(make_user: Callable[..., Any]) -> None:
    coder = make_user("coder", "edit_code")
    with access():
        assert not may(coder, "code", "shop")
    with override_settings(STREAMSYNC={"EDIT_CODE": True}):
        assert may(coder, "code", "shop")


def test_a_rule_that_cannot_be_followed_is_named_by_a_check() -> None:
    with access(shop="nowhere.at.all", fine="login", other={"fly": "login", "edit": only_ada}):
        found = checks.check_access(None)
    assert [message.id for message in found] == ["streamsync.E005", "streamsync.E005"]
    assert "'shop'" in found[0].msg
    assert "no action 'fly'" in found[1].msg


@pytest.fixture
def shop_folder(tmp_path: Path) -> Path:
    folder = write_application(
        tmp_path / "shop", "import streamsync_django as ss\nss.init_state({'picture': b'bytes'})\n"
    )
    (folder / "static").mkdir()
    (folder / "static" / "plan.txt").write_text("secret plan")
    return folder


def test_every_door_over_http_asks(
    shop_folder: Path, serve: Callable[..., None], make_user: Callable[..., Any]
) -> None:
    serve(shop=shop_folder, ACCESS={"shop": "streamsync_django.open_application"})
    client = Client()
    doors: dict[str, Callable[[], Any]] = {
        "page": lambda: client.get("/shop/"),
        "ticket": lambda: client.post("/shop/ticket/"),
        "blob": lambda: client.get(f"/shop/blob/{'0' * 32}/"),
        "static": lambda: client.get("/shop/static/plan.txt"),
        "upload": lambda: client.post("/shop/upload/"),
    }
    answers = {name: door().status_code for name, door in doors.items()}
    assert answers == {"page": 302, "ticket": 403, "blob": 403, "static": 403, "upload": 403}
    assert client.get("/shop/")["Location"] == "/login/?next=/shop/"
    client.force_login(make_user("ada"))
    assert {name: door().status_code for name, door in doors.items()} == {**answers, "page": 403}
    client.force_login(make_user("bob", "open_application"))
    allowed = {name: door() for name, door in doors.items()}
    assert allowed["page"].status_code == allowed["ticket"].status_code == 200
    assert b"".join(allowed["static"].streaming_content) == b"secret plan"
    assert allowed["blob"].status_code == 404


@pytest.fixture
async def pages(transactional_db: None) -> AsyncIterator[list[Page]]:
    opened: list[Page] = []
    yield opened
    for page in opened:
        await page.close()


async def a_user(name: str, *permissions: str) -> Any:
    user = await get_user_model().objects.acreate_user(name, password="secret")
    async for permission in Permission.objects.filter(codename__in=permissions):
        await user.user_permissions.aadd(permission)
    return user


async def open_as(user: Any, pages: list[Page]) -> Page:
    page = Page("shop")
    pages.append(page)
    await page.http.aforce_login(user)
    await page.draw()
    await page.connect()
    return page


@pytest.mark.parametrize("what", ["logout", "permission taken", "password changed", "deactivated"])
async def test_a_page_closes_soon_after_its_visitor_may_not_see_it_any_more(
    what: str,
    shop_folder: Path,
    serve: Callable[..., None],
    pages: list[Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)
    serve(shop=shop_folder, ACCESS={"shop": "streamsync_django.open_application"})
    user = await a_user("bob", "open_application")
    page = await open_as(user, pages)
    await asyncio.sleep(0.2)
    await page.tell({"type": "ping"})
    await page.until(lambda: any(message["type"] == "pong" for message in page.messages))
    if what == "logout":
        await page.http.alogout()
    elif what == "permission taken":
        await user.user_permissions.aclear()
    elif what == "password changed":
        user.set_password("other")
        await user.asave()
    else:
        user.is_active = False
        await user.asave()
    assert await page.receive_for_close() == 4403


async def test_a_ticket_does_not_help_whom_the_application_is_closed_to(
    shop_folder: Path, serve: Callable[..., None], pages: list[Page]
) -> None:
    serve(shop=shop_folder, ACCESS={"shop": "streamsync_django.open_application"})
    user = await a_user("bob", "open_application")
    page = Page("shop")
    await page.http.aforce_login(user)
    await page.draw()
    await user.user_permissions.aclear()
    with pytest.raises((AssertionError, TimeoutError)):
        await page.connect()


async def test_the_log_is_for_those_who_may_see_it_and_only_for_as_long_as_they_may(
    shop_folder: Path, serve: Callable[..., None], pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)
    serve(shop=shop_folder)
    log = get_registry().log
    log.add(LogEntry(kind="print", title="", message="a secret of the shop", application="shop"))
    bob = await a_user("bob", "see_logs")
    trusted, other = await open_as(bob, pages), await open_as(await a_user("ada"), pages)
    assert (trusted.boot["developer"], other.boot["developer"]) == (True, False)
    await trusted.until(lambda: "a secret of the shop" in logged(trusted))
    await bob.user_permissions.aclear()
    await asyncio.sleep(0.5)
    log.add(LogEntry(kind="print", title="", message="a later secret", application="shop"))
    for page in (trusted, other):
        await page.tell({"type": "ping"})
        await page.until(lambda page=page: any(message["type"] == "pong" for message in page.messages))
    assert "a later secret" not in logged(trusted)
    assert logged(other) == ""


def logged(page: Page) -> str:
    return "".join(str(message["entries"]) for message in page.messages if message["type"] == "log")
