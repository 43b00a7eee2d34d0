"""What a main.py declares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import streamsync_django as ss
from streamsync_django.core.application import Application, loading
from streamsync_django.core.errors import ApplicationError, StateError


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application("shop", Path())
    token = loading.set(made)
    yield made
    loading.reset(token)


def test_declarations_belong_to_the_application_being_loaded(application: Application) -> None:
    state = ss.init_state({"a": 1})
    assert application.initial_state is state
    assert ss.init_state({"b": 1}) is application.initial_state

    @ss.middleware()
    def around() -> Iterator[None]:
        yield

    @ss.session_verifier
    def verify(headers: Any) -> bool:
        return True

    assert [handler.name for handler in application.middlewares] == ["around"]
    assert [handler.name for handler in application.verifiers] == ["verify"]
    assert verify({}) is True


def test_outside_of_a_main_there_is_nothing_to_declare() -> None:
    with pytest.raises(ApplicationError, match=r"main\.py"):
        ss.init_state({})


def test_a_schema_is_a_subclass_of_the_states_class(application: Application) -> None:
    class Shop(ss.StreamsyncState):
        total: float

    state = ss.init_state({"total": 1.0}, schema=Shop)
    assert isinstance(state, Shop)
    assert application.make_base().state_class is Shop
    with pytest.raises(ValueError, match="schema"):
        ss.init_state({}, schema=dict)  # type: ignore[arg-type]


def test_keys_that_are_not_text_are_refused(application: Application) -> None:
    with pytest.raises(StateError, match="text"):
        ss.init_state({1: "a"})  # type: ignore[dict-item]


def test_modules_of_handlers_are_exposed_by_name(application: Application) -> None:
    module = ModuleType("actions")
    exec("def save(state): ...", vars(module))
    ss.init_handlers(module)
    ss.init_handlers([module])
    application.take_functions({"click": lambda: None})
    assert set(application.handlers) == {"actions.save", "click"}
    with pytest.raises(ValueError, match="modules"):
        ss.init_handlers(["actions"])  # type: ignore[list-item]
