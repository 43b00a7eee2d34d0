"""One session's state: a mapping that knows what was assigned."""

from __future__ import annotations

import datetime
import decimal
import functools
import inspect
import uuid
import warnings
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from copy import deepcopy
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, ClassVar, Self, SupportsIndex

from .annotations import give_up_default, hints_of, is_class_variable, plain_hint
from .augmented import ends
from .errors import StateError
from .mutable import MutableValue
from .recorder import DELETED, WHOLE, Element, ElementPath, Recorder
from .serializers import to_json_value
from .tracked import TrackedDict, TrackedList, TrackedSet, track, untracked

#: Types whose values never change, so that they are shared, never copied, and silent when equal.
IMMUTABLE_TYPES: frozenset[type] = frozenset(
    {int, float, str, bool, type(None), bytes, complex, decimal.Decimal, uuid.UUID}
    | {datetime.datetime, datetime.date, datetime.time, datetime.timedelta}
)
_MISSING: Any = object()
#: Types of values that are in a state to stay: what all sessions share.
FIXED_TYPES: set[type] = set()
#: Dicts within dicts; deeper ones are refused rather than recursed into.
MAX_DEPTH = 100


class FrozenNode(dict[str, Any]):
    """A nested dict of an initial state: shared by all sessions, never changed after it is made."""

    __slots__ = ("mutable_keys",)
    #: Keys whose value a session copies when it first reads it.
    mutable_keys: frozenset[str]


def freeze(values: Mapping[str, Any]) -> FrozenNode:
    """Return a copy of an initial state that sessions can share."""
    node = FrozenNode()
    for key, value in ((_plain_key(key), value) for key, value in values.items()):
        nests = is_nested(value) and not isinstance(value, TrackedDict)
        dict.__setitem__(node, key, freeze(value) if nests else untracked(value))
    node.mutable_keys = frozenset(key for key, value in node.items() if type(value) not in IMMUTABLE_TYPES)
    return node


def is_nested(value: object) -> bool:
    """Tell whether `value` becomes a nested state: a plain dict whose keys are all text."""
    if not isinstance(value, dict):
        return False
    kind = type(value)
    if kind is not dict and not isinstance(value, _NESTED_CLASSES) and kind.__module__ != "collections":
        return False
    return all(type(key) is str or isinstance(key, str) for key in value)


def is_private(path: ElementPath) -> bool:
    """Tell whether an element stays on the server: a key on the way to it begins with ``_``."""
    for key in path:  # noqa: SIM110 (asked thrice per event: a generator would cost three times as much)
        if key[:1] == "_":
            return True
    return False


