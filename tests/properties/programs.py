"""Random programs: what an author's handlers may do to a state, decoded from bytes.

Bytes because one draw of many is quick, and Hypothesis shrinks them well: a shorter program is a
shorter text, a simpler choice a smaller number. A program that ran out of bytes chooses 0 and ends.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from streamsync_django.core.state import State

T = TypeVar("T")


class Text(str):
    """A text of some library: numpy's and Django's are no plain ones."""


KEYS = (
    "a",
    "b",
    "c",
    "d",
    "_private",
    "",
    "a.b",
    "x[0]",
    "$",
    "0",
    "ключ",
    "__proto__",
    Text("t"),
    Text("a"),
)
SCALARS = (
    0, 1, True, False, None, "", "text", 1.0, -0.0, 0.0, float("nan"), 2**60, "ünïcode \ud83d",
    Decimal("1.0"), Decimal("1.00"), b"bytes",
    datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC),
    datetime.datetime(2024, 1, 1, 13, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
)  # fmt: skip
HASHABLE = (0, 1, 2, 3, 4, 5, "x", None, True)
MAX_ITEMS = 30


class Program:
    """Reads choices from bytes."""

    def __init__(self, code: bytes) -> None:
        self._code = code
        self._next = 0

    @property
    def is_over(self) -> bool:
        return self._next >= len(self._code)

    def below(self, count: int) -> int:
        if self.is_over:
            return 0
        self._next += 1
        return self._code[self._next - 1] % count

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def value(self, depth: int = 0) -> Any:
        """Make a value as an author would assign it."""
        kind = self.below(9 if depth < 3 else 3)
        if kind <= 2:
            return self.one_of(SCALARS)
        if kind <= 4:
            return {self.one_of(KEYS): self.value(depth + 1) for _ in range(self.below(4))}
        if kind <= 6:
            return [self.value(depth + 1) for _ in range(self.below(4))]
        if kind == 7:
            return {self.one_of(HASHABLE) for _ in range(self.below(4))}
        if self.below(2):
            return {self.one_of(HASHABLE): self.value(depth + 1) for _ in range(self.below(4))}
        return tuple(self.value(depth + 1) for _ in range(self.below(3)))


class Author:
    """Carries a program out on a state, as a handler would."""

    def __init__(self, program: Program, state: State) -> None:
        self._program = program
        self._state = state
        #: Containers read earlier, in the state or no longer.
        self._held: list[Any] = []

    def handler(self, flush: Callable[[], None], look: Callable[[], None]) -> Callable[[], Any]:
        """Return a handler of a few steps: a function that flushes, or a generator that yields."""
        steps = self._program.below(5) + 1

        def plain() -> None:
            for _ in range(steps):
                if self.step():
                    flush()
                look()

        def generator() -> Iterator[None]:
            for _ in range(steps):
                if self.step():
                    yield
                look()

        return generator if self._program.below(2) else plain

    def step(self) -> bool:
        """Do one thing; return whether it is to let the browser see what there is so far."""
        choice = self._program.below(10)
        if choice == 0:
            return True
        if choice == 1 and self._held:
            self._change(self._program.one_of(self._held))
        elif choice <= 3 and isinstance(self._state["rows"], list) and len(self._state["rows"]) < MAX_ITEMS:
            self._state["rows"].append(self._program.value(2))  # what logs and conversations do all day
        elif choice == 4:
            self._state["rows"] = [self._program.below(9)]
        else:
            self._change(self._container())
        return False

    def _container(self) -> Any:
        """Walk from the root into some container, and now and then remember it."""
        found: Any = self._state
        while not self._program.is_over:
            inner = [value for value in _values(found) if isinstance(value, dict | list | set)]
            if not inner or self._program.below(3) == 0:
                break
            found = self._program.one_of(inner)
        if self._program.below(3) == 1:
            self._held.append(found)
        return found

    def _change(self, container: Any) -> None:
        if isinstance(container, State):
            self._change_state(container)
        elif isinstance(container, dict):
            self._change_dict(container)
        elif isinstance(container, list):
            self._change_list(container)
        else:
            self._change_set(container)

    def _value(self, into: Any = None) -> Any:
        """A new value, or one that is somewhere in the state already."""
        if self._program.below(8) != 1:
            return self._program.value()
        shared = self._container()
        if _size(shared) >= MAX_ITEMS:
            return None
        return copy.deepcopy(shared) if self._program.below(2) or _has(shared, into) else shared

    def _change_state(self, state: State) -> None:  # noqa: C901 (a table of what one can do)
        program = self._program
        key = program.one_of(KEYS)
        existing = program.one_of(list(state)) if len(state) else key
        match program.below(14):
            case 0 | 1 | 2 | 3:
                state[key] = self._value()
            case 4:
                state[existing] = self._value()
            case 5 | 6:
                del state[existing]
            case 7:
                old = state[existing]
                if isinstance(old, list):
                    list.reverse(old)  # as code in C does it, past the methods of the list that the state has
                state[existing] = old
            case 8:
                old = state[existing]
                if isinstance(old, int | float | Decimal):
                    state[existing] += 1
                elif isinstance(old, list) and len(old) < MAX_ITEMS:
                    state[existing] += [program.value(1)]
                elif isinstance(old, set):
                    state[existing] |= {program.one_of(HASHABLE)}
                elif isinstance(old, State):
                    state[existing] |= {key: program.value(1)}
            case 9:
                state.update({program.one_of(KEYS): self._value() for _ in range(program.below(3))})
            case 10:
                held = state.pop(existing, None)
                if isinstance(held, dict | list | set):
                    self._held.append(held)
            case 11:
                state.setdefault(key, self._value())
            case 12:
                state.clear() if program.below(3) == 0 else state.ingest({key: self._value()})
            case _:
                state[key] = {program.one_of(KEYS): {program.one_of(KEYS): program.value(2)}}

    def _change_dict(self, mapping: dict[Any, Any]) -> None:
        program = self._program
        key = program.one_of((*KEYS, 1, 2, None))
        existing = program.one_of(list(mapping)) if mapping else key
        match program.below(8):
            case 0 | 1 | 2:
                mapping[key] = self._value(mapping)
            case 3:
                mapping.pop(existing, None)
            case 4:
                mapping.update({key: self._value(mapping)})
            case 5:
                mapping.setdefault(key, self._value(mapping))
            case 6 if mapping:
                del mapping[existing]
            case _:
                mapping.clear()

    def _change_list(self, items: list[Any]) -> None:
        program = self._program
        place = program.below(len(items)) if items else 0
        match program.below(16) if len(items) < MAX_ITEMS else 5:
            case 0 | 1 | 2 | 3:
                items.append(self._value(items))
            case 4:
                items.extend([self._value(items) for _ in range(program.below(3))])
            case 5:
                del items[place : place + program.below(3) + 1]
            case 6:
                items.insert(place, self._value(items))
            case 7:
                items[place : place + program.below(3)] = [program.value(2) for _ in range(program.below(3))]
            case 8:
                items += [program.value(2)]
            case choice if items and choice >= 13:
                self._change_place(items, place, choice)
            case choice:
                self._change_all(items, choice)

    def _change_all(self, items: list[Any], choice: int) -> None:
        if choice == 9:
            items.reverse()
        elif choice == 10:
            items.sort(key=repr)
        elif choice == 11 and len(items) < 8:
            items *= self._program.below(3)
        else:
            items.clear()

    def _change_place(self, items: list[Any], place: int, choice: int) -> None:
        if choice == 13:
            items[place] = self._value(items)
        elif choice == 14:
            row = items.pop(place)
            if self._program.below(2):
                items.append(row)
            elif isinstance(row, dict | list | set):
                self._held.append(row)
        else:
            items[0], items[place] = items[place], items[0]

    def _change_set(self, values: set[Any]) -> None:
        value = self._program.one_of(HASHABLE)
        match self._program.below(5):
            case 0 | 1:
                values.add(value)
            case 2:
                values.discard(value)
            case 3:
                values ^= {value, 1}
            case _:
                values.clear()


def _values(container: Any) -> list[Any]:
    if isinstance(container, dict):
        return list(container.values())
    return list(container)


def _has(value: Any, container: Any) -> bool:
    """Tell whether a container is somewhere inside a value, so that neither ends up in itself."""
    if not isinstance(value, dict | list):
        return False
    return value is container or any(_has(item, container) for item in _values(value))


def _size(value: Any, depth: int = 0) -> int:
    """Count values, so that programs which copy the state into itself stay small."""
    if depth > 12:
        return MAX_ITEMS
    if isinstance(value, dict):
        return 1 + sum(_size(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return 1 + sum(_size(item, depth + 1) for item in value)
    return 1
