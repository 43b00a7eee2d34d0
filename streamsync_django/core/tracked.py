"""Lists, dicts and sets that tell the state when they are changed in place.

What an author reads from the state behaves as the builtin it is a subclass of; a change to it, at any
depth, marks the element it is in. What was assigned is copied into one of these, so a reference that
the author kept from before the assignment is not followed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any, ClassVar, SupportsIndex

from .augmented import Place, place_of
from .recorder import WHOLE, Element, RecorderLock

_NO_LOCK: AbstractContextManager[Any] = nullcontext()
#: Where the container classes live whose instances are copied; others are opaque values.
_PLAIN_MODULES = frozenset({"builtins", "collections", __name__})


def track(value: Any, element: Element, copy_item: Callable[[Any], Any] | None = None) -> Any:
    """Return `value` with every list, dict and set inside it tracked for `element`.

    A container that already belongs to this element keeps its identity, so that moving a row about
    inside its list does not cut the author's reference to it. `copy_item` is called for whatever else is
    inside, where that is not to be shared with the original.
    """
    kind = type(value)
    if kind is TrackedList or kind is TrackedDict or kind is TrackedSet:
        if value._element is element:
            return value
        return _copy(value, element, {}, copy_item)
    if kind is list or kind is dict or kind is set or isinstance(value, list | dict | set):
        return _copy(value, element, {}, copy_item)
    return value


def _copy(value: Any, element: Element, seen: dict[int, Any], copy_item: Callable[[Any], Any] | None) -> Any:
    """Copy containers into tracked ones; `seen` keeps a cyclic value cyclic instead of endless."""
    if not isinstance(value, list | dict | set) or _is_foreign(value):
        return value if copy_item is None else copy_item(value)
    known = seen.get(id(value))
    if known is not None:
        return known
    copied: Any
    if isinstance(value, list):
        copied = TrackedList()
        seen[id(value)] = copied
        list.extend(copied, [_copy(item, element, seen, copy_item) for item in list.__iter__(value)])
    elif isinstance(value, dict):
        copied = TrackedDict()
        seen[id(value)] = copied
        for key, item in value.items():
            dict.__setitem__(copied, key, _copy(item, element, seen, copy_item))
    else:
        copied = TrackedSet(value)
        seen[id(value)] = copied
    copied._element = element
    return copied


def _is_foreign(value: object) -> bool:
    """Tell a class of somebody else's, with behaviour of its own, from a plain container."""
    kind = type(value)
    return kind.__module__ not in _PLAIN_MODULES and not getattr(kind, "is_nested_state", False)


class _Tracked:
    """What the three containers share; `_element` is None until the state ties them to one."""

    __slots__ = ()
    #: The builtin that an author takes it for.
    stands_for: ClassVar[type]
    _element: Element | None

    def _lock(self) -> AbstractContextManager[Any] | RecorderLock:
        element = self._element
        recorder = element.recorder if element is not None else None
        if recorder is None:
            return _NO_LOCK
        if recorder.guard is not None:
            recorder.guard()
        return recorder.lock

    def _changed(self, *, rows_shifted: bool = False) -> None:
        element = self._element
        if element is not None and element.recorder is not None:
            element.recorder.mark(element.path, WHOLE)
            if rows_shifted:
                element.recorder.mark_shifted(element.path)
            if element.recorder.watch is not None:
                element.recorder.watch.changed(element.path)

    def _own(self, value: Any) -> Any:
        return value if self._element is None else track(value, self._element)


def _changing(method: Callable[..., Any]) -> Callable[..., Any]:
    """Make a builtin's mutating method take the lock and mark the element."""

    def changing(self: _Tracked, /, *args: Any, **kwargs: Any) -> Any:
        with self._lock():
            result = method(self, *args, **kwargs)
            self._changed(rows_shifted=True)
            return result

    changing.__name__ = method.__name__
    changing.__doc__ = method.__doc__
    return changing


def _changing_by_items(method: Callable[..., Any]) -> Callable[..., Any]:
    """As `_changing`, for a set's methods that take other series: what fails to yield its items changes nothing."""
    change = _changing(method)

    def changing(self: _Tracked, /, *others: Iterable[Any]) -> Any:
        return change(self, *[set(other) for other in others])

    changing.__name__ = method.__name__
    changing.__doc__ = method.__doc__
    return changing


