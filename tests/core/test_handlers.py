"""Which functions are handlers, what they ask for, and how they are run."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import pytest

from streamsync_django.core.errors import HandlerCancelled, HandlerError, SessionLost
from streamsync_django.core.handlers import (
    Handler,
    Late,
    call_handler,
    close_thread_loop,
    module_handlers,
    public_functions,
)


def call(function: Any, available: dict[str, Any] | None = None, **options: Any) -> Any:
    return call_handler(Handler.of("handler", function), available or {}, **options)


def test_public_functions_are_handlers_and_nothing_else_is() -> None:
    def wrapped(function: Any) -> Any:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return inner

    namespace = {
        "click": lambda: None,
        "decorated": wrapped(lambda state: state),
        "_hidden": lambda: None,
        "Class": type("Class", (), {}),
        "value": 5,
        "module": threading,
        "bound": [].append,
    }
    handlers = public_functions(namespace)
    assert set(handlers) == {"click", "decorated"}
    assert handlers["decorated"].parameters == ("state",)


def test_a_modules_own_functions_are_named_after_it() -> None:
    module = ModuleType("package.actions")
    exec("def save(): ...\ndef _hidden(): ...", vars(module))
    vars(module)["imported"] = test_public_functions_are_handlers_and_nothing_else_is
    assert set(module_handlers(module)) == {"actions.save"}


def test_only_what_a_handler_asks_for_is_given_and_made() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("ui")
        return "the ui"

    available = {"state": 1, "ui": Late(make)}
    assert call(lambda state: state, available) == 1
    assert made == []
    assert call(lambda *, ui: ui, available) == "the ui"
    assert call(lambda mine=5: mine, available) == 5
    assert call(lambda payload=None, state=2: (payload, state), {"state": 1, "payload": 7}) == (7, 1)


def test_the_authors_exception_is_the_cause() -> None:
    def broken() -> None:
        raise KeyError("x")

    with pytest.raises(HandlerError, match="handler raised KeyError") as caught:
        call(broken)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("error", [HandlerCancelled("x"), SessionLost("x")])
def test_what_ends_a_run_or_a_session_passes_unchanged(error: BaseException) -> None:
    def end() -> None:
        raise error

    with pytest.raises(type(error)):
        call(end)


def test_a_generator_returns_and_flushes_at_each_yield() -> None:
    flushed: list[int] = []

    def steps() -> Iterator[None]:
        yield
        yield
        return "end"  # type: ignore[return-value]

    assert call(steps, flush=lambda: flushed.append(1)) == "end"
    assert flushed == [1, 1]


def test_a_threads_event_loop_is_kept_between_calls_and_closed_with_it() -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    loops: list[asyncio.AbstractEventLoop] = []

    def work() -> None:
        loops.append(call(loop))
        loops.append(call(loop))
        close_thread_loop()
        close_thread_loop()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert loops[0] is loops[1]
    assert loops[0].is_closed()


def test_a_middleware_may_be_plain_and_may_turn_an_error_into_another() -> None:
    said: list[str] = []

    def plain(state: Any) -> None:
        said.append(f"plain {state}")

    def translating() -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise KeyError("translated") from error

    def swallowing() -> Iterator[None]:
        try:
            yield
        except ValueError:
            said.append("seen")

    def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(HandlerError, match="KeyError"):
        call(broken, {"state": 1}, middlewares=[Handler.of("a", plain), Handler.of("b", translating)])
    with pytest.raises(HandlerError, match="ValueError"):
        call(broken, middlewares=[Handler.of("c", swallowing)])
    assert said == ["plain 1", "seen"]


def test_parameters_may_be_given_by_their_place_only() -> None:
    def placed(payload: Any, state: Any, /, context: Any, *, user: Any, extra: int = 5) -> Any:
        return payload, state, context, user, extra

    assert call(placed, {"state": 1, "payload": 2, "context": 3, "user": 4}) == (2, 1, 3, 4, 5)


def test_an_exception_that_cannot_say_what_it_is_is_told_nevertheless() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ZeroDivisionError

    def broken() -> None:
        raise Mute

    with pytest.raises(HandlerError, match="handler raised Mute: it could not say what"):
        call(broken)


def test_a_cancelled_handler_that_goes_on_after_every_exception_ends_nevertheless() -> None:
    def stubborn() -> None:
        while True:
            with contextlib.suppress(Exception):
                raise HandlerCancelled("cancelled")

    with pytest.raises(HandlerCancelled):
        call(stubborn)


def test_a_flush_that_ends_a_generator_lets_it_clean_up_first() -> None:
    done: list[str] = []

    def steps() -> Iterator[None]:
        try:
            yield
        finally:
            done.append("plain")

    async def async_steps() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await asyncio.sleep(0)
            done.append("async")

    def cancel() -> None:
        raise HandlerCancelled("cancelled")

    for function in (steps, async_steps):
        with pytest.raises(HandlerCancelled) as caught:
            call(function, flush=cancel)
        assert caught.value.__traceback__ is not None, "which holds on to the generator"
        done.append("ended")
    close_thread_loop()
    assert done == ["plain", "ended", "async", "ended"]


def test_what_a_coroutine_leaves_running_ends_with_it_and_not_in_another_run() -> None:
    said: list[str] = []

    async def going_on() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            said.append("cancelled")
            raise

    async def leaving() -> None:
        for _ in range(2):
            asyncio.get_running_loop().create_task(going_on())
        await asyncio.sleep(0)

    async def failing() -> None:
        await leaving()
        raise ValueError

    call(leaving)
    assert said == ["cancelled", "cancelled"]
    with pytest.raises(HandlerError, match="ValueError"):
        call(failing)
    assert len(said) == 4
    close_thread_loop()


def test_a_middleware_may_be_asynchronous() -> None:
    said: list[str] = []

    async def around(state: Any) -> AsyncIterator[None]:
        await asyncio.sleep(0)
        said.append(f"before {state}")
        try:
            yield
        except ValueError:
            said.append("seen")
            raise KeyError("translated") from None
        finally:
            await asyncio.sleep(0)
            said.append("after")

    async def plain() -> None:
        said.append("plain")

    async def handler() -> str:
        said.append("handler")
        return "returned"

    def broken() -> None:
        raise ValueError

    middlewares = [Handler.of("around", around), Handler.of("plain", plain)]
    assert call(handler, {"state": 1}, middlewares=middlewares) == "returned"
    assert said == ["before 1", "plain", "handler", "after"]
    with pytest.raises(HandlerError, match="KeyError"):
        call(broken, {"state": 1}, middlewares=middlewares)
    assert said[4:] == ["before 1", "plain", "seen", "after"]
    close_thread_loop()
