"""A table of 1,000,000 x 20: how soon its first rows are there, and what scrolling, sorting and searching cost."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.processes import usage_of, web_server
from benchmarks.visitors import Page, WrongAnswer, click_message, get_page, greeted

ROWS = 1_000_000
KINDS = ("polars", "pyarrow", "pandas")
#: What a visitor does, as the query of the rows asked for; the first time and again.
QUESTIONS = {
    "a page": "offset={offset}&limit=200",
    "sorted by a number": "offset={offset}&limit=200&sort=price 3",
    "sorted by a text": "offset={offset}&limit=200&sort=name 1&descending=1",
    "a word searched for": "offset=0&limit=200&search=ÄRHUS",
    "a number searched for": "offset=0&limit=200&search=98.76",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of table: what a visitor waits for, in milliseconds, and what crosses the wire, in bytes."""

    kind: str
    name: str
    first_ms: float
    again_ms: float
    bytes: int

    def to_json(self) -> dict[str, object]:
        """Return the figure for a report."""
        return asdict(self)


def heading() -> str:
    """Return the first line of the printed table."""
    return f"{'table':8} {'what':24} {'first ms':>9} {'again ms':>9} {'KiB':>7}"


def row(figure: Figure) -> str:
    """Return a line of the printed table."""
    return f"{figure.kind:8} {figure.name:24} {figure.first_ms:9.0f} {figure.again_ms:9.1f} {figure.bytes / 1024:7.0f}"


def measure(server: str = "uvicorn", repeats: int = 9) -> Iterator[Figure]:
    """Start a server whose application has the tables, and yield each figure as soon as it is measured."""
    os.environ["STREAMSYNC_BENCH_TABLES"] = "1"
    try:
        with web_server(server, None) as process:
            for kind in KINDS:
                yield from asyncio.run(_of_kind(process.port, kind, repeats))
            yield Figure("server", "its memory at the end", 0, 0, usage_of(process.pid).resident_bytes)
    finally:
        del os.environ["STREAMSYNC_BENCH_TABLES"]


async def _of_kind(port: int, kind: str, repeats: int) -> list[Figure]:
    page = await asyncio.to_thread(get_page, port, "", "tables")
    client, welcome, _ = await greeted(port, page, token=None)
    frames: asyncio.Queue[bytes] = asyncio.Queue()
    client.on_binary = frames.put_nowait
    client.on_text = frames.put_nowait  # the same rows are not sent twice: from then on patches are texts
    times: list[float] = []
    digest, size, receipt = "", 0, 0
    try:
        for number in range(1, repeats + 1):
            started = time.perf_counter()
            target = [["root", 0], ["page", 0], [kind, 0]]
            version = number - 1
            client.send(click_message(number, target, version, page.boot["layout"]["revision"], receipt))
            async with asyncio.timeout(60):
                frame = await frames.get()
            times.append((time.perf_counter() - started) * 1000)
            header = _header_of(frame)
            digest, size, receipt = _digest_of(header), max(size, len(frame)), header["receipt"]
        figures = [Figure(kind, "the first rows", times[0], statistics.median(times[1:]), size)]
        address = f"{page.boot['urls']['blob']}{digest}/rows/?{welcome['blobQuery']}&"
        for name, question in QUESTIONS.items():
            ask = _asker(port, page, address, question)
            figures.append(await asyncio.to_thread(_asked, kind, name, ask, repeats))
        return figures
    finally:
        client.close()


def _header_of(frame: bytes) -> dict[str, Any]:
    is_text = frame.startswith(b"{")
    header: dict[str, Any] = json.loads(frame if is_text else frame[4 : 4 + int.from_bytes(frame[:4], "big")])
    return header


def _digest_of(header: dict[str, Any]) -> str:
    [[path, value]] = header["set"]
    if path != ["table"] or value["$"][0] != "table" or value["$"][4] != ROWS:
        raise WrongAnswer(f"a table of {ROWS} rows was due, not {header}")
    if header["results"][0][1] != "ok":
        raise WrongAnswer(f"the click was answered {header['results']}")
    return str(value["$"][2])


def _asker(port: int, page: Page, address: str, question: str) -> Callable[[int], bytes]:
    """Return a function that gets rows from a place on; one connection for all, as a browser keeps it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(offset: int) -> bytes:
        query = quote(question.format(offset=offset), safe="=&")
        connection.request("GET", address + query, headers={"Cookie": page.cookie})
        response = connection.getresponse()
        content = response.read()
        if response.status != 200 or int(response.headers["X-Total"]) == 0:
            raise WrongAnswer(f"rows were due, not {response.status}: {content[:300]!r}")
        return content

    return ask


def _asked(kind: str, name: str, ask: Callable[[int], bytes], repeats: int) -> Figure:
    times: list[float] = []
    content = b""
    for number in range(repeats):
        started = time.perf_counter()
        content = ask(number * 7919 * 17 % (ROWS - 200))
        times.append((time.perf_counter() - started) * 1000)
    return Figure(kind, name, times[0], statistics.median(times[1:]), len(content))


def report(*, is_quick: bool) -> list[dict[str, Any]]:
    """Measure, print, and return what a report says."""
    print("\nA table of 1,000,000 x 20: the first rows after a click, then rows over HTTP\n")
    print(heading(), flush=True)
    figures = []
    for figure in measure(repeats=2 if is_quick else 9):
        print(row(figure), flush=True)
        figures.append(figure.to_json())
    return figures
