"""Pages of applications over HTTP, good ones and broken ones."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from pytest_django.fixtures import Settings

from tests.making_apps import button, make_app, text

pytestmark = pytest.mark.django_db

Serve = Callable[..., str]


@pytest.fixture
def serve(settings: Settings) -> Serve:
    """Put an application folder into the site and return its address."""

    def put(folder: Path, slug: str = "app") -> str:
        settings.STREAMSYNC = {**site.STREAMSYNC, "APPS": {slug: str(folder)}}
        return f"/{slug}/"

    return put


def boot_of(body: str) -> dict[str, Any]:
    found = re.search(r'id="streamsync-boot" type="application/json">(.*?)</script>', body, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_a_page_carries_layout_and_initial_state_and_is_not_stored(
    client: Client, serve: Serve, tmp_path: Path
) -> None:
    main = "import streamsync_django as ss\nss.init_state({'count': 0, '_secret': 'x'})\ndef go(state): ..."
    response = client.get(serve(make_app(tmp_path, main, button("Go", "go"), text("@{count}"))))
    boot = boot_of(response.content.decode())
    assert "no-store" in response["Cache-Control"]
    assert boot["base"]["state"] == {"count": 0}
    assert boot["layout"]["components"]["c0"]["handlers"] == {"ss-click": True}, "names stay on the server"
    assert "_secret" not in response.content.decode()


def test_a_new_visitor_gets_a_cookie_that_scripts_cannot_read(
    client: Client, serve: Serve, tmp_path: Path
) -> None:
    address = serve(make_app(tmp_path, "", text("Hello")))
    cookie = client.get(address).cookies["streamsync_visitor"]
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")
    assert "streamsync_visitor" not in client.get(address).cookies, "it is set once"


def test_state_cannot_end_the_page_s_script_element(client: Client, serve: Serve, tmp_path: Path) -> None:
    main = "import streamsync_django as ss\nss.init_state({'x': '</script><script>alert(1)</script><!--'})"
    response = client.get(serve(make_app(tmp_path, main)))
    assert boot_of(response.content.decode())["base"]["state"] == {
        "x": "</script><script>alert(1)</script><!--"
    }
    assert "<script>alert" not in response.content.decode()


def test_a_broken_main_shows_developers_the_traceback_and_others_a_plain_message(
    client: Client,
    serve: Serve,
    tmp_path: Path,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    address = serve(make_app(tmp_path, "def go(state)\n    pass"))
    settings.DEBUG = True
    response = client.get(address)
    shown = html.unescape(response.content.decode())
    assert response.status_code == 500
    assert "main.py" in shown
    assert "def go(state)" in shown
    assert "SyntaxError: expected ':'" in shown
    settings.DEBUG = False
    caplog.clear()
    plain = client.get(address).content.decode()
    assert "not available at the moment" in plain
    assert "SyntaxError" not in plain
    logged = [record.getMessage() for record in caplog.records if record.name == "streamsync_django.views"]
    assert len(logged) == 1
    assert "def go(state)" in logged[0]


def test_a_main_that_is_mended_is_served_without_a_restart(
    client: Client, serve: Serve, tmp_path: Path
) -> None:
    folder = make_app(tmp_path, "1 / 0", text("Hello"))
    address = serve(folder)
    assert client.get(address).status_code == 500
    (folder / "main.py").write_text("")
    assert client.get(address).status_code == 200


def test_a_broken_layout_names_component_key_and_what_was_expected(
    client: Client, serve: Serve, tmp_path: Path, settings: Settings
) -> None:
    folder = make_app(
        tmp_path,
        "",
        {"id": "b1", "type": "buton"},
        {"id": "t1", "type": "text", "parentId": "nowhere"},
        {"id": "t2", "type": "text", "content": 7},
    )
    settings.DEBUG = True
    response = client.get(serve(folder))
    shown = html.unescape(response.content.decode())
    assert response.status_code == 500
    for words in (("b1", "buton", "button"), ("t1", "nowhere"), ("t2", "content")):
        assert any(all(word in line for word in words) for line in shown.splitlines()), words


def test_a_ui_json_that_is_not_json_says_where(
    client: Client, serve: Serve, tmp_path: Path, settings: Settings
) -> None:
    folder = make_app(tmp_path, "")
    (folder / "ui.json").write_text('{"components": {\n  oops')
    settings.DEBUG = True
    assert "line 2" in html.unescape(client.get(serve(folder)).content.decode())


def test_one_broken_application_leaves_the_others_alone(
    client: Client, tmp_path: Path, settings: Settings
) -> None:
    good, bad = make_app(tmp_path, "", text("Hello"), name="good"), make_app(tmp_path, "1 / 0", name="bad")
    settings.STREAMSYNC = {"APPS": {"good": str(good), "bad": str(bad)}}
    assert client.get("/bad/").status_code == 500
    assert client.get("/good/").status_code == 200


def test_an_unknown_application_is_not_found(client: Client) -> None:
    assert client.get("/nobody/").status_code == 404
    assert client.post("/nobody/ticket/").status_code == 404


def test_a_ticket_needs_the_csrf_token(serve: Serve, tmp_path: Path) -> None:
    address = serve(make_app(tmp_path, "", text("Hello")))
    careful = Client(enforce_csrf_checks=True)
    boot = boot_of(careful.get(address).content.decode())
    assert careful.post(f"{address}ticket/").status_code == 403
    answer = careful.post(f"{address}ticket/", headers={"x-csrftoken": boot["csrfToken"]})
    assert set(answer.json()) == {"ticket"}


def test_static_files_come_from_the_application_s_folder_only(
    client: Client, serve: Serve, tmp_path: Path
) -> None:
    folder = make_app(tmp_path, "", text("Hello"))
    (folder / "static").mkdir()
    (folder / "static" / "style.css").write_text("body {}")
    address = serve(folder)
    assert b"".join(client.get(f"{address}static/style.css").streaming_content) == b"body {}"  # type: ignore[attr-defined]
    for path in ("../main.py", "%2e%2e/main.py", "/etc/passwd", "nothing.css"):
        assert client.get(f"{address}static/{path}").status_code in (400, 404)


@pytest.mark.parametrize(
    ("mime", "served_as", "policy"),
    [
        ("text/html", "text/html; charset=utf-8", "sandbox allow-scripts"),
        ("Text/HTML; charset=latin-1", "Text/HTML; charset=latin-1", "sandbox allow-scripts"),
        ("text/htmlx", "application/octet-stream", "default-src 'none'"),
        ("application/xhtml+xml", "application/octet-stream", "default-src 'none'"),
        ("image/SVG+xml", "image/SVG+xml", "default-src 'none'"),
    ],
)
def test_binaries_of_the_initial_state_are_served_by_digest_in_an_origin_that_is_nobodys(
    client: Client, serve: Serve, tmp_path: Path, mime: str, served_as: str, policy: str
) -> None:
    main = f"""
        import streamsync_django as ss
        ss.init_state({{"page": ss.pack_bytes(b"<script>1</script>", "{mime}")}})
    """
    address = serve(make_app(tmp_path, main))
    marker = boot_of(client.get(address).content.decode())["base"]["state"]["page"]["$"]
    response = client.get(f"{address}blob/{marker[2]}/")
    assert response.content == b"<script>1</script>"
    assert response["Content-Type"] == served_as
    assert response["Content-Security-Policy"].startswith(policy)
    assert "sandbox" in response["Content-Security-Policy"]
    assert "allow-same-origin" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert ("Content-Disposition" in response) == (served_as == "application/octet-stream")
    assert client.get(f"{address}blob/{'0' * 32}/").status_code == 404
    assert client.get(f"{address}blob/..%2f/").status_code == 404


def test_a_socket_s_address_explains_itself_over_http(client: Client, serve: Serve, tmp_path: Path) -> None:
    response = client.get(f"{serve(make_app(tmp_path, ''))}socket/")
    assert response.status_code == 426
    assert "asgi.py" in response.content.decode()


def test_without_a_built_front_end_the_page_names_the_command(
    client: Client, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamsync_django.views.front_end_is_built", lambda: False)
    assert "make build" in client.get(serve(make_app(tmp_path, ""))).content.decode()
