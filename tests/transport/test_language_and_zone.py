"""A handler runs in the language and the time zone that its page was drawn in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.utils import timezone, translation

from streamsync_django.locales import language_and_zone
from streamsync_django.testing import Visitor
from tests.live import button, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import streamsync_django as ss
from django.utils import timezone, translation

ss.init_state({"where": None})

def look(state):
    state["where"] = [translation.get_language(), timezone.get_current_timezone_name()]
"""


def visitors_choice(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware as sites have it: who is there has chosen a language and a time zone."""

    def answer(request: HttpRequest) -> HttpResponse:
        with translation.override("de"), timezone.override("Asia/Tokyo"):
            return get_response(request)

    return answer


@pytest.fixture
def clock(tmp_path: Path, serve: Callable[..., None]) -> Path:
    folder = write_folder(tmp_path)
    serve(clock=folder)
    return folder


def write_folder(tmp_path: Path) -> Path:
    return write_application(tmp_path / "clock", MAIN, [button("look", "look", text="Look")])


async def test_what_a_sites_middleware_chose_for_the_page_is_active(clock: Path, open_page: Any) -> None:
    chosen = f"{__name__}.visitors_choice"
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, chosen], TIME_ZONE="Europe/Zurich", USE_TZ=True):
        page = await open_page("clock")
        await page.click("look")
    assert page.state["where"] == ["de", "Asia/Tokyo"]
    assert page.session.description()["timezone"] == "Asia/Tokyo"


async def test_without_a_choice_it_is_the_sites(clock: Path, open_page: Any) -> None:
    page = await open_page("clock")
    assert "timezone" not in page.boot["urls"]["socket"]
    await page.click("look")
    assert page.state["where"][1] == timezone.get_default_timezone_name()


def test_a_zone_or_a_language_that_there_is_not_is_not_taken() -> None:
    assert language_and_zone(b"language=de&timezone=Asia/Tokyo") == ("de", "Asia/Tokyo")
    for zone in (b"", b"Nowhere", b"../../etc/passwd", b"Europe", b"%00", b"A" * 5000, b"UTC%2B02:00"):
        assert language_and_zone(b"language=tlh&timezone=" + zone) == (None, None)


def test_a_visitor_of_a_test_has_a_zone_too(tmp_path: Path) -> None:
    with Visitor(write_folder(tmp_path), language="fr", timezone="Asia/Tokyo") as visitor:
        visitor.click("Look")
        assert visitor.state["where"] == ["fr", "Asia/Tokyo"]
