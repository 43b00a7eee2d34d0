"""What a component that code makes is made of, and the containers that are open while it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar, Token
from typing import Any, Protocol, Self

from .catalogue import Catalogue, ComponentDefinition
from .errors import LayoutError
from .ui_records import Component, canonical_event

#: The containers that ``with`` has opened, outermost first, each with the interface it belongs to.
open_containers: ContextVar[tuple[tuple[object, str], ...]] = ContextVar("streamsync_containers", default=())


class Containers(Protocol):
    """Knows which component types hold others."""

    def is_container(self, type_name: str) -> bool:
        """Tell whether components of this type hold others."""


class UIError(LayoutError):
    """Raised when code makes a component that the layout cannot have; says which rule it breaks."""

    def __init__(self, problem: str) -> None:
        super().__init__([problem])


class PlacedComponent:
    """One component of the page; a container can be opened by ``with`` to put others into it."""

    def __init__(self, ui: Containers, component: Component) -> None:
        self._ui = ui
        self._component = component
        self._tokens: list[Token[tuple[tuple[object, str], ...]]] = []

    @property
    def id(self) -> str:
        return self._component.id

    @property
    def type(self) -> str:
        return self._component.type

    @property
    def content(self) -> dict[str, str]:
        """The content by field; templates in it are not evaluated."""
        return dict(self._component.content)

    @property
    def position(self) -> int:
        return self._component.position

    @property
    def parentId(self) -> str | None:  # noqa: N802 (the author's API)
        return self._component.parent_id

    @property
    def is_code_managed(self) -> bool:
        """Whether code made it, rather than somebody in the Builder."""
        return self._component.is_code_managed

    def __enter__(self) -> Self:
        if not self._ui.is_container(self.type):
            raise UIError(f"a {self.type} ({self.id!r}) holds no components")
        self._tokens.append(open_containers.set((*open_containers.get(), (self._ui, self.id))))
        return self

    def __exit__(self, *error: object) -> None:
        open_containers.reset(self._tokens.pop())

    def __repr__(self) -> str:
        return f"<{self.type} {self.id!r}>"


def method_name(definition: ComponentDefinition) -> str:
    """Return how the method is called that makes such a component."""
    return definition.name.replace(" ", "")


def by_display_name(catalogue: Catalogue) -> dict[str, ComponentDefinition]:
    """Return the component types by the names of their methods, in lower case."""
    return {method_name(definition).lower(): definition for definition in catalogue.values()}


def content_texts(content: Mapping[str, Any], definition: ComponentDefinition | None) -> dict[str, str]:
    """Return content as text: containers as JSON, all else by ``str``; None is as good as absent."""
    texts = {}
    for name, value in content.items():
        if value is None:
            continue
        field = definition.fields.get(name) if definition is not None else None
        if isinstance(value, bool) and field is not None and field.type == "boolean":
            texts[name] = "yes" if value else "no"
        elif isinstance(value, dict | list | tuple):
            texts[name] = json.dumps(value, ensure_ascii=False, default=str)
        else:
            texts[name] = str(value)
    return texts


def binding_record(binding: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return the record of ``{event: state reference}``; raises UIError for more than one."""
    if not binding:
        return None
    if len(binding) != 1:
        raise UIError(f"a component has one binding, not {len(binding)}: {', '.join(binding)}")
    event_type, reference = next(iter(binding.items()))
    return {"eventType": canonical_event(event_type), "stateRef": reference}
