"""What one main.py declared: its initial state, handlers, middlewares and verifiers."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from .base import Base
from .components import ComponentTree
from .errors import ApplicationError
from .handlers import (
    ARGUMENT_NAMES,
    INSTEAD_OF_ARGUMENT,
    Handler,
    call_handler,
    module_handlers,
    public_functions,
)
from .properties import install_properties
from .root import StreamsyncState
from .sharing import SHARED_KEY, SharedState, with_shared
from .subscriptions import refuse_following
from .ui import UIError, UserInterface

#: The application whose main.py is being executed right now.
loading: ContextVar[Application | None] = ContextVar("streamsync_loading", default=None)


@dataclass(slots=True)
class Application:
    """An application as its main.py declared it."""

    slug: str
    folder: Path
    initial_state: StreamsyncState = field(default_factory=StreamsyncState)
    handlers: dict[str, Handler] = field(default_factory=dict)
    middlewares: list[Handler] = field(default_factory=list)
    verifiers: list[Handler] = field(default_factory=list)
    description: str = ""
    #: What all sessions share, and what it began with according to this loading.
    shared: SharedState | None = None
    shared_values: Mapping[str, Any] | None = None
    #: The layout that code-made components are put over; None where there is none yet.
    layout: ComponentTree | None = None
    _ui: UserInterface | None = None

    def declare_initial_state(
        self, values: Mapping[str, Any], schema: type[StreamsyncState] | None
    ) -> StreamsyncState:
        """Set the state that new sessions start from; the last call wins."""
        if schema is not None and not (isinstance(schema, type) and issubclass(schema, StreamsyncState)):
            raise ValueError(f"schema must be a subclass of StreamsyncState, not {schema!r}")
        self.initial_state = (schema or StreamsyncState)(values)
        install_properties(self.initial_state)
        return self.initial_state

    def declare_shared(self, values: Mapping[str, Any]) -> SharedState:
        """Set what all sessions share. Loaded again, what is shared goes on, with keys that are new."""
        if self.shared_values is not None:
            raise ApplicationError("shared_state is called once per application: put all keys into one")
        self.shared_values = dict(values)
        if self.shared is None:
            self.shared = SharedState.begin(values)
        else:
            for key, value in values.items():
                if key not in self.shared:
                    self.shared[key] = value
        return self.shared

    def declare_handlers(self, modules: ModuleType | Iterable[ModuleType]) -> None:
        """Expose the public functions of other modules as ``<module>.<name>``."""
        for module in [modules] if isinstance(modules, ModuleType) else list(modules):
            if not isinstance(module, ModuleType):
                raise ValueError(f"init_handlers takes modules, not {type(module).__name__}: {module!r}")
            self.handlers.update(module_handlers(module))

    def take_functions(self, namespace: Mapping[str, object]) -> None:
        """Make the public functions of main.py handlers, imported ones included."""
        self.handlers = {**self.handlers, **public_functions(namespace)}

    def expose(self, function: Callable[..., Any]) -> str:
        """Return the name under which a component made by code calls a function, making it a handler.

        Raises UIError for one that no name leads to, such as a lambda.
        """
        module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
        if not inspect.isfunction(function) or "." in name or not name.isidentifier():
            raise UIError(f"handlers are functions at the top of a module, or their names, not {function!r}")
        if name.startswith("_"):
            raise UIError(f"{name} begins with _ and is no handler")
        short = module.rpartition(".")[2]
        known = self.handlers.get(name)
        if short == "main" or (known is not None and known.function is function):
            public_name = name
        else:
            public_name = f"{short}.{name}"
        self.handlers.setdefault(public_name, Handler.of(public_name, function))
        return public_name

    @property
    def ui(self) -> UserInterface:
        """The components that code makes for every session."""
        if self._ui is None:
            self._ui = UserInterface(lambda: self.layout or _empty_layout(), self.expose)
        return self._ui

    def over(self, layout: ComponentTree) -> ComponentTree:
        """Return a layout with the components that code made put over it."""
        return layout if self._ui is None else self._ui.layer.over(layout)

    def admits(self, cookies: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Ask every session verifier whether a session may begin.

        Raises ValueError when one returns anything but True or False, HandlerError when one raises.
        """
        for verifier in self.verifiers:
            answer = call_handler(verifier, {"cookies": dict(cookies), "headers": dict(headers)})
            if answer is not True and answer is not False:
                raise ValueError(
                    f"session verifier {verifier.name} must return True or False, not {answer!r}"
                )
            if not answer:
                return False
        return True

    def find_unknown_arguments(self, tree: ComponentTree) -> Iterator[str]:
        """Yield what is wrong with the parameters of functions that will be called."""
        named = {name for component in tree.values() for name in component.handlers.values()}
        called = [self.handlers[name] for name in sorted(named) if name in self.handlers]
        yield from _unknown([*called, *self.middlewares], ARGUMENT_NAMES)
        yield from _unknown(self.verifiers, ("cookies", "headers"))

    def make_base(self) -> Base:
        """Freeze the initial state for the sessions to come."""
        if self.shared_values is not None:
            refuse_following(self.initial_state, SHARED_KEY)
            with_shared(self.initial_state, self.shared_values)
        else:
            self.shared = None
        mail = tuple((item.type, item.payload) for item in self.initial_state.mail)
        return Base.of(self.initial_state, mail)


