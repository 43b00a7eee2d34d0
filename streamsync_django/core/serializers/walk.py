"""Take a value apart, down to what JSON knows."""

from __future__ import annotations

from collections import OrderedDict, UserDict, UserList, deque
from collections.abc import Callable, ItemsView, Iterable, KeysView, Mapping, Set, ValuesView
from typing import Any
from weakref import WeakKeyDictionary

from streamsync_django.core.errors import SerializationError, StreamsyncError
from streamsync_django.core.files import Binary
from streamsync_django.core.tables import LargeTable

from . import arrays, figures, images, records, scalars, tables
from .naming import Finished, Simplify, class_names, readable, type_name

#: Deeper values are refused: neither browsers nor Python's stack are made for them.
MAX_DEPTH = 200

_BY_NAME: dict[str, Simplify] = {
    **scalars.BY_NAME,
    **arrays.BY_NAME,
    **tables.BY_NAME,
    **figures.BY_NAME,
    **images.BY_NAME,
    **records.BY_NAME,
}


class Walk:
    """One value's way to JSON: collects the binaries met, and notices when the value contains itself.

    With `pages_tables`, of a large table only the first rows are sent.
    """

    def __init__(self, *, pages_tables: bool = True) -> None:
        self._pages_tables = pages_tables
        self.binaries: dict[str, Binary] = {}
        self._path: set[int] = set()

    def json_value(self, value: object) -> object:
        """Return a value of JSON's types only, with markers where binaries were."""
        kind = type(value)
        if kind is str:
            return readable(value)  # type: ignore[arg-type]
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return scalars.exact_int(value)  # type: ignore[arg-type]
        if kind is Finished:
            return value.json_value  # type: ignore[attr-defined]
        if kind is Binary:
            return self._marker(value)  # type: ignore[arg-type]
        if kind is LargeTable:
            return self._table(value)  # type: ignore[arg-type]
        self._enter(value)
        try:
            return _step_for(kind)(self, value)
        finally:
            self._path.discard(id(value))

    def json_array(self, items: Iterable[object]) -> list[object]:
        """Turn any series of values into a JSON array."""
        return [self.json_value(item) for item in items]

    def json_object(self, pairs: Iterable[tuple[object, object]]) -> dict[str, object]:
        """Turn pairs into a JSON object whose keys are text; one that looks like a marker is wrapped."""
        shown = {_key(key): self.json_value(item) for key, item in pairs}
        return {"$": ["object", shown]} if "$" in shown else shown

    def _enter(self, value: object) -> None:
        if id(value) in self._path:
            raise SerializationError(
                f"a {type_name(value)} contains itself; the browser needs a value that ends",
                type_name=type_name(value),
            )
        if len(self._path) >= MAX_DEPTH:
            raise too_deep(value)
        self._path.add(id(value))

    def _marker(self, binary: Binary) -> dict[str, object]:
        self.binaries[binary.digest] = binary
        return {"$": ["binary", binary.mime, binary.digest, len(binary.data)]}

    def _table(self, table: LargeTable) -> object:
        if not self._pages_tables:
            return self.json_value(table.rows.whole())
        first = table.first_page()
        self.binaries[first.digest] = first
        return {"$": ["table", first.mime, first.digest, len(first.data), table.row_count]}


Step = Callable[[Walk, Any], object]


def _plain_dict(walk: Walk, value: Any) -> object:
    return walk.json_object(dict.items(value))


def _mapping(walk: Walk, value: Any) -> object:
    return walk.json_object(value.items())


def _series(walk: Walk, value: Any) -> object:
    return walk.json_array(value)


def _plain_list(walk: Walk, value: Any) -> object:
    return walk.json_array(list.__iter__(value))


def _sorted_set(walk: Walk, value: Any) -> object:
    """Sort a set where its items can be compared, so that equal sets look equal."""
    items: list[Any] = list(set.__iter__(value) if isinstance(value, set) else value)
    try:
        items.sort()
    except TypeError:
        items.sort(key=lambda item: (type(item).__name__, str(item)))
    return walk.json_array(items)


#: By class, subclasses included. Tracked containers are read as the dict, list or set they are.
_CONTAINERS: tuple[tuple[type, Step], ...] = (
    (OrderedDict, _mapping),
    (dict, _plain_dict),
    (UserDict, _mapping),
    (list, _plain_list),
    (UserList, _series),
    (tuple, _series),
    (set, _sorted_set),
    (frozenset, _sorted_set),
    (deque, _series),
    (range, _series),
    (KeysView, _series),
    (ValuesView, _series),
    (ItemsView, _series),
)

_steps: WeakKeyDictionary[type, Step] = WeakKeyDictionary()


def _step_for(kind: type) -> Step:
    step = _steps.get(kind)
    if step is None:
        step = _steps[kind] = _find_step(kind)
    return step


def _find_step(kind: type) -> Step:
    """Decide once per class how its values are sent."""
    if hasattr(kind, "__streamsync_value__"):
        return _simplified(lambda value: value.__streamsync_value__())
    for base, simplify in scalars.BY_CLASS:
        if issubclass(kind, base):
            return _simplified(simplify)
    for base, step in _CONTAINERS:
        if issubclass(kind, base):
            return step
    for name in class_names(kind):
        if name in _BY_NAME:
            return _simplified(_BY_NAME[name])
    return _find_step_by_shape(kind)


def _find_step_by_shape(kind: type) -> Step:
    """Go by what a class offers: fields, an Arrow interface, a mapping, and last of all to_dict()."""
    for attribute, simplify in (*records.BY_ATTRIBUTE.items(), *tables.BY_METHOD.items()):
        if hasattr(kind, attribute):
            return _simplified(simplify)
    if issubclass(kind, Mapping):
        return _mapping
    if issubclass(kind, Set):
        return _sorted_set
    if callable(getattr(kind, "to_dict", None)):
        return _simplified(lambda value: value.to_dict())
    return _refuse


def _simplified(simplify: Simplify) -> Step:
    """Make a step of a family's function; what a library raises meanwhile is told as a serialization error."""

    def step(walk: Walk, value: Any) -> object:
        try:
            simpler = simplify(value)
        except StreamsyncError:
            raise
        except Exception as error:
            name = type_name(value)
            raise SerializationError(f"a {name} could not be serialised: {error}", type_name=name) from error
        return walk.json_value(simpler)

    return step


def _refuse(_walk: Walk, value: Any) -> object:
    name = type_name(value)
    raise SerializationError(
        f"a value of type {name} cannot be sent to the browser; assign one made of text, numbers, lists and dicts, "
        "give the class a to_dict() method, or begin its key with _ to keep it on the server",
        type_name=name,
    )


def too_deep(value: object) -> SerializationError:
    """Describe a value that is nested beyond any use."""
    return SerializationError(
        f"the value is nested more than {MAX_DEPTH} levels deep", type_name=type_name(value)
    )


def _key(key: object) -> str:
    return readable(str.__str__(key) if isinstance(key, str) else str(key))