class TrackedList(list[Any], _Tracked):
    """A list in the state. Appending to an element that is itself a list is sent as an append."""

    __slots__ = ("_element", "_extended_at", "_is_whole_element")
    stands_for = list
    _element: Element | None
    #: Where it was extended by ``+=``, until it is assigned or read again: that assignment may be ``+=``'s own.
    _extended_at: Place | None
    _is_whole_element: bool

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self._element = None
        self._extended_at = None
        self._is_whole_element = False

    def _appended(self, start: int) -> None:
        element = self._element
        if element is None or element.recorder is None:
            return
        if self._is_whole_element:
            element.recorder.mark_appended(element.path, start)
        else:
            element.recorder.mark(element.path, WHOLE)
        if element.recorder.watch is not None:
            element.recorder.watch.changed(element.path)

    def append(self, item: Any, /) -> None:
        with self._lock():
            list.append(self, self._own(item))
            self._appended(len(self) - 1)

    def extend(self, items: Iterable[Any], /) -> None:
        added = list(items)
        with self._lock():
            start = len(self)
            list.extend(self, [self._own(item) for item in added])
            if added:
                self._appended(start)

    def __iadd__(self, items: Iterable[Any], /) -> TrackedList:  # type: ignore[misc]
        # Narrower than list's overload on purpose: the result is this list.
        self.extend(items)
        self._extended_at = place_of(sys._getframe(1))
        return self

    def insert(self, index: SupportsIndex, item: Any, /) -> None:
        with self._lock():
            list.insert(self, index, self._own(item))
            self._changed(rows_shifted=True)

    def __setitem__(self, index: Any, value: Any, /) -> None:
        with self._lock():
            if isinstance(index, slice):
                list.__setitem__(self, index, [self._own(item) for item in value])
                self._changed(rows_shifted=True)
            else:
                # A row that was in this element before changes its place: a swap, a shuffle.
                moved = isinstance(value, _Tracked) and value._element is self._element
                own = self._own(value)
                list.__setitem__(self, index, own)
                self._changed(rows_shifted=moved)

    __delitem__ = _changing(list.__delitem__)
    __imul__ = _changing(list.__imul__)
    clear = _changing(list.clear)
    pop = _changing(list.pop)
    remove = _changing(list.remove)
    reverse = _changing(list.reverse)

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        with self._lock():
            try:
                list.sort(self, key=key, reverse=reverse)
            finally:  # a comparison that fails leaves the list half sorted
                self._changed(rows_shifted=True)

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [deepcopy(item, memo) for item in self]

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return (list, (list(self),))


class TrackedDict(dict[Any, Any], _Tracked):
    """A dict inside a list in the state, or one whose keys are not all text."""

    __slots__ = ("_element",)
    stands_for = dict
    _element: Element | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._element = None

    def __setitem__(self, key: Any, value: Any, /) -> None:
        with self._lock():
            dict.__setitem__(self, key, self._own(value))
            self._changed()

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        with self._lock():
            if key not in self:
                dict.__setitem__(self, key, self._own(default))
                self._changed()
            return dict.__getitem__(self, key)

    def update(self, *args: Any, **kwargs: Any) -> None:
        added = dict(*args, **kwargs)
        with self._lock():
            for key, value in added.items():
                dict.__setitem__(self, key, self._own(value))
            if added:
                self._changed()

    def __ior__(self, other: Any, /) -> TrackedDict:  # type: ignore[misc]
        # Narrower than dict's overload on purpose: the result is this dict.
        self.update(other)
        return self

    __delitem__ = _changing(dict.__delitem__)
    clear = _changing(dict.clear)
    pop = _changing(dict.pop)
    popitem = _changing(dict.popitem)

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    copy = __copy__

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {deepcopy(key, memo): deepcopy(value, memo) for key, value in self.items()}

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return (dict, (dict(self),))


class TrackedSet(set[Any], _Tracked):
    """A set in the state."""

    __slots__ = ("_element",)
    stands_for = set
    _element: Element | None

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self._element = None

    add = _changing(set.add)
    clear = _changing(set.clear)
    difference_update = _changing_by_items(set.difference_update)
    discard = _changing(set.discard)
    intersection_update = _changing_by_items(set.intersection_update)
    pop = _changing(set.pop)
    remove = _changing(set.remove)
    symmetric_difference_update = _changing_by_items(set.symmetric_difference_update)
    update = _changing_by_items(set.update)
    __iand__ = _changing(set.__iand__)
    __ior__ = _changing(set.__ior__)
    __isub__ = _changing(set.__isub__)
    __ixor__ = _changing(set.__ixor__)

    def __repr__(self) -> str:
        return repr(set(self))  # a set prints the name of its class, a list and a dict do not

    def __copy__(self) -> set[Any]:
        return set(self)

    copy = __copy__

    def __deepcopy__(self, memo: dict[int, Any]) -> set[Any]:
        return {deepcopy(item, memo) for item in self}

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return (set, (set(self),))


def untracked(value: Any) -> Any:
    """Return `value` with every tracked container in it as the builtin it stands for."""
    if isinstance(value, TrackedList):
        return [untracked(item) for item in value]
    if isinstance(value, TrackedDict):
        return {key: untracked(item) for key, item in value.items()}
    if isinstance(value, TrackedSet):
        return set(value)
    return value