@cache
def _empty_layout() -> ComponentTree:
    return ComponentTree.from_records({"root": {"id": "root", "type": "root"}})


def _unknown(handlers: Iterable[Handler], allowed: Sequence[str]) -> Iterator[str]:
    for handler in handlers:
        for parameter in handler.parameters:
            if parameter not in allowed:
                nearest = difflib.get_close_matches(parameter, allowed, n=1)
                hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
                hint = f"; {INSTEAD_OF_ARGUMENT[parameter]}" if parameter in INSTEAD_OF_ARGUMENT else hint
                yield (
                    f"{handler.name}() asks for {parameter!r}, which nobody gives it: it can ask for "
                    f"{', '.join(allowed)}{hint}"
                )


def current_application() -> Application:
    """Return the application being loaded; raises ApplicationError outside of a main.py."""
    application = loading.get()
    if application is None:
        raise ApplicationError(
            "this call declares something of an application: it belongs at the top of a main.py"
        )
    return application


def init_state(raw_state: Mapping[str, Any], schema: type[StreamsyncState] | None = None) -> StreamsyncState:
    """Set, and return, the state that every new session of this application starts from; the last call wins.

    `schema` is a subclass of StreamsyncState whose annotations become attributes. Raises ValueError
    for another class, StateError for keys that are not text.
    """
    return current_application().declare_initial_state(raw_state, schema)


def init_ui() -> UserInterface:
    """Return the maker of components for every session; used as ``with ss.init_ui() as ui:`` in main.py.

    They are put over the layout, shown read-only in the Builder, and never stored in it.
    """
    return current_application().ui


def shared_state(values: Mapping[str, Any]) -> SharedState:
    """Declare, and return, state that all sessions of this application share; call it once in main.py.

    Templates read it as ``@{shared.key}``. Changes reach every browser on every instance. Raises
    ApplicationError outside of a main.py, StateError for keys that are not text.
    """
    return current_application().declare_shared(values)


def init_handlers(modules: ModuleType | Iterable[ModuleType]) -> None:
    """Expose the public functions of other modules as handlers named ``<module>.<name>``."""
    current_application().declare_handlers(modules)


def middleware() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a generator function that runs around every handler, its ``yield`` being the handler."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        current_application().middlewares.append(Handler.of(function.__name__, function))
        return function

    return register


def session_verifier(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function of ``cookies`` and ``headers`` that returns whether a session may begin."""
    current_application().verifiers.append(Handler.of(function.__name__, function))
    return function
