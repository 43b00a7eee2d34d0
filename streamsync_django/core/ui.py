"""Components that an author's code makes: `init_ui` for all sessions, the `ui` argument for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import RLock
from typing import Any, Final, Self

from . import journal
from .catalogue import CUSTOM_PREFIX, Catalogue, ComponentDefinition, load_catalogue
from .components import ROOT_ID, ComponentTree
from .errors import CatalogueError
from .layers import Layer
from .placing import (
    PlacedComponent,
    UIError,
    binding_record,
    by_display_name,
    content_texts,
    method_name,
    open_containers,
)
from .tree_checks import MAX_DEPTH, find_oddities
from .ui_records import POSITIONLESS, Component, read_record

__all__ = ["PlacedComponent", "UIError", "UserInterface"]

#: What the ids of components begin with that code made without giving them one.
_ID_PREFIX: Final = "cmc"


class UserInterface:
    """Makes components, by one method per component type, such as ``ui.Text({"text": "Hello"})``.

    A method's name is the type's display name without spaces. Containers are context managers: what is made
    inside becomes their child. Each method takes ``(content={}, *, id=None, position=None, parentId=None,
    handlers=None, visible=None, binding=None)`` and raises UIError, naming the rule, for what the catalogue
    does not allow. Nothing made here is ever stored in the layout.

    May be used by several threads. What a session's handlers make reaches its browser with the next
    flush, or when the handler ends.
    """

    def __init__(
        self,
        below: Callable[[], ComponentTree],
        expose: Callable[[Callable[..., Any]], str],
        catalogue: Catalogue | None = None,
    ) -> None:
        self._below = below
        self._expose = expose
        self._catalogue = load_catalogue() if catalogue is None else catalogue
        self._lock = RLock()
        self._layer = Layer()
        self._published = Layer()
        self._merged: dict[str, tuple[Layer, ComponentTree, ComponentTree]] = {}
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is open: containers close themselves."""

    def __getattr__(self, name: str) -> Callable[..., PlacedComponent]:
        if name.startswith("_"):
            raise AttributeError(name)
        definition = by_display_name(self._catalogue).get(name.lower())
        if definition is None:
            raise AttributeError(
                f"ui has no method, and the catalogue no component type, {name!r}; for a custom type: "
                f'ui.create_component("{CUSTOM_PREFIX}…")'
            )
        if definition.is_container:
            return partial(self.create_container_component, definition.type)
        return partial(self.create_component, definition.type)

    def __dir__(self) -> list[str]:
        names = [method_name(definition) for definition in self._catalogue.values()]
        return [*super().__dir__(), *names]

    # Looking

    @property
    def component_tree(self) -> ComponentTree:
        """All components as of now, those of the layout included; it never changes."""
        return self._tree_with("now", self._layer)

    @property
    def root(self) -> PlacedComponent:
        """The root, which holds the pages."""
        return self.find(ROOT_ID)

    def find(self, component_id: str) -> PlacedComponent:
        """Return a component by id; raises UIError when there is none."""
        return PlacedComponent(self, self._get(component_id))

    def parent(self, component_id: str, level: int = 1) -> str | None:
        """Return the id of an ancestor: level 1 is the direct parent. None above the root."""
        self._get(component_id)
        ancestors = self.component_tree.ancestors(component_id)
        if level < 1:
            raise UIError(f"level: expected 1 for the direct parent, or more, not {level}")
        return ancestors[level - 1].id if level <= len(ancestors) else None

    def is_container(self, type_name: str) -> bool:
        """Tell whether components of this type hold others."""
        definition = self._catalogue.get(type_name)
        return definition.is_container if definition is not None else type_name.startswith(CUSTOM_PREFIX)

    # Making

    def create_component(
        self, component_type: str, content: Mapping[str, Any] | None = None, **details: Any
    ) -> PlacedComponent:
        """Make a component by its type's id, inside the container that is open, or of `parentId`.

        Takes what the method of a component type takes. Raises UIError outside of a container.
        """
        parent = details.pop("parentId", None) or self._open_container()
        if parent is None:
            raise UIError(
                f"a {component_type} is made inside of a container: open one, as in "
                "`with ui.find('…'):`, or give parentId"
            )
        return self._make(component_type, content, parent, **details)

    def create_container_component(
        self, component_type: str, content: Mapping[str, Any] | None = None, **details: Any
    ) -> PlacedComponent:
        """Make a container by its type's id, to be opened by ``with``; outside of others it is the root's."""
        parent = details.pop("parentId", None) or self._open_container() or ROOT_ID
        return self._make(component_type, content, parent, **details)

    def refresh_with(self, component_id: str) -> PlacedComponent:
        """Remove what code has put into a component, and return it, to be filled anew by ``with``."""
        with self._lock:
            self._get(component_id)
            for child in self.component_tree.children(component_id):
                if child.is_code_managed:
                    self._remove(child.id)
        return self.find(component_id)

    def delete_component(self, component_id: str) -> None:
        """Remove a component that code made, and what is in it.

        Raises UIError for one that was made in the Builder: that one belongs to the layout.
        """
        with self._lock:
            if not self._get(component_id).is_code_managed:
                raise UIError(f"component {component_id!r} was made in the Builder; code cannot delete it")
            self._remove(component_id)

    # What the session shows

    @property
    def layer(self) -> Layer:
        """What was made here so far."""
        return self._layer

    def publish(self) -> bool:
        """Let browsers see what was made so far; return whether that is anything new."""
        with self._lock:
            is_new = self._published is not self._layer
            self._published = self._layer
            return is_new

    @property
    def has_news(self) -> bool:
        """Whether something was made since the last `publish`."""
        return self._published is not self._layer

    @property
    def published_tree(self) -> ComponentTree:
        """The components that browsers may see, and send events from."""
        return self._tree_with("published", self._published)

    # Inside

    def _tree_with(self, name: str, layer: Layer) -> ComponentTree:
        below = self._below()
        with self._lock:
            known = self._merged.get(name)
            if known is not None and known[0] is layer and known[1] is below:
                return known[2]
            tree = layer.over(below)
            self._merged[name] = (layer, below, tree)
            return tree

    def _get(self, component_id: str) -> Component:
        component = self._layer.components.get(component_id) or self._below().get(component_id)
        if component is None or component_id in self._layer.hidden:
            raise UIError(f"there is no component {component_id!r}")
        return component

    def _open_container(self) -> str | None:
        return next((key for ui, key in reversed(open_containers.get()) if ui is self), None)

    def _make(
        self,
        component_type: str,
        content: Mapping[str, Any] | None,
        parent_id: str,
        *,
        id: str | None = None,
        position: int | None = None,
        handlers: Mapping[str, Any] | None = None,
        visible: bool | str | Mapping[str, Any] | None = None,
        binding: Mapping[str, str] | None = None,
    ) -> PlacedComponent:
        definition = self._definition(component_type)
        with self._lock:
            component_id = self._new_id(component_type) if id is None else id
            texts = content_texts(content or {}, definition)
            if component_type == "page" and id is None:
                texts.setdefault("key", component_id)
            record = {
                "id": component_id,
                "type": component_type,
                "content": texts,
                "parentId": parent_id,
                "position": self._position(parent_id, position, definition),
                "handlers": {event: self._handler_name(value) for event, value in (handlers or {}).items()},
                "binding": binding_record(binding),
                "visible": visible,
                "isCodeManaged": True,
            }
            reading = read_record(component_id, record)
            if reading.component is None or reading.problems:
                raise UIError("; ".join(reading.problems))
            self._check_place(reading.component)
            self._layer = Layer(
                {**self._layer.components, component_id: reading.component},
                self._layer.hidden - {component_id},
            )
        for oddity in find_oddities([reading.component], self._catalogue):
            journal.write("warning", "A component that code made", oddity)
        return PlacedComponent(self, reading.component)

    def _definition(self, component_type: str) -> ComponentDefinition | None:
        try:
            return self._catalogue[component_type]
        except CatalogueError as error:
            if isinstance(component_type, str) and component_type.startswith(CUSTOM_PREFIX):
                return None
            raise UIError(str(error)) from error

    def _check_place(self, component: Component) -> None:
        name = f"component {component.id!r} ({component.type})"
        if component.id in self._layer.components:
            raise UIError(f"{name}: code has made a component with this id already")
        if component.id == ROOT_ID:
            raise UIError(f"{name}: the root cannot be replaced")
        parent = self._get(component.parent_id or "")
        chain = [parent, *self._ancestors(parent)]
        if any(ancestor.id == component.id for ancestor in chain):
            raise UIError(f"{name}: it would be inside itself")
        if len(chain) >= MAX_DEPTH:
            raise UIError(f"{name}: nested deeper than {MAX_DEPTH} levels")
        if not self._catalogue.fits(component.type, [ancestor.type for ancestor in chain]):
            raise UIError(f"{name}: it may not be placed in {parent.id!r} ({parent.type})")

    def _ancestors(self, component: Component) -> Iterator[Component]:
        while component.parent_id is not None:
            component = self._get(component.parent_id)
            yield component

    def _position(self, parent_id: str, given: int | None, definition: ComponentDefinition | None) -> int:
        if definition is not None and definition.positionless:
            return POSITIONLESS
        if given is not None:
            return given
        siblings = [component for component in self._code_managed() if component.parent_id == parent_id]
        return max((sibling.position for sibling in siblings if sibling.position >= 0), default=-1) + 1

    def _code_managed(self) -> Iterator[Component]:
        yield from self._layer.components.values()
        yield from (
            component
            for component in self._below().values()
            if component.is_code_managed and component.id not in self._layer.hidden
        )

    def _new_id(self, component_type: str) -> str:
        """Return an id that was never used before: an event of a page drawn earlier means nothing else."""
        while True:
            count = self._counts[component_type] = self._counts.get(component_type, 0) + 1
            candidate = f"{_ID_PREFIX}-{component_type}-{count}"
            if candidate not in self._layer.components and candidate not in self._below():
                return candidate

    def _handler_name(self, handler: Any) -> Any:
        return self._expose(handler) if callable(handler) else handler

    def _remove(self, component_id: str) -> None:
        """Take a component and all below it out of this layer, and hide what is in the layers below."""
        gone = {component_id}
        while True:
            more = {child.id for child in self._all() if child.parent_id in gone} - gone
            if not more:
                break
            gone |= more
        kept = {key: part for key, part in self._layer.components.items() if key not in gone}
        below = self._below()
        self._layer = Layer(kept, self._layer.hidden | {key for key in gone if key in below})

    def _all(self) -> Iterator[Component]:
        yield from self._layer.components.values()
        yield from self._below().values()
