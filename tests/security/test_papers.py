"""Tickets, tokens and addresses of binaries serve whom they were made for, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import AsyncClient, override_settings

from streamsync_django.visitors import check_token, make_ticket, make_token, visitor_of
from tests.live import Page


async def refusal(slug: str, http: Any, boot: dict[str, Any], **hello: Any) -> int:
    """Say hello as another tab, and return the code it is closed with."""
    tab = Page(slug, http)
    tab.boot = boot
    tab.layout = boot["layout"]
    with pytest.raises((AssertionError, TimeoutError)) as caught:
        await tab.connect(**hello)
    assert "websocket.close" in str(caught.value), caught.value
    message = str(caught.value)
    return int(message.split("'code': ")[1].split(",")[0].split("}")[0])


async def test_a_ticket_serves_once(page: Page) -> None:
    tab = Page("bank", page.http)
    await tab.draw()
    ticket = tab.boot["ticket"]
    await tab.connect()
    await tab.close()
    assert await refusal("bank", page.http, page.boot, ticket=ticket) == 4401


async def test_a_ticket_of_another_visitor_is_refused(page: Page) -> None:
    other = Page("bank")
    await other.draw()
    assert await refusal("bank", page.http, page.boot, ticket=other.boot["ticket"]) == 4401


async def test_a_ticket_for_another_application_is_refused(page: Page) -> None:
    visitor = page.session.visitor
    assert await refusal("bank", page.http, page.boot, ticket=make_ticket("shop", visitor)) == 4401


async def test_an_expired_ticket_is_refused(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = page.session.visitor
    with monkeypatch.context() as past:
        past.setattr(signing.time, "time", lambda: 1.0)
        ticket = make_ticket("bank", visitor)
    assert await refusal("bank", page.http, page.boot, ticket=ticket) == 4401


@pytest.mark.parametrize("ticket", ["", "x", "e30:1:1", "a" * 5000])
async def test_a_made_up_ticket_is_refused(page: Page, ticket: str) -> None:
    assert await refusal("bank", page.http, page.boot, ticket=ticket) == 4401


async def test_a_visitor_without_a_cookie_is_refused(page: Page) -> None:
    ticket = await page.renewed_ticket()
    assert await refusal("bank", AsyncClient(), page.boot, ticket=ticket) == 4401


async def test_another_visitors_token_resumes_nothing(page: Page) -> None:
    thief = Page("bank")
    await thief.draw()
    token = page.welcome["token"]
    assert await refusal("bank", thief.http, thief.boot, token=token) == 4410
    assert page.session.connection is not None


async def test_a_token_does_not_serve_as_a_ticket(page: Page) -> None:
    assert await refusal("bank", page.http, page.boot, ticket=page.welcome["token"]) == 4401


async def test_a_ticket_is_given_to_the_sites_own_pages_only(page: Page) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)
    answer = await strict.post("/bank/ticket/")
    assert answer.status_code == 403


def test_papers_signed_with_an_earlier_key_serve_until_it_is_dropped() -> None:
    visitor = visitor_of(None, {"streamsync_visitor": "v" * 32})
    assert visitor is not None
    token, earlier = make_token("session", visitor), settings.SECRET_KEY
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[earlier]):
        assert check_token(token, visitor) == "session"
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[]):
        assert check_token(token, visitor) is None


async def test_binaries_are_served_to_their_sessions_visitor_only(page: Page) -> None:
    page.session.state["picture"] = b"mine"
    page.session.commit()
    await page.until(lambda: page.version > 0)
    digest = page.value("picture")["$"][2]
    address = f"/bank/blob/{digest}/"
    query = page.welcome["blobQuery"]
    assert (await page.http.get(f"{address}?{query}")).status_code == 200
    assert (await AsyncClient().get(f"{address}?{query}")).status_code == 404
    assert (await page.http.get(address)).status_code == 404
    assert (await page.http.get(f"{address}?{query}x")).status_code == 404
    for forged in ("0" * 32, "..", "%2e%2e%2fmain.py", "a" * 31):
        assert (await page.http.get(f"/bank/blob/{forged}/?{query}")).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["../main.py", "..%2fmain.py", "%2e%2e/main.py", "%252e%252e%252fmain.py", "/etc/passwd", "..\\main.py"],
)
async def test_only_files_below_static_are_served(page: Page, path: str) -> None:
    answer = await page.http.get(f"/bank/static/{path}")
    assert answer.status_code in (400, 404)
