"""Names of applications' modules: each loading has a namespace of its own, which nobody beyond this process knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

#: All application modules are imported below this name, each loading's below one more.
NAMESPACE: Final = "_streamsync_applications"
#: Begins a module's name where it is kept: it is found in whatever loading reads it.
_RELATIVE: Final = "."

_at_work: ContextVar[str | None] = ContextVar("streamsync_namespace", default=None)


def own_name(module: str) -> str | None:
    """Return the name by which an application's author knows a module, such as ``main``; None for others' modules."""
    parts = module.split(".", 2)
    return parts[2] if len(parts) == 3 and parts[0] == NAMESPACE else None


def kept_name(module: str) -> str:
    """Return a module's name as other processes, and later loadings, can make something of it."""
    own = own_name(module)
    return module if own is None else _RELATIVE + own


def name_here(kept: str) -> str:
    """Return what a kept name means for the application at work; itself where there is none."""
    namespace = _at_work.get()
    return namespace + kept if namespace is not None and kept.startswith(_RELATIVE) else kept


@contextmanager
def working_for(namespace: str) -> Iterator[None]:
    """Have kept names mean modules of this loading; empty for an application made of no files."""
    token = _at_work.set(namespace or None)
    try:
        yield
    finally:
        _at_work.reset(token)
