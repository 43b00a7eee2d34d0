"""Rows of large tables over HTTP: whose they are, what may be asked, what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import Count
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from streamsync_django.core.tables import ColumnFilter, LargeTable, Question, read_filters
from tests.live import Page, button, write_application
from tests.plugins.live import open_page, serve

__all__ = ["open_page", "serve"]

pa = pytest.importorskip("pyarrow")
pytest.importorskip("polars")

MAIN = """
    import polars as pl
    import streamsync_django as ss

    def make(start):
        return pl.DataFrame({"n": range(start, start + 6_000), "city": ["Ärhus", "Paris", "東京"] * 2_000})

    ss.init_state({
        "base": make(0), "_secret": make(10_000), "mine": None, "small": pl.DataFrame({"n": [1]}),
        "_kept": {"table": make(40_000)},
    })

    def fill(state):
        state["mine"] = make(20_000)
        state["_hidden"] = make(30_000)

    def replace(state):
        state["mine"] = None
"""
ON_PAGE = [button("fill", "fill"), button("replace", "replace")]

OpenPage = Callable[..., Any]


def name_of(value: dict[str, Any]) -> str:
    """Return the digest of a table's marker."""
    assert value["$"][0] == "table"
    return str(value["$"][2])


async def get(page: Page, digest: str, http: AsyncClient | None = None, **query: Any) -> HttpResponse:
    signature = page.welcome["blobQuery"]
    address = f"/{page.slug}/blob/{digest}/rows/?{signature}"
    response: HttpResponse = await (http or page.http).get(
        address + "".join(f"&{k}={v}" for k, v in query.items())
    )
    return response


