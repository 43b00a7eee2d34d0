"""Event handlers: which functions are, what they are called with, and the one door to them."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, closing, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import msgspec

from .errors import HandlerCancelled, HandlerError, SessionError, described

#: What a handler may ask for by the names of its parameters.
ARGUMENT_NAMES = ("state", "payload", "context", "session", "user", "app", "ui")

#: Arguments of the original that nobody gives here, and what there is in their place.
INSTEAD_OF_ARGUMENT = {
    "vault": "secrets belong into Django's settings",
    "blueprint_runner": "there are no blueprints; call a function of yours",
}

#: What the handler that this thread, or task, runs may ask for; code that a mutation triggers may as well.
running_arguments: ContextVar[Mapping[str, Any] | None] = ContextVar("streamsync_arguments", default=None)


@dataclass(frozen=True, slots=True)
class Handler:
    """A public function of an application, and what it asks for by name."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[str, ...]
    #: Those of the parameters that can only be given by their place.
    by_place: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, function: Callable[..., Any]) -> Handler:
        """Read what `function` asks for; parameters with a default are left to it."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # a C function without a signature asks for nothing
            return cls(name, function, ())
        wanted = [
            parameter
            for parameter in signature.parameters.values()
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            and (parameter.default is parameter.empty or parameter.name in ARGUMENT_NAMES)
        ]
        by_place = [parameter.name for parameter in wanted if parameter.kind is parameter.POSITIONAL_ONLY]
        return cls(name, function, tuple(parameter.name for parameter in wanted), tuple(by_place))

    def start(self, available: Mapping[str, Any]) -> Any:
        """Call the function with what it asks for; of a generator or a coroutine nothing has run then."""
        arguments = _arguments(self, available)
        placed = [arguments.pop(name) for name in self.by_place]
        return self.function(*placed, **arguments)


def public_functions(namespace: Mapping[str, object], prefix: str = "") -> dict[str, Handler]:
    """Return the functions of a module that are handlers, by name; a leading ``_`` hides one."""
    return {
        prefix + name: Handler.of(prefix + name, value)
        for name, value in namespace.items()
        if not name.startswith("_") and inspect.isfunction(value) and not _is_ours(value)
    }


def _is_ours(function: Callable[..., Any]) -> bool:
    """Tell a function of this package, such as an imported `init_state`, from an author's."""
    return (function.__module__ or "").partition(".")[0] == __name__.partition(".")[0]


def module_handlers(module: ModuleType) -> dict[str, Handler]:
    """Return a module's own public functions under ``<module>.<name>``."""
    short = module.__name__.rpartition(".")[2]
    own = {
        name: value
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__
    }
    return public_functions(own, prefix=f"{short}.")


def call_handler(
    handler: Handler,
    available: Mapping[str, Any],
    *,
    middlewares: Iterable[Handler] = (),
    flush: Callable[[], None] | None = None,
) -> Any:
    """Run user code: the only place in the package that does.

    `available` has everything a handler may ask for. A generator is run to its end, with `flush`
    called at each ``yield``; a coroutine runs in an event loop of this thread. Raises HandlerError
    with the author's exception as its cause; what ends a session or a run passes unchanged.
    """
    token = running_arguments.set(available)
    try:
        return invoke(handler, available, tuple(middlewares), flush)
    except (SessionError, HandlerCancelled):
        raise
    except BaseException as error:  # sys.exit() and asyncio's cancellation end this handler, not its thread
        raise HandlerError(f"{handler.name} raised {described(error)}") from error
    finally:
        running_arguments.reset(token)


def invoke(
    handler: Handler,
    available: Mapping[str, Any],
    middlewares: Sequence[Handler],
    flush: Callable[[], None] | None,
) -> Any:
    """Run user code inside of user code, such as a subscription: its exceptions pass as they are."""
    if not middlewares:
        return _finish(handler.start(available), flush)
    with ExitStack() as around:
        for middleware in middlewares:
            around.enter_context(_around(middleware, available))
        return _finish(handler.start(available), flush)


