"""Uploads from the page's request to the handler's payload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, RequestFactory

from streamsync_django import upload_view
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

MAIN = """
import streamsync_django as ss

ss.init_state({"got": [], "types": ".txt, image/*"})

def take(state, payload):
    state["got"] = [[file["name"], file["type"], file["data"].decode()] for file in payload]

def nothing(state):
    pass
"""
COMPONENTS = [
    {
        "id": "files",
        "type": "fileinput",
        "content": {"allowMultipleFiles": "yes", "allowFileTypes": "@{types}"},
        "handlers": {"ss-file-change": "take"},
    },
    {
        "id": "pages",
        "type": "fileinput",
        "content": {"allowFileTypes": "application/pdf"},
        "handlers": {"ss-file-change": "take"},
    },
    {"id": "chat", "type": "chatbot", "content": {"enableFileUpload": "no"}},
    button("plain", "nothing"),
]
FILE = ("notes.txt", b"some text", "text/plain")


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    return folder


@pytest.fixture
def desk(tmp_path: Path, serve: Callable[..., None]) -> Callable[..., None]:
    folder = write_application(tmp_path / "desk", MAIN, COMPONENTS)
    return lambda **settings: serve(desk=folder, **settings)


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def send(page: Page, *files: tuple[str, bytes, str], component: str = "files", **more: Any) -> Any:
    query = more.pop("query", page.welcome["blobQuery"])
    client = more.pop("client", page.http)
    named = [SimpleUploadedFile(*file) for file in files]
    return await client.post(f"/desk/upload/?{query}&component={component}", {"file": named}, **more)


async def test_a_file_goes_to_the_handler_and_is_removed_afterwards(
    desk: Callable[..., None], open_page: Any, temporary_folder: Path
) -> None:
    desk()
    page = await open_page("desk")
    response = await send(page, FILE, ("b.png", b"picture", "image/png"))
    assert response.status_code == 200, response.content
    first, second = response.json()["files"]
    assert (first["name"], first["type"], first["size"]) == ("notes.txt", "text/plain", 9)
    assert len(files_in(temporary_folder)) == 2
    references = [{"upload": first["upload"]}, {"upload": second["upload"]}]
    assert (await page.result_of(await page.trigger("files", "ss-file-change", references)))[1] == "ok"
    assert page.state["got"] == [["notes.txt", "text/plain", "some text"], ["b.png", "image/png", "picture"]]
    assert files_in(temporary_folder) == []
    again = await page.result_of(await page.trigger("files", "ss-file-change", references))
    assert again[1] == "rejected", "a token serves once"


async def test_a_token_means_nothing_in_another_session_or_component(
    desk: Callable[..., None], open_page: Any
) -> None:
    desk()
    page, other = await open_page("desk"), await open_page("desk")
    (file,) = (await send(page, FILE)).json()["files"]
    references = [{"upload": file["upload"]}]
    assert (await other.result_of(await other.trigger("files", "ss-file-change", references)))[
        1
    ] == "rejected"
    assert (await page.result_of(await page.trigger("pages", "ss-file-change", references)))[1] == "rejected"
    assert (await page.result_of(await page.trigger("files", "ss-file-change", references)))[1] == "ok"


async def test_only_the_sessions_visitor_may_send_and_only_with_its_signature(
    desk: Callable[..., None], open_page: Any
) -> None:
    desk()
    page, other = await open_page("desk"), await open_page("desk")
    refused = await send(page, FILE, client=other.http)
    assert (refused.status_code, refused.json()["code"]) == (403, "upload.not-yours")
    assert (await send(page, FILE, query="s=forged:signature")).status_code == 403
    assert (await send(page, FILE, client=AsyncClient())).status_code == 403
    assert (await page.http.get("/desk/upload/")).status_code == 405


async def test_a_length_that_is_no_number_is_refused(desk: Callable[..., None]) -> None:
    desk()
    page = RequestFactory().post("/desk/upload/", CONTENT_LENGTH="²")
    with pytest.raises(upload_view.UploadRefused):
        upload_view._read(page)


async def test_a_request_without_the_csrf_token_is_refused(desk: Callable[..., None], open_page: Any) -> None:
    desk()
    page = await open_page("desk")
    strict = AsyncClient(enforce_csrf_checks=True)
    strict.cookies = page.http.cookies
    refused = await send(page, FILE, client=strict)
    assert (refused.status_code, refused.json()["code"]) == (403, "upload.csrf")
    taken = await send(page, FILE, client=strict, headers={"X-CSRFToken": page.boot["csrfToken"]})
    assert taken.status_code == 200


@pytest.mark.parametrize(
    ("component", "file", "status"),
    [
        ("files", ("a.exe", b"x", "application/x-msdownload"), 415),
        ("files", ("PHOTO.JPG", b"x", "application/octet-stream"), 200),
        ("files", ("a.TXT", b"x", ""), 200),
        ("pages", FILE, 415),
        ("chat", FILE, 404),
        ("plain", FILE, 404),
        ("nobody", FILE, 404),
        ("", ("a.pdf", b"x", "application/pdf"), 200),
        ("", ("a.exe", b"x", "application/x-msdownload"), 415),
    ],
)
async def test_components_take_the_kinds_of_files_their_author_named(
    desk: Callable[..., None], open_page: Any, component: str, file: Any, status: int
) -> None:
    desk()
    page = await open_page("desk")
    assert (await send(page, file, component=component)).status_code == status


async def test_the_kind_is_checked_again_when_the_event_comes(
    desk: Callable[..., None], open_page: Any
) -> None:
    desk()
    page = await open_page("desk")
    (file,) = (await send(page, FILE, component="")).json()["files"]
    result = await page.result_of(await page.trigger("pages", "ss-file-change", [{"upload": file["upload"]}]))
    assert result[1] == "rejected"


@pytest.mark.parametrize(
    ("limits", "files"),
    [
        ({"MAX_UPLOAD_BYTES": 15}, [FILE, FILE]),
        ({"MAX_UPLOAD_FILES": 1}, [FILE, FILE]),
        ({"MAX_SESSION_UPLOAD_BYTES": 15}, [FILE, FILE]),
        ({"MAX_UPLOAD_BYTES": 15}, [("big.txt", b"x" * 3_000_000, "text/plain")]),
    ],
)
async def test_what_passes_a_limit_is_refused_and_leaves_nothing_behind(
    desk: Callable[..., None], open_page: Any, temporary_folder: Path, limits: dict[str, int], files: Any
) -> None:
    desk(**limits)
    page = await open_page("desk")
    response = await send(page, *files)
    assert response.status_code == 413
    assert response.json()["code"] in ("upload.too-large", "upload.too-many")
    assert response.json().get("limit") == limits.get(
        "MAX_UPLOAD_BYTES", limits.get("MAX_SESSION_UPLOAD_BYTES")
    )
    assert files_in(temporary_folder) == []


async def test_a_sessions_waiting_files_count_together(desk: Callable[..., None], open_page: Any) -> None:
    desk(MAX_SESSION_UPLOAD_BYTES=15)
    page = await open_page("desk")
    assert (await send(page, FILE)).status_code == 200
    assert (await send(page, FILE)).status_code == 413


async def test_broken_and_empty_forms_are_refused(desk: Callable[..., None], open_page: Any) -> None:
    desk()
    page = await open_page("desk")
    address = f"/desk/upload/?{page.welcome['blobQuery']}&component=files"
    assert (await page.http.post(address, {"text": "no file"})).json()["code"] == "upload.empty"
    assert (await page.http.post(address, b"{}", content_type="application/json")).status_code == 415
    broken = await page.http.post(address, b"--", content_type="multipart/form-data")
    assert broken.status_code == 400


async def test_files_end_with_their_session(
    desk: Callable[..., None], open_page: Any, temporary_folder: Path
) -> None:
    desk()
    page = await open_page("desk")
    await send(page, FILE)
    runtime().end_session(page.session.id)
    await page.receive_for_close()
    assert files_in(temporary_folder) == []
    assert (await send(page, FILE)).status_code == 404
