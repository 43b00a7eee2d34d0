"""What one main.py declared: its initial state, handlers, middlewares and verifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from .base import Base
from .errors import ApplicationError
from .handlers import Handler, module_handlers, public_functions
from .properties import install_properties
from .root import StreamsyncState

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

    def declare_initial_state(
        self, values: Mapping[str, Any], schema: type[StreamsyncState] | None
    ) -> StreamsyncState:
        """Set the state that new sessions start from; the last call wins."""
        if schema is not None and not (isinstance(schema, type) and issubclass(schema, StreamsyncState)):
            raise ValueError(f"schema must be a subclass of StreamsyncState, not {schema!r}")
        self.initial_state = (schema or StreamsyncState)(values)
        install_properties(self.initial_state)
        return self.initial_state

    def declare_handlers(self, modules: ModuleType | Iterable[ModuleType]) -> None:
        """Expose the public functions of other modules as ``<module>.<name>``."""
        for module in [modules] if isinstance(modules, ModuleType) else list(modules):
            if not isinstance(module, ModuleType):
                raise ValueError(f"init_handlers takes modules, not {type(module).__name__}: {module!r}")
            self.handlers.update(module_handlers(module))

    def take_functions(self, namespace: Mapping[str, object]) -> None:
        """Make the public functions of main.py handlers, imported ones included."""
        self.handlers = {**self.handlers, **public_functions(namespace)}

    def make_base(self) -> Base:
        """Freeze the initial state for the sessions to come."""
        mail = tuple((item.type, item.payload) for item in self.initial_state.mail)
        return Base.of(self.initial_state, mail)


def current_application() -> Application:
    """Return the application being loaded; raises ApplicationError outside of a main.py."""
    application = loading.get()
    if application is None:
        raise ApplicationError(
            "this call declares something of an application: it belongs at the top of a main.py"
        )
    return application


def init_state(values: Mapping[str, Any], schema: type[StreamsyncState] | None = None) -> StreamsyncState:
    """Set, and return, the state that every new session of this application starts from.

    `schema` is a subclass of StreamsyncState whose annotations become attributes. Raises ValueError
    for another class, StateError for keys that are not text.
    """
    return current_application().declare_initial_state(values, schema)


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