def rows(response: HttpResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    return list(pa.ipc.open_stream(response.content).read_all().to_pylist())


@pytest.fixture
async def page(open_page: OpenPage, serve: Callable[..., None], tmp_path: Path) -> Page:
    serve(shop=write_application(tmp_path / "shop", MAIN, ON_PAGE))
    return await open_page("shop")  # type: ignore[no-any-return]


async def test_rows_of_the_initial_state_are_served_by_page(page: Page) -> None:
    response = await get(page, name_of(page.state["base"]), offset=5_990, limit=20)
    assert [row["n"] for row in rows(response)] == list(range(5_990, 6_000))
    assert response["X-Total"] == "6000"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"] == "application/vnd.apache.arrow.stream"


async def test_rows_a_handler_has_made_are_served_sorted_and_searched(page: Page) -> None:
    await page.click("fill")
    digest = name_of(page.state["mine"])
    response = await get(page, digest, search="ärhus", sort="n", descending=1, limit=2)
    assert rows(response) == [
        {"n": 25_997, "city": "Ärhus", "row number": 5_997},
        {"n": 25_994, "city": "Ärhus", "row number": 5_994},
    ]
    assert response["X-Total"] == "2000"


async def test_a_table_that_was_replaced_is_gone(page: Page) -> None:
    await page.click("fill")
    digest = name_of(page.state["mine"])
    await page.click("replace")
    response = await get(page, digest)
    assert (response.status_code, json.loads(response.content)["code"]) == (404, "table.gone")


async def test_tables_under_private_keys_are_never_served(page: Page) -> None:
    from streamsync_django.core.serializers import to_wire

    await page.click("fill")
    state = page.session.state
    for value in (state["_hidden"], state["_secret"], state["_kept"]["table"]):
        digest = json.loads(to_wire(value).json)["$"][2]
        assert (await get(page, digest)).status_code == 404


async def test_nobody_else_gets_a_session_s_rows(page: Page, open_page: OpenPage) -> None:
    await page.click("fill")
    digest = name_of(page.state["mine"])
    other = await open_page("shop")
    assert (await get(other, digest)).status_code == 404, "another visitor, his own signature"
    assert (await get(page, digest, other.http)).status_code == 404, "another visitor, a signature not his"
    forged = await page.http.get(f"/shop/blob/{digest}/rows/?s=forged")
    assert forged.status_code == 404
    assert (await get(page, digest)).status_code == 200


async def test_who_may_not_open_the_application_gets_no_rows(
    open_page: OpenPage, serve: Callable[..., None], tmp_path: Path
) -> None:
    folder = write_application(tmp_path / "shop", MAIN, ON_PAGE)
    serve(shop=folder)
    page = await open_page("shop")
    serve(shop=folder, ACCESS={"shop": "login"})
    assert (await get(page, name_of(page.state["base"]))).status_code == 403


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": 1001}, "table.limit"),
        ({"limit": 0}, "table.limit"),
        ({"limit": "many"}, "table.limit"),
        ({"offset": -1}, "table.limit"),
        ({"offset": "9" * 30}, "table.limit"),
        ({"sort": "nothing"}, "table.column"),
        ({"sort": "__class__"}, "table.column"),
        ({"sort": "row number"}, "table.column"),
        ({"search": "x" * 501}, "table.search"),
        ({"format": "csv", "sort": "nothing"}, "table.column"),
        ({"filter": "n > 3"}, "table.filter"),
        ({"filter": '{"column": "n", "contains": "1"}'}, "table.filter"),
        ({"filter": '{"column": "nothing", "from": 1}'}, "table.column"),
        ({"format": "csv", "filter": '{"column": "city", "from": 1}'}, "table.filter"),
        ({"facts": "nothing"}, "table.column"),
        ({"facts": "__class__"}, "table.column"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_code(
    page: Page, query: dict[str, Any], code: str
) -> None:
    response = await get(page, name_of(page.state["base"]), **query)
    assert (response.status_code, json.loads(response.content)["code"]) == (400, code)


async def test_rows_are_filtered_by_every_column_given(page: Page) -> None:
    digest = name_of(page.state["base"])
    filters = '{"column": "n", "from": 5990}', '{"column": "city", "among": ["東京", "Paris"]}'
    response = await get(page, digest, filter="&filter=".join(quote(given) for given in filters))
    assert [row["n"] for row in rows(response)] == [5_990, 5_992, 5_993, 5_995, 5_996, 5_998, 5_999]
    assert response["X-Total"] == "7"


async def test_a_column_tells_what_it_can_be_filtered_by(page: Page) -> None:
    response = await get(page, name_of(page.state["base"]), facts="city")
    assert json.loads(response.content) == {
        **{"kind": "text", "choices": ["Paris", "Ärhus", "東京"], "least": None, "most": None},
    }


async def test_unknown_names_and_other_methods_are_refused(page: Page) -> None:
    assert (await get(page, "0" * 32)).status_code == 404
    assert (await get(page, page.state["small"]["$"][2])).status_code == 404, "it was sent whole"
    assert (await page.http.post(f"/shop/blob/{name_of(page.state['base'])}/rows/")).status_code == 405
    assert (await page.http.get(f"/nothing/blob/{'0' * 32}/rows/")).status_code == 404


async def test_a_search_is_downloaded_as_csv_in_any_alphabet(page: Page) -> None:
    response: Any = await get(page, name_of(page.state["base"]), search="東京", format="csv")
    assert response["Content-Disposition"] == 'attachment; filename="data.csv"'
    content = b"".join([part async for part in response.streaming_content])
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[:2] == ["n,city", "2,東京"]
    assert len(lines) == 1 + 2_000 + 1


def test_under_wsgi_a_download_is_streamed_too(
    client: Client, serve: Callable[..., None], tmp_path: Path
) -> None:
    from streamsync_django.hosting import get_registry

    serve(shop=write_application(tmp_path / "shop", MAIN, ON_PAGE))
    snapshot = json.loads(get_registry().get("shop").base.snapshot)
    digest = name_of(snapshot["base"])
    response: Any = client.get(f"/shop/blob/{digest}/rows/?format=csv&search=5999")
    assert b"".join(response.streaming_content).decode("utf-8-sig") == "n,city\r\n5999,東京\r\n"


# A queryset

QUERYSET = """
    import streamsync_django as ss
    from django.contrib.auth.models import User

    ss.init_state({"users": None})

    def show(state):
        state["users"] = User.objects.values("username", "is_staff", "date_joined", "id")

    def show_sliced(state):
        state["users"] = User.objects.values("username")[:5_500]
"""


def make_users() -> None:
    User.objects.bulk_create(
        User(username=f"{'ä' if n % 2 else 'b'}-{n:05}", is_staff=n % 3 == 0) for n in range(5_501)
    )


@pytest.fixture
async def users(
    transactional_db: None, open_page: OpenPage, serve: Callable[..., None], tmp_path: Path
) -> Page:
    from asgiref.sync import sync_to_async

    await sync_to_async(make_users)()
    serve(
        team=write_application(
            tmp_path / "team", QUERYSET, [button("show", "show"), button("slice", "show_sliced")]
        )
    )
    page: Page = await open_page("team")
    return page


async def test_a_queryset_is_paged_sorted_and_searched_by_the_database(users: Page) -> None:
    await users.click("show")
    kind, mime, digest, _, count = users.state["users"]["$"]
    assert (kind, mime, count) == ("table", "application/json", 5_501)

    page = json.loads((await get(users, digest, offset=5_500, limit=10)).content)
    assert page["columns"] == ["username", "is_staff", "date_joined", "id"]
    assert ([row[0] for row in page["rows"]], page["numbers"]) == (["b-05500"], [5_500])

    response = await get(users, digest, search="B-0000", sort="username", descending=1, limit=2)
    assert [row[0] for row in json.loads(response.content)["rows"]] == ["b-00008", "b-00006"]
    assert response["X-Total"] == "5"
    assert json.loads(response.content)["numbers"] == [None, None], "only unsorted rows have numbers"

    text: Any = await get(users, digest, search="b-05500", format="csv")
    lines = b"".join([part async for part in text.streaming_content]).decode("utf-8-sig").split("\r\n")
    assert lines[1].startswith("b-05500,false,20")

    refused = await get(users, digest, sort="password")
    assert refused.status_code == 400, "only columns of values() may be sorted by"


async def filtered(users: Page, *filters: dict[str, Any]) -> tuple[list[list[Any]], int]:
    """Return a page of rows, and how many there are."""
    digest = name_of(users.state["users"])
    texts = "&filter=".join(quote(json.dumps(given)) for given in filters)
    response = await get(users, digest, filter=texts, limit=3)
    assert response.status_code == 200, response.content
    return json.loads(response.content)["rows"], int(response["X-Total"])


async def test_a_queryset_is_filtered_by_the_database(users: Page) -> None:
    await users.click("show")
    found, total = await filtered(
        users, {"column": "username", "contains": "B-00"}, {"column": "is_staff", "among": [True]}
    )
    assert ([row[0] for row in found], total) == (["b-00000", "b-00006", "b-00012"], 167)
    first = found[0][3]
    found, total = await filtered(users, {"column": "id", "from": first + 1.5, "to": first + 4})
    assert ([row[3] - first for row in found], total) == ([2, 3, 4], 3)
    today = found[0][2][:10]
    assert (await filtered(users, {"column": "date_joined", "from": today, "to": "9999-12-31"}))[1] == 5_501
    assert (await filtered(users, {"column": "date_joined", "to": "2001-01-01"}))[1] == 0
    assert (await filtered(users, {"column": "username", "empty": True}))[1] == 0
    assert (await filtered(users, {"column": "username", "empty": False}))[1] == 5_501
    assert (await filtered(users, {"column": "id", "to": 1e300}))[1] == 5_501
    refused = await get(
        users, name_of(users.state["users"]), filter=quote('{"column": "password", "contains": "a"}')
    )
    assert refused.status_code == 400, "only columns of values() may be filtered by"
    facts = json.loads((await get(users, name_of(users.state["users"]), facts="is_staff")).content)
    assert (facts["kind"], facts["choices"]) == ("boolean", [False, True])
    facts = json.loads((await get(users, name_of(users.state["users"]), facts="id")).content)
    assert (facts["kind"], facts["choices"]) == ("number", None)
    assert facts["most"] - facts["least"] == 5_500


@pytest.mark.django_db
def test_a_filter_is_about_the_cell_that_is_shown_and_not_about_its_object() -> None:
    from streamsync_django.core.tables.queryset_rows import QuerySetRows

    make_users()
    groups = [Group.objects.create(name=name) for name in ("red", "blue")]
    User.objects.get(username="b-00000").groups.set(groups)
    table = LargeTable(QuerySetRows(User.objects.values("username", "groups__name")))
    for question in (
        Question(filters=_filters(column="groups__name", contains="RE")),
        Question(search="red"),
    ):
        data, total = table.page(question, 0, 10)
        assert (json.loads(data)["rows"], total) == ([["b-00000", "red"]], 1)
    assert table.page(Question(filters=_filters(column="groups__name", empty=True)), 0, 1)[1] == 5_500
    assert table.facts("groups__name").choices == ("blue", "red")


@pytest.mark.django_db
def test_groups_of_rows_are_filtered_by_what_was_counted() -> None:
    from streamsync_django.core.tables.queryset_rows import QuerySetRows

    make_users()
    table = LargeTable(QuerySetRows(User.objects.values("is_staff").annotate(how_many=Count("id"))))
    data, total = table.page(Question(filters=_filters(column="how_many", **{"from": 2_000})), 0, 10)
    assert (json.loads(data)["rows"], total) == ([[False, 3667]], 1)
    data, _ = table.page(Question(filters=_filters(column="is_staff", among=[True])), 0, 10)
    assert json.loads(data)["rows"] == [[True, 1834]]
    assert table.facts("how_many").kind == "number"


async def test_a_sliced_queryset_is_a_list_as_before(users: Page) -> None:
    await users.click("slice")
    assert len(users.state["users"]) == 5_500


@pytest.mark.django_db
def test_a_queryset_is_never_evaluated_whole() -> None:
    from streamsync_django.core.serializers import to_wire

    make_users()
    with CaptureQueriesContext(connection) as queries:
        to_wire(User.objects.values("username"))
    assert all("LIMIT" in query["sql"] or "COUNT" in query["sql"] for query in queries)
    (first,) = to_wire(User.objects.values("username")).binaries
    with CaptureQueriesContext(connection) as queries:
        first.table.page(_search("ä"), 0, 10)  # type: ignore[attr-defined]
        first.table.page(_search("ä"), 10, 10)  # type: ignore[attr-defined]
    assert sum("COUNT" in query["sql"] for query in queries) == 1, "the count is kept"
    assert sum("LIMIT" in query["sql"] for query in queries) == 2


def _search(text: str) -> Question:
    return Question(search=text)


def _filters(**condition: Any) -> tuple[ColumnFilter, ...]:
    return read_filters([json.dumps(condition)])
