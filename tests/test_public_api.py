"""What `import streamsync_django` offers, promises and costs."""

import inspect
import json
import subprocess
import sys
import types

import pytest

import streamsync_django as ss
from streamsync_django.core.application import Application
from streamsync_django.core.errors import UnsupportedFeature
from streamsync_django.core.handlers import running_arguments
from streamsync_django.core.root import StreamsyncState

#: What authors of the original know, and what the documents name.
NAMES = {
    "VERSION",
    "BytesWrapper",
    "Config",
    "EditableDataFrame",
    "EditableDataframe",
    "FileWrapper",
    "MutableValue",
    "Readable",
    "State",
    "StreamsyncState",
    "WriterState",
    "get_session",
    "init_handlers",
    "init_state",
    "init_ui",
    "middleware",
    "pack_bytes",
    "pack_file",
    "property",
    "session_manager",
    "session_verifier",
}

PUBLIC = [getattr(ss, name) for name in ss.__all__ if callable(getattr(ss, name))]


def test_every_name_is_there():
    assert set(ss.__all__) >= NAMES
    assert len(set(ss.__all__)) == len(ss.__all__)
    for name in ss.__all__:
        assert getattr(ss, name) is not None


@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: thing.__name__)
def test_every_name_has_a_docstring_of_its_own_and_types(thing):
    assert (thing.__doc__ or "").strip().endswith((".", "``."))
    if inspect.isfunction(thing):
        signature = inspect.signature(thing)
        assert signature.return_annotation is not signature.empty
        assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())


@pytest.mark.parametrize("cls", [ss.StreamsyncState, ss.EditableDataFrame, ss.MutableValue])
def test_every_method_has_a_docstring(cls):
    for name, member in vars(cls).items():
        if not name.startswith("_") and isinstance(member, types.FunctionType | property):
            assert member.__doc__, f"{cls.__name__}.{name}"


def test_importing_it_loads_nothing_heavy():
    code = "import sys, json, streamsync_django; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert "streamsync_django" in loaded
    heavy = {
        "django",
        "channels",
        "redis",
        "numpy",
        "pandas",
        "polars",
        "pyarrow",
        "plotly",
        "PIL",
        "pydantic",
    }
    assert loaded & heavy == set()


@pytest.mark.parametrize(
    "name", ["serve", "ai", "auth", "initial_state", "base_component_tree", "component_manager"]
)
def test_a_name_without_meaning_here_says_what_to_use(name):
    with pytest.raises(UnsupportedFeature, match=f"streamsync_django.{name} is not supported: ."):
        getattr(ss, name)


def test_other_names_are_simply_not_there():
    assert not hasattr(ss, "no_such_name")


def test_the_session_is_known_while_a_handler_runs():
    assert ss.get_session() is None
    state = StreamsyncState({"x": 1})
    session = {"id": "s1", "cookies": {"a": "b"}, "headers": {"accept": "*"}, "userinfo": {}}
    token = running_arguments.set({"state": state, "session": session})
    try:
        current = ss.get_session()
        assert current is not None
        assert (current.session_id, current.cookies, current.session_state) == ("s1", {"a": "b"}, state)
        assert ss.session_manager.get_session("s1") == current
        with pytest.raises(UnsupportedFeature, match=r"ss\.push"):
            ss.session_manager.get_session("another")
    finally:
        running_arguments.reset(token)


@pytest.mark.parametrize("answer", [None, 1, "yes"])
def test_a_verifier_returns_true_or_false_exactly(answer):
    application = Application("shop", None)
    from streamsync_django.core.handlers import Handler

    application.verifiers.append(Handler.of("check", lambda cookies: answer))
    with pytest.raises(ValueError, match="must return True or False"):
        application.admits({}, {})
