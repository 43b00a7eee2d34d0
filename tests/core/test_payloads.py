"""Payload checks: the table of cases, and files by hand; random payloads are in tests/properties."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads import (
    PAYLOAD_KINDS,
    PayloadRules,
    UploadedFile,
    check_payload,
    parse_data_url,
)
from tests.properties.shapes import is_modifiers

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "payloads.json").read_text("utf-8")
)
PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


def data_url(data: bytes, media_type: str = "text/plain") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def uploads(**files: UploadedFile) -> PayloadRules:
    return PayloadRules(resolve_upload=lambda token: files[token])


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}-{n}" for n, case in enumerate(CASES)])
def test_a_payload_is_checked_as_the_table_says(case: dict[str, Any]) -> None:
    rules = PayloadRules(**case.get("rules", {}))
    if case.get("refused"):
        with pytest.raises(PayloadError):
            check_payload(case["kind"], case["payload"], rules)
    else:
        result = check_payload(case["kind"], case["payload"], rules)
        assert result == case["result"]
        assert type(result) is type(case["result"])


def test_every_kind_of_the_catalogue_is_in_the_table() -> None:
    assert {case["kind"] for case in CASES} - {"unknown"} == set(PAYLOAD_KINDS)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["number", "integer", "raw"])
def test_numbers_that_are_none_are_refused(kind: str, number: float) -> None:
    with pytest.raises(PayloadError):
        check_payload(kind, number)


@pytest.mark.parametrize("kind", ["text", "raw", "chatbotAction", "pageKey", "date"])
def test_half_of_a_surrogate_pair_is_refused(kind: str) -> None:
    with pytest.raises(PayloadError):
        check_payload(kind, "\ud800")


def test_a_text_may_be_one_mebibyte_and_no_more() -> None:
    assert check_payload("text", "x" * 1024**2)
    with pytest.raises(PayloadError, match="too long"):
        check_payload("text", "x" * (1024**2 + 1))


def test_nesting_of_any_depth_costs_no_stack() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for kind in PAYLOAD_KINDS:
        with pytest.raises(PayloadError):
            check_payload(
                kind, {"record": deep, "data": deep, "key": deep, "routeVars": deep, "ctrlKey": deep}
            )
        with pytest.raises(PayloadError):
            check_payload(kind, deep)
    while deep:  # taken apart by hand: freeing it recursively is Python's own weak spot
        deep = deep.pop()


def test_integer_keys_of_options_are_text_to_the_browser() -> None:
    assert check_payload("option", "1", PayloadRules(options={1: "One"})) == "1"


def test_what_is_refused_is_not_repeated_in_the_message() -> None:
    with pytest.raises(PayloadError) as caught:
        check_payload("option", "<script>" * 1000, PayloadRules(options=["a"]))
    assert "script" not in str(caught.value)
    assert caught.value.code == "event.payload"


def test_files_come_from_data_urls_and_uploads_alike() -> None:
    rules = uploads(token=UploadedFile("b.csv", "text/csv", b"b"))
    sent = [{"name": "a.txt", "type": "text/plain", "data": data_url(b"a")}, {"upload": "token"}, "data:,c"]
    assert check_payload("files", sent, rules) == [
        {"name": "a.txt", "type": "text/plain", "data": b"a"},
        {"name": "b.csv", "type": "text/csv", "data": b"b"},
        {"name": "", "type": "text/plain", "data": b"c"},
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\dir\\a.txt", "a.txt"),
        ("a\x00\n.txt", "a.txt"),
        ("..", ""),
        ("x/", ""),
    ],
)
def test_a_files_name_is_no_path(sent: str, kept: str) -> None:
    files: Any = check_payload("files", [{"name": sent, "type": "<b>", "data": "data:,"}])
    assert files == [{"name": kept, "type": "", "data": b""}]


def test_an_unknown_upload_is_refused() -> None:
    with pytest.raises(PayloadError, match="expired"):
        check_payload("files", [{"upload": "gone"}], uploads())
    with pytest.raises(PayloadError, match="text"):
        check_payload("files", [{"upload": ["gone"]}], uploads())


def test_uploads_count_towards_the_size_of_an_event() -> None:
    big = UploadedFile("big", "", b"x" * 10)
    rules = PayloadRules(resolve_upload=lambda token: big, max_bytes=15)
    assert check_payload("files", [{"upload": "a"}], rules)
    with pytest.raises(PayloadError, match="too large"):
        check_payload("files", [{"upload": "a"}, {"upload": "b"}], rules)


def test_a_picture_is_known_by_its_bytes() -> None:
    assert check_payload("picture", data_url(PNG, "image/png")) == PNG
    assert (
        check_payload("picture", {"data": data_url(b"\xff\xd8\xffrest", "image/jpeg")}) == b"\xff\xd8\xffrest"
    )
    assert check_payload("picture", {"upload": "t"}, uploads(t=UploadedFile("", "", PNG))) == PNG
    with pytest.raises(PayloadError, match="PNG or JPEG"):
        check_payload("picture", data_url(b"<svg onload=x>", "image/png"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("data:,", ("text/plain", b"")),
        ("data:,a%20b%00", ("text/plain", b"a b\x00")),
        ("data:text/html;charset=utf-8,%C3%BC", ("text/html", "ü".encode())),
        ("data:text/plain,ü", ("text/plain", "ü".encode())),
        ("DATA:image/PNG;base64,QUI=", ("image/png", b"AB")),
        ("data:;base64,QUI", ("text/plain", b"AB")),
        ("data:;base64,QUI%3D", ("text/plain", b"AB")),
        ("data:a/b;x=1;base64,", ("a/b", b"")),
        ("data:nonsense,a,b", ("text/plain", b"a,b")),
    ],
)
def test_a_data_url_is_parsed_by_hand(url: str, expected: tuple[str, bytes]) -> None:
    assert parse_data_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data",
        "data:",
        "data:x",
        " data:,x",
        "file:///etc/passwd",
        "http://localhost/",
        "jar:file:x!/",
        "ftp:,x",
        "javascript:alert(1),",
        "data:;base64,Q",
        "data:;base64,Q*I=",
        "data:;base64,ü",
        "data:,\ud800",
    ],
)
def test_no_other_url_is_ever_opened(url: str) -> None:
    with pytest.raises(PayloadError):
        parse_data_url(url)


@pytest.mark.parametrize("odd", [object(), {1, 2}, (1, 2), b"x", {1: 2}, {"a": object()}, [object()]])
@pytest.mark.parametrize("kind", sorted(PAYLOAD_KINDS))
def test_what_is_not_even_json_is_refused(kind: str, odd: object) -> None:
    if kind == "click" and isinstance(odd, dict):
        assert is_modifiers(check_payload(kind, odd))  # keys it does not know are not looked at
    elif kind == "hashchange" and isinstance(odd, dict):
        assert check_payload(kind, odd) == {"page_key": None, "route_vars": {}}
    else:
        with pytest.raises(PayloadError):
            check_payload(kind, odd)
