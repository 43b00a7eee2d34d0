"""Every name takes its arguments by the names that the original's documents give them."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import streamsync_django as ss
from streamsync_django.core.errors import SerializationError, StateError
from streamsync_django.testing import Visitor
from tests.making_apps import button, make_app

SIGNATURES: list[tuple[Callable[..., Any], tuple[str, ...]]] = [
    (ss.init_state, ("raw_state", "schema")),
    (ss.pack_file, ("file", "mime_type")),
    (ss.pack_bytes, ("raw_data", "mime_type")),
    (ss.StreamsyncState.subscribe_mutation, ("path", "handler", "initial_triggered")),
    (ss.StreamsyncState.add_notification, ("type", "title", "message")),
    (ss.StreamsyncState.add_log_entry, ("type", "title", "message", "code")),
    (ss.StreamsyncState.file_download, ("data", "file_name")),
    (ss.StreamsyncState.open_url, ("url",)),
    (ss.StreamsyncState.set_page, ("active_page_key",)),
    (ss.StreamsyncState.set_route_vars, ("route_vars",)),
    (ss.StreamsyncState.import_stylesheet, ("stylesheet_key", "path")),
    (ss.StreamsyncState.import_script, ("script_key", "path")),
    (ss.StreamsyncState.import_frontend_module, ("module_key", "specifier")),
    (ss.StreamsyncState.call_frontend_function, ("module_key", "function_name", "args")),
    (ss.StreamsyncState.add_mail, ("type", "payload")),
]
METHODS = (
    *(
        "items",
        "remove",
        "to_dict",
        "to_raw_state",
        "ingest",
        "user_state",
        "get_clone",
        "mail",
        "clear_mail",
    ),
    *("flush", "subscribe_mutation", "add_notification"),
)


@pytest.mark.parametrize(("function", "names"), SIGNATURES, ids=lambda value: getattr(value, "__name__", ""))
def test_arguments_have_their_names(function: Callable[..., Any], names: tuple[str, ...]) -> None:
    parameters = [name for name in inspect.signature(function).parameters if name != "self"]
    assert tuple(parameters) == names


@pytest.mark.parametrize("name", METHODS)
def test_a_state_has_every_method(name: str) -> None:
    assert hasattr(ss.StreamsyncState({"a": 1}), name)


def test_to_dict_is_what_the_browser_sees_as_plain_json() -> None:
    state = ss.StreamsyncState({"a": 1, "_b": 2, "n": {"_c": 3, "d": [float("nan"), b"x", {"$": 1}]}})
    url = "data:application/octet-stream;base64," + base64.b64encode(b"x").decode()
    assert state.to_dict() == {"a": 1, "n": {"d": [None, url, {"$": 1}]}}
    assert state["n"].to_dict() == {"d": [None, url, {"$": 1}]}
    state["bad"] = object()
    with pytest.raises(SerializationError, match="object"):
        state.to_dict()
    with pytest.raises(StateError):
        state[1] = 2  # type: ignore[index]


def test_what_is_shared_is_in_to_dict(tmp_path: Path) -> None:
    main = """
        import streamsync_django as ss
        ss.init_state({"x": 1})
        ss.shared_state({"votes": {"tea": 0}, "_hidden": 1})

        def go(state):
            state["copy"] = state.to_dict()
    """
    with Visitor(make_app(tmp_path, main, button("Go", "go"))) as visitor:
        visitor.click("Go")
        assert visitor.state["copy"] == {"x": 1, "shared": {"votes": {"tea": 0}}}


def test_pack_file_in_a_handler_starts_at_the_applications_folder(tmp_path: Path) -> None:
    main = """
        import threading
        import streamsync as ss

        ss.init_state(raw_state={"at_start": ss.pack_file("note.txt")})

        def go(state):
            state.file_download(ss.pack_file("note.txt"), "copy.txt")
            state["later"] = ss.pack_file(file="note.txt")
            thread = threading.Thread(target=lambda: state.update(threaded=ss.pack_file("note.txt")))
            thread.start()
            thread.join()
    """
    folder = make_app(tmp_path, main, button("Go", "go"))
    (folder / "note.txt").write_text("hello")
    with Visitor(folder) as visitor:
        assert visitor.click("Go").status == "ok"
        assert visitor.downloads == {"copy.txt": b"hello"}
        assert {key: bytes(visitor.state[key]) for key in ("at_start", "later", "threaded")} == dict.fromkeys(
            ("at_start", "later", "threaded"), b"hello"
        )


def test_main_py_has_a_logger(tmp_path: Path) -> None:
    main = """
        import writer as wf
        wf.init_state({})
        logger.info("starting")

        def go(state):
            logger.info("%d %%", 5)
    """
    with Visitor(make_app(tmp_path, main, button("Go", "go"))) as visitor:
        visitor.click("Go")
        assert [(entry.kind, entry.message) for entry in visitor.log] == [("log", "starting"), ("log", "5 %")]
