"""What one visitor's handlers print is nobody else's."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from streamsync_django.core.journal import LogEntry
from streamsync_django.hosting import get_registry
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import ServeFolder

#: Of each of the two visitors; every thread starts another one that prints half of its lines.
THREADS, LINES = 25, 200

MAIN = f"""
import threading
import streamsync_django as ss

ss.init_state({{"done": False}})

def talk(state, session):
    who = session["id"]

    def say(thread, part, lines):
        for line in range(lines):
            print(who, thread, part, line)

    def work(thread):
        child = threading.Thread(target=say, args=(thread, "child", {LINES // 2}))
        child.start()
        say(thread, "parent", {LINES // 2})
        child.join()

    threads = [threading.Thread(target=work, args=(number,)) for number in range({THREADS})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state["done"] = True
"""


async def test_two_visitors_print_ten_thousand_lines_from_fifty_threads_and_none_leaks_or_is_lost(
    serve: ServeFolder, open_page: Any, tmp_path: Path, capsys: Any
) -> None:
    serve(talk=write_application(tmp_path / "talk", MAIN, [button("talk", "talk")]))
    heard: list[LogEntry] = []
    stop = get_registry().log.listen(heard.append)
    pages: list[Page] = [await open_page("talk"), await open_page("talk")]
    numbers = [await page.trigger("talk", payload={}) for page in pages]
    for page, number in zip(pages, numbers, strict=True):
        await page.until(lambda page=page, number=number: number in page.results, 60)
    stop()

    lines = [
        (line, entry.session, entry.event)
        for entry in heard
        if entry.kind == "print"
        for line in entry.message.splitlines()
    ]
    assert len(lines) == 2 * THREADS * LINES == 10_000
    assert len({line for line, *_ in lines}) == 10_000, "none twice, none torn"
    assert all(line.split()[0] == session for line, session, _ in lines), "none in another's log"
    assert Counter(session for _, session, _ in lines) == dict.fromkeys(runtime().sessions, THREADS * LINES)
    assert {(session, event) for _, session, event in lines} == {
        (page.session.id, number) for page, number in zip(pages, numbers, strict=True)
    }
    assert "parent" not in capsys.readouterr().out, "nor on the server's own output"
    await asyncio.gather(*(page.sees("done", True) for page in pages))
