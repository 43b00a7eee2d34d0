"""The applications of a process, loaded when first asked for, and their log."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from streamsync_django.core.errors import ApplicationError
from streamsync_django.core.journal import LogEntry
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.registry import KEPT_ENTRIES, ApplicationLog, ApplicationRegistry
from tests.making_apps import make_app


def entry(message: str, application: str = "shop") -> LogEntry:
    return LogEntry(kind="print", title="Output", message=message, application=application)


def test_an_application_is_loaded_once_however_many_ask(tmp_path: Path) -> None:
    folder = make_app(tmp_path, "import sys\nsys.loaded_here = getattr(sys, 'loaded_here', 0) + 1")
    registry = ApplicationRegistry({"shop": folder}, FileLayouts())
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(registry.get("shop"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    import sys

    assert len(set(map(id, found))) == 1
    assert sys.loaded_here == 1  # type: ignore[attr-defined]
    del sys.loaded_here  # type: ignore[attr-defined]
    assert "shop" in registry
    assert "other" not in registry
    with pytest.raises(KeyError):
        registry.get("other")


def test_one_that_failed_is_tried_again(tmp_path: Path) -> None:
    folder = make_app(tmp_path, "1 / 0")
    registry = ApplicationRegistry({"shop": folder}, FileLayouts())
    for _ in range(2):
        with pytest.raises(ApplicationError):
            registry.get("shop")
    (folder / "main.py").write_text("def click(): ...")
    assert set(registry.get("shop").application.handlers) == {"click"}


def test_the_log_keeps_the_newest_of_each_application() -> None:
    log = ApplicationLog()
    log.add(entry("other", "other"))
    for number in range(KEPT_ENTRIES + 5):
        log.add(entry(str(number)))
    assert [kept.message for kept in log.entries("shop")][:2] == ["5", "6"]
    assert [kept.message for kept in log.entries("other")] == ["other"]
    assert log.entries("nothing") == []


def test_listeners_get_each_entry_until_they_stop() -> None:
    log = ApplicationLog()
    heard: list[str] = []
    stop = log.listen(lambda each: heard.append(each.message))
    log.add(entry("a"))
    stop()
    stop()
    log.add(entry("b"))
    assert heard == ["a"]


def test_entries_reach_the_servers_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        ApplicationLog().add(LogEntry(kind="error", title="failed", message="why", application="shop"))
    assert "[shop] failed: why" in caplog.text
    assert caplog.records[-1].levelname == "ERROR"
