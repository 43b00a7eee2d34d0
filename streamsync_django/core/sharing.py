"""State that all sessions of an application share; each of them has it under its key ``shared``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from copy import deepcopy
from typing import Any, Final, Protocol, Self, SupportsIndex

from .errors import StateError
from .recorder import Recorder
from .state import FIXED_TYPES, State, freeze

#: Where sessions, and so templates, find what is shared: ``@{shared.visitors}``.
SHARED_KEY: Final = "shared"


class Transactions(Protocol):
    """Runs a function so that nobody else's change comes between what it reads and what it writes."""

    def run(self, function: Callable[[SharedState], Any]) -> Any:
        """Call the function, again after a conflict, and return what it returned."""


class SharedState(State):
    """Elements that all sessions of an application share, on every instance.

    Use it like a session's state, from handlers and from any thread of a server. Assigning is
    last-writer-wins per element; what is computed from an old value belongs into `update`.
    """

    __slots__ = ("_transactions",)
    _transactions: Transactions | None

    @classmethod
    def begin(cls, values: Mapping[str, Any]) -> SharedState:
        """Return a shared state that starts with a copy of these values."""
        shared = cls.shared_copy(freeze(values), Recorder())
        object.__setattr__(shared, "_transactions", None)
        return shared

    @property
    def recorder(self) -> Recorder:
        """What notes the changes, for whoever carries them to the sessions."""
        assert self._recorder is not None  # made with one, and the root of a state keeps it
        return self._recorder

    def carry(self, transactions: Transactions | None) -> None:
        """Let `update` run its functions in the instances' common order."""
        object.__setattr__(self, "_transactions", transactions)

    def update(self, values: Any = (), /, **more: Any) -> Any:
        """Change what is shared by a function of it, ``shared.update(fn)``, or assign items as a dict does.

        `fn` gets the shared state, reads it and assigns to it. Nobody else's change comes in between: where
        another instance was quicker, `fn` is run again on what is there now, so it should do nothing else.
        Returns what `fn` returned. What `fn` assigned before it raised is kept. Raises StoreError.
        """
        if not callable(values):
            super().update(values, **more)
            return None
        if self._transactions is not None:
            return self._transactions.run(values)
        with self.recorder.lock:
            return values(self)


class SharedView(MutableMapping[str, Any], dict[str, Any]):  # type: ignore[misc, metaclass]  # fits at run time
    """What a session has under ``shared``: not a part of it, so that nothing a session does can tie it up.

    A dict to Python, so that ``json.dumps(state)`` works; what is inside of that dict is never read.
    """

    __slots__ = ("_shared",)

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        inside: Any = self
        dict.__setitem__(inside, "", None)  # json's C code asks a dict whether it is empty past `__len__`

    def __getitem__(self, key: str) -> Any:
        return self._shared[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._shared[key] = value

    def __delitem__(self, key: str) -> None:
        del self._shared[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._shared))

    def __len__(self) -> int:
        return len(self._shared)

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self._shared))

    def __contains__(self, key: object) -> bool:
        return key in self._shared

    # What the two base classes would do in their own ways

    def get(self, key: str, default: Any = None) -> Any:
        return self._shared.get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        return self._shared.pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        return self._shared.setdefault(key, default)

    def update(self, values: Any = (), /, **more: Any) -> Any:
        return self._shared.update(values, **more)

    def __ior__(self, other: Any) -> Self:
        self._shared.update(other)
        return self

    # Plain copies

    def copy(self) -> dict[str, Any]:
        return dict(self._shared)

    __copy__ = copy

    def to_raw_state(self) -> dict[str, Any]:
        return self._shared.to_raw_state()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return deepcopy(self._shared, memo)

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return (dict, (self.to_raw_state(),))

    def __streamsync_value__(self) -> dict[str, Any]:
        return self._shared.to_dict()

    def __repr__(self) -> str:
        return repr(dict(self._shared))


FIXED_TYPES.add(SharedView)


def show_shared(state: State, shared: SharedState) -> None:
    """Put what is shared into a session's state, without marking anything as changed."""
    dict.__setitem__(state, SHARED_KEY, SharedView(shared))
    if state._shared is not None:
        state._shared.discard(SHARED_KEY)


def with_shared(state: State, values: Mapping[str, Any]) -> None:
    """Add the shared state's first values to an initial state; raises StateError where the key is taken."""
    if SHARED_KEY in state:
        raise StateError(
            f"init_state has a key {SHARED_KEY!r}, which is where pages find what shared_state declares"
        )
    state[SHARED_KEY] = dict(values)
