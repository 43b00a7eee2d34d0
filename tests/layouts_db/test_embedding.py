"""Applications inside pages of the site: previews, the template tag, the class-based view."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

from streamsync_django.embedding import StreamsyncView
from streamsync_django.layouts.operations import Update
from streamsync_django.layouts.ui_json import export_ui_json
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.mirror import read_layout
from tests.layouts_db.conftest import make_tree
from tests.live import Page, button, write_application
from tests.plugins.live import serve

__all__ = ["serve"]


def write_shop(folder: Path) -> Path:
    folder.mkdir()
    (folder / "main.py").write_text("import streamsync_django as ss\nss.init_state({'sold': 0})\n")
    (folder / "ui.json").write_text(export_ui_json(make_tree()))
    return folder


@pytest.fixture
def shop_site(tmp_path: Path, db: None) -> Iterator[None]:
    """A site with the shop, published, and a draft that is ahead of it."""
    folder = write_shop(tmp_path / "shop")
    with override_settings(STREAMSYNC={"APPS": {"shop": str(folder)}, "RELOAD": False}):
        drafts.begin("shop", read_layout(folder)[0])
        revisions.publish("shop")
        drafts.edit("shop", [Update(id="buy", content={"text": "Sell"})], base=0)
        yield


def text_in(page: bytes) -> str:
    found = re.search(rb'id="streamsync-boot" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return str(json.loads(found[1])["layout"]["components"]["buy"]["content"]["text"])


def test_an_editor_previews_the_draft_and_nobody_else_does(
    shop_site: None, make_user: Callable[..., Any]
) -> None:
    client = Client()
    assert text_in(client.get("/shop/").content) == "Buy"
    assert client.get("/shop/?streamsync-layout=draft").status_code == 403
    client.force_login(make_user("ada", "edit_layout"))
    assert text_in(client.get("/shop/?streamsync-layout=draft").content) == "Sell"
    assert text_in(client.get("/shop/?streamsync-layout=1").content) == "Buy"
    assert text_in(client.get("/shop/").content) == "Buy"
    assert client.get("/shop/?streamsync-layout=7").status_code == 404


async def test_the_session_of_a_preview_has_the_layout_that_was_previewed(
    tmp_path: Path, transactional_db: None, serve: Callable[..., None]
) -> None:
    folder = write_shop(tmp_path / "shop")
    await asyncio.to_thread(drafts.begin, "shop", read_layout(folder)[0])
    await asyncio.to_thread(revisions.publish, "shop")
    operations = [Update(id="buy", content={"text": "Sell"})]
    await asyncio.to_thread(drafts.edit, "shop", operations, base=0)
    serve(shop=folder, RELOAD=False)
    chief = await get_user_model().objects.acreate_superuser("chief", password="secret")
    page = Page("shop")
    await page.http.aforce_login(chief)
    response = await page.http.get("/shop/?streamsync-layout=draft")
    found = re.search(r'type="application/json">(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found is not None
    page.boot = json.loads(found[1])
    page.layout, page.state = page.boot["layout"], page.boot["base"]["state"]
    await page.connect()
    try:
        assert page.session.tree["buy"].content["text"] == "Sell"
        assert not any(message["type"] == "layout" for message in page.messages)
    finally:
        await page.close()


def draw(source: str, user: Any = None) -> str:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    return Template("{% load streamsync %}" + source).render(
        Context({"request": request, "name": "Our <shop>"})
    )


def test_the_tag_frames_an_application(shop_site: None) -> None:
    said = draw('{% streamsync "shop" height="400px" title=name %}')
    assert 'src="/shop/"' in said
    assert 'height="400"' in said
    assert "Our &lt;shop&gt;" in said
    assert "embed.js" not in said
    automatic = draw('{% streamsync "shop" %}{% streamsync "shop" first_page="home" %}')
    assert automatic.count("data-streamsync-height") == 2
    assert ' src="/shop/"' in automatic
    assert 'data-streamsync-src="/shop/#home"' in automatic  # a new visitor's cookie comes first
    assert "style=" not in automatic


def test_the_frame_speaks_the_language_of_the_page_around_it(shop_site: None) -> None:
    assert 'src="/shop/"' in draw('{% streamsync "shop" %}')
    with translation.override("de"):  # as a view does for its user, or an address that begins with /de/
        said = draw('{% streamsync "shop" first_page="home" %}')
    assert 'src="/shop/?streamsync-language=de#home"' in said
    client = Client()
    answer = client.get("/shop/?streamsync-language=de")
    assert answer["Content-Language"] == "de"
    assert b'<html lang="de"' in answer.content
    assert b'"socket":"/shop/socket/?language=de"' in answer.content
    assert b'<html lang="en"' in client.get("/shop/?streamsync-language=tlh").content
    assert b'<html lang="en"' in client.get("/shop/?streamsync-language=%22%3E").content


async def test_handlers_speak_the_language_in_which_their_page_was_drawn(
    tmp_path: Path, transactional_db: None, serve: Callable[..., None]
) -> None:
    main = """
        from django.utils.translation import get_language
        import streamsync_django as ss
        ss.init_state({"language": ""})
        def say(state):
            state["language"] = get_language()
        """
    serve(shop=write_application(tmp_path / "shop", main, [button("say", "say")]))
    for address, language in (("/shop/?streamsync-language=de", "de"), ("/shop/", "en")):
        page = Page("shop")
        await page.draw(address=address)
        await page.connect()
        try:
            await page.click("say")
            await page.sees("language", language)
        finally:
            await page.close()


def test_the_tag_shows_nothing_to_those_who_may_not_open_it(make_user: Callable[..., Any]) -> None:
    with override_settings(STREAMSYNC={"ACCESS": {"shop": "login"}}):
        assert draw('{% streamsync "shop" %}') == "\n"
        assert "iframe" in draw('{% streamsync "shop" %}', make_user("ada"))


def test_a_page_may_be_framed_by_its_own_site_only(shop_site: None) -> None:
    with override_settings(X_FRAME_OPTIONS="DENY"):
        assert Client().get("/shop/")["X-Frame-Options"] == "SAMEORIGIN"


def test_an_application_stands_in_a_template_of_the_site(
    shop_site: None, tmp_path: Path, settings: Any, rf: RequestFactory
) -> None:
    (tmp_path / "ours.html").write_text(
        '<title>{{ heading }}</title>{% include "streamsync_django/head.html" %}'
        '<main>{% include "streamsync_django/body.html" %}</main>'
    )
    engine = {**settings.TEMPLATES[0], "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[engine]):
        request = rf.get("/reports/")
        request.user = AnonymousUser()
        view = StreamsyncView.as_view(
            slug="shop", template_name="ours.html", extra_context={"heading": "Ours"}
        )
        response = view(request)
        assert "no-store" in response["Cache-Control"]
        assert b"<title>Ours</title>" in response.content
        assert text_in(response.content) == "Buy"
        assert "streamsync_visitor" in response.cookies
        with pytest.raises(ImproperlyConfigured):
            StreamsyncView.as_view(slug="shop")(request)
