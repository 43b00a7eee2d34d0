"""What the annotations of a state class say: which keys nest, and as what."""

from __future__ import annotations

import warnings
from types import NoneType, UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

_hint_cache: dict[type, dict[str, Any]] = {}


def hints_of(cls: type) -> dict[str, Any]:
    """Return a class's annotations, evaluated; none where one of them names what is not there."""
    found = _hint_cache.get(cls)
    if found is None:
        try:
            found = get_type_hints(cls)
        except NameError:  # an annotation that cannot be resolved says nothing about nesting
            found = {}
        _hint_cache[cls] = found
    return found


def plain_hint(hint: Any) -> Any:
    """Return the class that an annotation names: of ``Address | None`` it is Address, of ``dict[str, int]`` dict."""
    if get_origin(hint) in (Union, UnionType):
        named = [choice for choice in get_args(hint) if choice is not NoneType]
        hint = named[0] if len(named) == 1 else None
    return get_origin(hint) or hint


def is_class_variable(hint: Any) -> bool:
    """Tell an annotation that is about the class itself; it may be text that has not been evaluated."""
    text = hint if isinstance(hint, str) else ""
    return (
        hint is ClassVar
        or get_origin(hint) is ClassVar
        or text.removeprefix("typing.").startswith("ClassVar")
    )


def give_up_default(cls: type, name: str) -> None:
    """Take a value off the class that would be read instead of the state's, and say where it belongs."""
    if hasattr(type(cls.__dict__[name]), "__get__"):
        return  # a property, or a method: reading the attribute is its business
    delattr(cls, name)
    warnings.warn(
        f"{cls.__name__}.{name}: a value in the class is not used; give it to init_state", stacklevel=3
    )
