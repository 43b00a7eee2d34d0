"""Names of the original API that this package does not have: importing one works, using it says what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from streamsync_django.core.errors import UnsupportedFeature


class Unsupported:
    """Stands for a name; whatever is done with it raises UnsupportedFeature."""

    def __init__(self, name: str, instead: str) -> None:
        self._name = name
        self._instead = instead

    def _raise(self, *_: object, **__: object) -> NoReturn:
        raise UnsupportedFeature(f"{self._name} is not supported: {self._instead}")

    __call__ = __getitem__ = __enter__ = __iter__ = __mro_entries__ = _raise

    def __exit__(self, *error: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._raise()

    def __repr__(self) -> str:
        return f"<{self._name}, which is not supported>"


def unsupported_names(
    module: str, instead: str, by_name: Mapping[str, str] | None = None
) -> Callable[[str], Unsupported]:
    """Return a module's ``__getattr__`` that answers any name; `by_name` has better advice for some."""

    def get(name: str) -> Unsupported:
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return Unsupported(f"{module}.{name}", (by_name or {}).get(name, instead))

    return get