class State(dict[str, Any]):
    """A mapping with text keys that remembers what was assigned, at any depth.

    Assigning marks an element as mutated, and so does changing a list, dict or set that was read from
    the state. Opaque objects need assignment: after sorting a DataFrame in place, write
    ``state["table"] = state["table"]``. Keys that do not exist read ``None``; keys that begin with
    ``_`` never leave the server. A dict in it is a nested `State`, which is still a ``dict``.

    Subclasses may annotate keys, which are then attributes too: ``class Shop(State): total: float``.
    """

    __slots__ = ("_path", "_recorder", "_shared")
    is_nested_state: ClassVar[bool] = True
    _annotated: ClassVar[dict[str, Any]] = {}

    _recorder: Recorder | None
    _path: ElementPath
    #: Keys that still hold the application's own value, copied when first read.
    _shared: set[str] | None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own: set[str] = set()
        for base in cls.__mro__:
            if base is not State and issubclass(base, State):
                annotated = inspect.get_annotations(base).items()
                own |= {name for name, hint in annotated if not is_class_variable(hint)}
                own -= set(base.__dict__.get("__slots__", ()))
        reserved = own & {"_path", "_recorder", "_shared", "_state_proxy"}
        if reserved:
            raise AttributeError(f"{cls.__name__}: {', '.join(sorted(reserved))} cannot be annotated")
        cls._annotated = dict.fromkeys(sorted(own))
        for name in own & cls.__dict__.keys():
            give_up_default(cls, name)
        for name in own:
            if hasattr(cls, name) and name in inspect.get_annotations(cls):
                warnings.warn(
                    f"{cls.__name__}.{name} is a method of every state: write state[{name!r}], "
                    f"or annotate another name",
                    stacklevel=2,
                )

    def __init__(
        self, values: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None, /, **more: Any
    ) -> None:
        super().__init__()
        object.__setattr__(self, "_recorder", None)
        object.__setattr__(self, "_path", ())
        object.__setattr__(self, "_shared", None)
        for key, value in dict(values or (), **more).items():
            self[key] = value

    @classmethod
    def shared_copy(cls, node: FrozenNode, recorder: Recorder | None, path: ElementPath = ()) -> Self:
        """Return a state with the node's values, none of which is copied before it is read."""
        state = cls.__new__(cls)
        dict.update(state, node)
        object.__setattr__(state, "_recorder", recorder)
        object.__setattr__(state, "_path", path)
        object.__setattr__(state, "_shared", set(node.mutable_keys) or None)
        return state

    # Reading

    def __getitem__(self, key: str, /) -> Any:
        recorder = self._recorder
        if recorder is not None and recorder.guard is not None:
            recorder.guard()
        value = self._take(key) if self._shared is not None and key in self._shared else dict.get(self, key)
        if type(value) is TrackedList:
            value._extended_at = None
        if recorder is not None and recorder.development is not None and _changes_unseen(value):
            recorder.development.read((*self._path, key), value)
        return value

    def _take(self, key: str) -> Any:
        """Copy a value of the application's into this session, on its first read."""
        key = str.__str__(key)
        with self._lock():
            shared = self._shared
            if shared is None or key not in shared:
                return dict.get(self, key)
            value = dict.__getitem__(self, key)
            if isinstance(value, dict | list | set):
                own = self._adopt(key, value, _copy_opaque)
            else:
                own = self._adopt(key, _copy_opaque(value))
            dict.__setitem__(self, key, own)
            shared.discard(key)
            if not shared:
                object.__setattr__(self, "_shared", None)
            return own

    def get(self, key: str, default: Any = None, /) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 (this is get)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        # A view that reads through self[...], so that shared values are copied on the way.
        return ValuesView(self)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        return ItemsView(self)

    def __iter__(self) -> Iterator[str]:
        # Overridden so that C code (dict(state), **state) does not take its short cut past items().
        return dict.__iter__(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, dict):
            return len(self) == len(other) and all(key in other and self[key] == other[key] for key in self)
        return NotImplemented

    __hash__ = None

    def __getattr__(self, name: str) -> Any:
        if name in type(self)._annotated or (not name.startswith("_") and name in self):
            return self[name]
        raise AttributeError(f"{type(self).__name__} has no key or attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in type(self)._annotated:
            self[name] = value
        elif hasattr(type(self), name):
            raise AttributeError(
                f"{type(self).__name__}.{name} is computed, or a method: it cannot be assigned to"
            )
        else:
            raise AttributeError(
                f"{type(self).__name__} has no annotated key {name!r}: annotate it, or write state[{name!r}] = …"
            )

    # Changing

    def __setitem__(self, key: str, value: Any, /) -> None:
        if type(key) is not str or not key.isascii():
            key = _plain_key(key)
        with self._lock():
            recorder = self._recorder
            old = self._before(key)
            if old is value:
                self._reassign(key, value)
            elif not _is_same(old, value):
                self._replace(key, old, value)
            if recorder is not None and recorder.development is not None:
                is_copied = _is_copied(value, old)
                recorder.development.assigned((*self._path, key), value, is_copied=is_copied)
            if recorder is not None and recorder.watch is not None:
                recorder.watch.assigned((*self._path, key), None if old is _MISSING else old, self[key])

    def _before(self, key: str) -> Any:
        """Return what is at `key`; a copy of the application's own value where subscriptions will be handed it."""
        recorder = self._recorder
        watch = recorder.watch if recorder is not None and key in (self._shared or ()) else None
        if watch is not None and watch.follows((*self._path, key)):
            return self._take(key)
        return dict.get(self, key, _MISSING)

    def _replace(self, key: str, old: Any, value: Any) -> None:
        if type(old) in FIXED_TYPES:
            raise _not_to_be_replaced(key)
        recorder, path = self._recorder, (*self._path, key)
        own = self._adopt(key, value)  # first: it may be part of what is let go of, or not be possible
        if recorder is not None:
            if old is not _MISSING:
                recorder.mark_shifted(path)
            if old is _MISSING and self._path and not self._has_public_keys():
                recorder.mark(self._path, DELETED)  # it was an empty dict, an element of its own
            self._let_go(old, path, own)
        dict.__setitem__(self, key, own)
        if self._shared is not None:
            self._shared.discard(key)
        if recorder is not None:
            if isinstance(own, _NODES) and isinstance(old, _NODES) and not _keeps_order(old, own):
                recorder.mark(
                    path, DELETED
                )  # a browser leaves a key where it knows it: it is to begin afresh
                old = _MISSING
            _mark_leaves(recorder, path, own, old)
            if self._path and key.startswith("_") and not self._has_public_keys():
                recorder.mark(self._path, WHOLE)

    def _reassign(self, key: str, value: Any) -> None:
        """Handle ``state["x"] = state["x"]``: an opaque value, or a list of such, may have changed."""
        recorder = self._recorder
        if isinstance(value, TrackedList) and ends(value._extended_at):
            value._extended_at = None
        elif recorder is None or type(value) in IMMUTABLE_TYPES:
            return
        elif isinstance(value, State):
            untouched = value._shared or ()
            for inner in dict.keys(value):
                if inner not in untouched:
                    value._reassign(inner, dict.__getitem__(value, inner))
        else:
            recorder.mark((*self._path, key), WHOLE)

    def __delitem__(self, key: str, /) -> None:
        """Delete a key; one that does not exist is ignored."""
        if isinstance(key, str):
            key = str.__str__(key)
        with self._lock():
            old = self._before(key)
            if old is _MISSING:
                return
            if type(old) in FIXED_TYPES:
                raise _not_to_be_replaced(key)
            dict.__delitem__(self, key)
            if self._shared is not None:
                self._shared.discard(key)
            recorder = self._recorder
            if recorder is not None:
                recorder.mark_shifted(self._path)
                self._let_go(old, (*self._path, key), _MISSING)
                if self._path and not self._has_public_keys():
                    recorder.mark(self._path, WHOLE)
                if recorder.watch is not None:
                    recorder.watch.assigned((*self._path, key), old, None)

    def remove(self, key: str) -> None:
        """Delete a key; one that does not exist is ignored."""
        del self[key]

    def pop(self, key: str, default: Any = _MISSING, /) -> Any:
        if key not in self:
            if default is _MISSING:
                raise KeyError(key)
            return default
        value = untracked(self[key])
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        keys = self._removable_keys()
        if not keys:
            raise KeyError("the state is empty")
        return keys[-1], self.pop(keys[-1])

    def setdefault(self, key: str, default: Any = None, /) -> Any:
        with self._lock():
            if key not in self:
                self[key] = default
            return self[key]

    def update(self, values: Any = (), /, **more: Any) -> None:
        for key, value in {**dict(values), **more}.items():
            self[key] = value

    def __ior__(self, other: Any, /) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self

    def clear(self) -> None:
        for key in self._removable_keys():
            del self[key]

    def ingest(self, values: Mapping[str, Any]) -> None:
        """Replace the whole content by `values`; what all sessions share stays."""
        with self._lock():
            for key in self._removable_keys():
                if key not in values:
                    del self[key]
            self.update(values)

    def put_element(self, key: str, value: Any) -> None:
        """Set what was an element of its own when it was stored: a dict stays one value, and is not nested."""
        with self._lock():
            if not (value and is_nested(value)):
                self[key] = value
                return
            recorder, path = self._recorder or Recorder(), (*self._path, key)
            dict.__setitem__(self, key, track(value, Element(recorder, path)))
            if self._shared is not None:
                self._shared.discard(key)
            recorder.mark(path, WHOLE)

    # Plain copies

    def copy(self) -> dict[str, Any]:
        return dict(self)

    __copy__ = copy

    def to_raw_state(self) -> dict[str, Any]:
        """Return plain nested dicts, lists and sets with the original values."""
        with self._lock():
            return {
                key: value.to_raw_state() if hasattr(value, "to_raw_state") else untracked(value)
                for key, value in self.items()
            }

    def to_dict(self) -> dict[str, Any]:
        """Return what the browser sees of it as plain JSON values: no `_` keys, bytes and pictures as data URLs.

        Raises SerializationError, which names the type, for a value that cannot be sent.
        """
        with self._lock():
            return {
                key: value.to_dict() if isinstance(value, State) else to_json_value(value)
                for key, value in self.items()
                if not key.startswith("_")
            }

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {key: deepcopy(value, memo) for key, value in self.items()}

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return (dict, (self.to_raw_state(),))

    # Inside

    def _lock(self) -> Any:
        recorder = self._recorder
        if recorder is None:
            return _UNSHARED
        if recorder.guard is not None:
            recorder.guard()
        return recorder.lock

    def _removable_keys(self) -> list[str]:
        return [key for key, value in dict.items(self) if type(value) not in FIXED_TYPES]

    def _has_public_keys(self) -> bool:
        return any(not key.startswith("_") for key in dict.keys(self))

    def _adopt(self, key: str, value: Any, copy_item: Callable[[Any], Any] | None = None) -> Any:
        """Return `value` as this state keeps it: nested, tracked, or as it is."""
        if type(value) in IMMUTABLE_TYPES:
            return value
        recorder, path = self._recorder, (*self._path, key)
        schema = self._schema_of(key)
        if is_nested(value) and schema is not dict:
            return _nested(schema or State, value, recorder, path)
        if isinstance(value, MutableValue) and recorder is not None:
            value.tie(Element(recorder, path))
        if not isinstance(value, list | dict | set):
            return value
        own = track(value, Element(recorder or Recorder(), path), copy_item)
        if isinstance(own, TrackedList):
            own._is_whole_element = True
        if recorder is None:
            _untie(own, path)
        return own

    def _schema_of(self, key: str) -> Any:
        """Return the state class that a key's annotation names, ``dict``, or None."""
        if key not in type(self)._annotated:
            return None
        hint = plain_hint(hints_of(type(self)).get(key))
        if hint is dict or (isinstance(hint, type) and issubclass(hint, State)):
            return hint
        return None

    def _let_go(self, old: Any, path: ElementPath, new: Any) -> None:
        """Mark what is at `path` as gone, and stop following what an author still holds of it."""
        recorder = self._recorder
        if recorder is None or old is _MISSING:
            return
        _mark_gone(recorder, path, old, new)
        _untie(old, path)


def state_classes(cls: type[State]) -> dict[str, type[State]]:
    """Return the annotated keys of a state class that hold nested states of a class of their own."""
    found = {key: plain_hint(hint) for key, hint in hints_of(cls).items() if key in cls._annotated}
    return {key: hint for key, hint in found.items() if isinstance(hint, type) and issubclass(hint, State)}


class _Unshared:
    """The lock of a state that belongs to no session."""

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


_UNSHARED = _Unshared()
_NODES = (State, FrozenNode)
_NESTED_CLASSES = (State, FrozenNode, TrackedDict)
#: Types whose equal values are written alike; of others, Decimal("1.0") and Decimal("1.00") are equal too.
_WRITTEN_ALIKE = frozenset({int, str, bool, type(None), bytes, uuid.UUID})
#: What is called rather than changed; a bound method would bring a copy of what it is bound to.
_CODE = (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)


def _nested(cls: type[State], value: Any, recorder: Recorder | None, path: ElementPath) -> State:
    if isinstance(value, FrozenNode):
        return cls.shared_copy(value, recorder, path)
    if len(path) > MAX_DEPTH:
        raise StateError(f"{path[0]!r} contains itself, or nests dicts more than {MAX_DEPTH} deep")
    state = cls.__new__(cls)
    object.__setattr__(state, "_recorder", recorder)
    object.__setattr__(state, "_path", path)
    object.__setattr__(state, "_shared", None)
    for key, item in ((_plain_key(key), item) for key, item in value.items()):
        dict.__setitem__(state, key, state._adopt(key, item))
    return state


def _mark_gone(recorder: Recorder, path: ElementPath, old: Any, new: Any) -> None:
    """Mark what was at or below `path` as gone, but a nested state that `new` continues."""
    if isinstance(old, _NODES):
        for key, item in dict.items(old):
            below = dict.get(new, key, _MISSING) if isinstance(new, _NODES) else _MISSING
            _mark_gone(recorder, (*path, key), item, below)
        if _is_drawn_node(old) and _is_drawn_node(new):
            return
    elif _is_same(old, new):
        return
    recorder.mark(path, DELETED)


def _is_drawn_node(value: Any) -> bool:
    """Tell a nested state from an element, which it is as long as it has no public key."""
    return isinstance(value, _NODES) and any(not key.startswith("_") for key in dict.keys(value))


def _mark_leaves(recorder: Recorder, path: ElementPath, value: Any, old: Any) -> None:
    """Mark every element at or below `path` that is new or other than it was in `old`."""
    if not isinstance(value, _NODES):
        if not _is_same(old, value):
            recorder.marks.pop(path, None)  # marks are in the order that new elements get
            recorder.mark(path, WHOLE)
        return
    has_public = False
    for key, item in dict.items(value):
        has_public = has_public or not key.startswith("_")
        before = dict.get(old, key, _MISSING) if isinstance(old, _NODES) else _MISSING
        _mark_leaves(recorder, (*path, key), item, before)
    if not has_public:
        recorder.mark(path, WHOLE)


def _keeps_order(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether the keys that stay are in the same order, and ahead of all that are new; at any depth."""
    kept = [key for key in _keys(old) if dict.__contains__(new, key)]
    return _keys(new)[: len(kept)] == kept and all(
        _keeps_order(before, now)
        for key in kept
        if isinstance(before := dict.get(old, key), _NODES) and isinstance(now := dict.get(new, key), _NODES)
    )


def _keys(node: dict[str, Any]) -> list[str]:
    """Return a nested state's public keys, in order."""
    return [key for key in dict.keys(node) if not key.startswith("_")]


def attach(state: State, recorder: Recorder) -> None:
    """Have a state that belonged to no session be followed from now on."""
    object.__setattr__(state, "_recorder", recorder)
    for key, value in dict.items(state):
        if isinstance(value, State):
            attach(value, recorder)
        elif isinstance(value, MutableValue):
            value.tie(Element(recorder, (*state._path, key)))
        elif isinstance(value, TrackedList | TrackedDict | TrackedSet) and value._element is not None:
            value._element.recorder = recorder


def _untie(value: Any, path: ElementPath) -> None:
    """Stop following a value that has left the state, or never was in a session's."""
    if isinstance(value, State):
        object.__setattr__(value, "_recorder", None)
        for key, item in dict.items(value):
            _untie(item, (*path, key))
    elif isinstance(value, MutableValue):
        value.untie(path)
    elif isinstance(value, TrackedList | TrackedDict | TrackedSet) and value._element is not None:
        value._element.recorder = None


def _copy_opaque(value: Any) -> Any:
    """Copy an opaque value of the initial state for one session; what cannot be copied is shared."""
    if type(value) in IMMUTABLE_TYPES or isinstance(value, _CODE):
        return value
    try:
        return deepcopy(value)
    except Exception:  # noqa: BLE001 (any class may refuse in its own way; sharing it is what a global would do)
        return value


def _changes_unseen(value: Any) -> bool:
    """Tell a value that can only be followed by its assignment, or a list, which C code changes past its methods."""
    kind = type(value)
    return kind is TrackedList or (
        kind not in IMMUTABLE_TYPES and not isinstance(value, list | dict | set | tuple)
    )


def _is_copied(value: Any, old: Any) -> bool:
    """Tell a container of the author's, which the state has copied."""
    if value is old or isinstance(value, State | TrackedList | TrackedDict | TrackedSet):
        return False
    return isinstance(value, list | dict | set)


def _is_same(old: Any, new: Any) -> bool:
    """Tell that nothing has to be sent: a scalar again, written as before."""
    return type(new) in IMMUTABLE_TYPES and type(old) is type(new) and _equal(old, new)


def _equal(old: Any, new: Any) -> bool:
    """Tell whether two values of one immutable type look the same to a browser."""
    return bool(old == new) if type(old) in _WRITTEN_ALIKE else repr(old) == repr(new)


def _not_to_be_replaced(key: str) -> StateError:
    return StateError(
        f"state[{key!r}] is what all sessions share: change what is in it, as in state[{key!r}]['votes'] = 1"
    )


def _plain_key(key: object) -> str:
    """Return a key as paths have it: a text of numpy's, a safe one of Django's or a member of an enum is plain text.

    Raises StateError for what is no text, or has no form to be sent or stored in.
    """
    if not isinstance(key, str):
        raise StateError(f"state keys are text, not {type(key).__name__}: {key!r}")
    plain = key if type(key) is str else str.__str__(key)
    if not plain.isascii():
        try:
            plain.encode()
        except UnicodeEncodeError as error:
            raise StateError(
                f"the state key {plain!r} has half a character in it, as file names can have, and no form to be "
                "sent or stored in"
            ) from error
    return plain