def _arguments(handler: Handler, available: Mapping[str, Any]) -> dict[str, Any]:
    arguments = {}
    for name in handler.parameters:
        if name not in available:
            names = ", ".join(available)
            advice = f" ({INSTEAD_OF_ARGUMENT[name]})" if name in INSTEAD_OF_ARGUMENT else ""
            raise TypeError(
                f"{handler.name}() asks for {name!r}, but a handler can only ask for: {names}{advice}"
            )
        value = available[name]
        arguments[name] = value() if isinstance(value, Late) else value
    return arguments


class Late(msgspec.Struct, frozen=True):
    """An argument that is made only when a handler asks for it."""

    make: Callable[[], Any]

    def __call__(self) -> Any:
        return self.make()


@contextmanager
def _around(middleware: Handler, available: Mapping[str, Any]) -> Generator[None]:
    """Run a middleware's code before its ``yield`` on entry, the rest on exit."""
    result = middleware.start(available)
    if inspect.isasyncgen(result):
        result = _in_this_thread(result)
    if not inspect.isgenerator(result):
        _finish(result, None)
        yield
        return
    next(result, None)
    try:
        yield
    except BaseException as error:
        try:
            result.throw(error)
        except StopIteration:
            raise error from None
        raise
    else:
        for _ in result:
            pass


def _in_this_thread(steps: AsyncGenerator[Any, Any]) -> Generator[Any]:
    """Run an asynchronous generator's steps one by one, each as a coroutine of its own."""

    async def go_on(error: BaseException | None = None) -> bool:
        try:
            await (anext(steps) if error is None else steps.athrow(error))
        except StopAsyncIteration:
            return False
        return True

    while _run(go_on()):
        try:
            yield
        except BaseException as error:
            _run(go_on(error))
            raise


def _finish(result: Any, flush: Callable[[], None] | None) -> Any:
    """Run what the function left to be run: a generator's steps, or a coroutine."""
    if inspect.isgenerator(result):
        return _drain(result, flush)
    if inspect.iscoroutine(result):
        return _run(result)
    if inspect.isasyncgen(result):
        return _run(_adrain(result, flush))
    return result


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end: in this thread's loop, or in a thread of its own where that one is busy."""
    if asyncio._get_running_loop() is None:
        return _thread_loop().run(coroutine)
    # A coroutine assigned to the state, and what follows it is a coroutine too: the assignment waits.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, asyncio.run, coroutine).result()


def _drain(steps: Generator[Any, Any, Any], flush: Callable[[], None] | None) -> Any:
    with closing(steps):  # a flush ends a cancelled handler, whose `finally` is to run now
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                return stop.value
            if flush is not None:
                flush()


async def _adrain(steps: AsyncGenerator[Any, Any], flush: Callable[[], None] | None) -> None:
    async with aclosing(steps):
        async for _ in steps:
            if flush is not None:
                flush()


_local = threading.local()


class _ThreadLoop:
    """One worker thread's own event loop, kept from call to call.

    What a coroutine leaves running is cancelled when it ends, as `asyncio.run` does: it would stand still until
    the thread has another coroutine to run, somebody else's.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner.get_loop().set_task_factory(self._make_task)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self._runner.run(coroutine, context=copy_context())
        finally:
            if self._tasks:
                self._runner.run(self._cancel_tasks())

    def close(self) -> None:
        self._runner.close()

    def _make_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **more)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _cancel_tasks(self) -> None:
        left = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _thread_loop() -> _ThreadLoop:
    loop: _ThreadLoop | None = getattr(_local, "loop", None)
    if loop is None:
        loop = _local.loop = _ThreadLoop()
    return loop


def close_thread_loop() -> None:
    """Close this thread's event loop, if it has one; called by a worker thread before it ends."""
    loop: _ThreadLoop | None = getattr(_local, "loop", None)
    if loop is not None:
        loop.close()
        del _local.loop
