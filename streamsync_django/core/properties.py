"""Computed properties: elements of the state that follow from other elements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from .errors import StateError
from .recorder import ElementPath
from .state import State, state_classes
from .subscriptions import split_path, watch_of

T = TypeVar("T")


class ComputedProperty(Generic[T]):
    """A method of a state class whose result is kept in the state under the method's name."""

    def __init__(self, function: Callable[[Any], T], paths: tuple[ElementPath, ...]) -> None:
        self.function = function
        self.paths = paths
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        if not issubclass(owner, State):
            raise StateError(f"{owner.__name__}.{name}: computed properties belong to subclasses of State")
        self.name = name

    @overload
    def __get__(self, state: None, owner: type) -> ComputedProperty[T]: ...

    @overload
    def __get__(self, state: State, owner: type) -> T: ...

    def __get__(self, state: State | None, owner: type) -> ComputedProperty[T] | T:
        if state is None:
            return self
        value: T = state[self.name]
        return value


def computed_property(
    path: str | Iterable[str],
) -> Callable[[Callable[[Any], T]], ComputedProperty[T]]:
    r"""Decorate a method of a state class: its result is an element, computed anew when a path changes.

        class Cart(ss.State):
            prices: list[float]

            @ss.property("prices")
            def total(self) -> float:
                return sum(self["prices"])

    The method takes only ``self``, and its name is the element's: ``state.total``, ``@{total}``. Paths start
    at the class's own state; a dot inside a key is written ``\.``. Raises StateError for a bad path.
    """
    if not isinstance(path, Iterable):
        raise StateError("a computed property names what it follows: @ss.property('prices')")
    paths = tuple(split_path(text) for text in ((path,) if isinstance(path, str) else path))
    if not paths:
        raise StateError("a computed property follows at least one path")

    def decorate(function: Callable[[Any], T]) -> ComputedProperty[T]:
        return ComputedProperty(function, paths)

    return decorate


@dataclass(frozen=True, slots=True)
class Recomputation:
    """One property of the state at `owner`, kept up to date."""

    owner: ElementPath
    declared: ComputedProperty[Any]

    follows_below = True

    @property
    def paths(self) -> tuple[ElementPath, ...]:
        return tuple((*self.owner, *path) for path in self.declared.paths)

    @property
    def own_path(self) -> ElementPath:
        return (*self.owner, self.declared.name)

    def run(self, root: State, path: ElementPath, previous: object, new: object) -> None:
        self.compute(root)

    def compute(self, root: State) -> None:
        """Write the value, if the state it belongs to is there."""
        state: Any = root
        for key in self.owner:
            state = state[key]
            if not isinstance(state, State):
                return
        state[self.declared.name] = self.declared.function(state)


def install_properties(root: State) -> None:
    """Compute every property of a state's classes, nested ones included, and keep them up to date."""
    found = list(_recomputations(type(root), (), frozenset()))
    if not found:
        return
    watch = watch_of(root)
    for recomputation in found:
        watch.add(recomputation)
    for recomputation in found:
        recomputation.compute(root)


def _recomputations(
    cls: type[State], owner: ElementPath, above: frozenset[type[State]]
) -> Iterator[Recomputation]:
    """Yield the properties of a class, and of the classes its annotations name."""
    if cls in above:
        return  # a class inside itself: where it ends is known of values only
    for key, inner in state_classes(cls).items():
        yield from _recomputations(inner, (*owner, key), above | {cls})
    names: dict[str, ComputedProperty[Any]] = {}
    for base in reversed(cls.__mro__):
        names.update(
            {name: value for name, value in vars(base).items() if isinstance(value, ComputedProperty)}
        )
    for declared in names.values():
        yield Recomputation(owner, declared)
