"""The catalogue: what each component type is. Python and browser read the same files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import msgspec

from streamsync_django.core.errors import CatalogueError

FieldType = Literal[
    "text",
    "number",
    "boolean",
    "color",
    "shadow",
    "object",
    "keyValue",
    "identifyingKey",
    "width",
    "alignH",
    "alignV",
    "padding",
]

PayloadKind = Literal[
    "none",
    "click",
    "keydown",
    "hashchange",
    "pageKey",
    "text",
    "number",
    "option",
    "options",
    "toggle",
    "tag",
    "date",
    "time",
    "range",
    "integer",
    "chatbotMessage",
    "chatbotAction",
    "files",
    "picture",
    "recordAdd",
    "recordUpdate",
    "recordAction",
    "points",
    "point",
    "raw",
    "native",
]

#: `all`: every event counts. `latest`: one in flight, then only the newest.
QueueMark = Literal["all", "latest"]

#: What custom component types begin with.
CUSTOM_PREFIX = "custom_"

ROOT_TYPE = "root"
ANY_TYPE = "*"
#: In `allowed_children`: whatever the parent's own parent may hold.
INHERIT = "inherit"


class FieldDefinition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True
):
    """One field of a component type; its content is text, whatever the type."""

    label: str
    type: FieldType
    default: str = ""
    init: str | None = None
    control: Literal["textarea"] | None = None
    options: dict[str, str] | None = None
    suggestions: Literal["pageLinks", "componentIds"] | None = None
    group: Literal["general", "style"] = "general"
    css_variable: bool = False
    description: str = ""
    min: float | None = None
    max: float | None = None
    deprecated: bool = False
    versions: str = ""

    @property
    def is_template(self) -> bool:
        """Whether `@{…}` in the content is evaluated; a page's key must stay what it says."""
        return self.type != "identifyingKey"


class EventDefinition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True
):
    """One event of a component type: how its payload is checked, and whether each one counts."""

    payload: PayloadKind
    queue: QueueMark
    bindable: bool = False
    description: str = ""
    stub: str = ""


class ComponentDefinition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"
):
    """One component type, built in or custom."""

    type: str
    name: str
    category: str
    description: str
    since: str = ""
    allowed_parents: tuple[str, ...] = (ANY_TYPE,)
    allowed_children: tuple[str, ...] = ()
    preview_field: str | None = None
    positionless: bool = False
    slot: str = "default"
    fields: dict[str, FieldDefinition] = {}
    events: dict[str, EventDefinition] = {}

    @property
    def is_custom(self) -> bool:
        return self.type.startswith(CUSTOM_PREFIX)

    @property
    def is_container(self) -> bool:
        return bool(self.allowed_children)

    @property
    def bindable_event(self) -> str | None:
        """The event whose payload a binding writes, if the type has one."""
        return next((name for name, event in self.events.items() if event.bindable), None)


# msgspec learns a struct's shape when it is first used, and two threads that do that at once crash the
# interpreter (0.22): so every struct that is read has a decoder made while its module loads.
_decoder = msgspec.json.Decoder(ComponentDefinition)


class UnknownTypeError(CatalogueError, KeyError):
    """Raised when the catalogue is asked for a type that it does not have."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes


def read_definition(text: str | bytes, source: str) -> ComponentDefinition:
    """Read one definition strictly; `source` is the file's name, for the message."""
    try:
        raw = msgspec.json.decode(text)
        definition = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{source}: {_locate(raw, error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogueError(f"{source}: this is not JSON: {error}") from error
    _check(definition, source)
    return definition


def _locate(raw: object, error: msgspec.ValidationError) -> str:
    """Say which field or event is wrong, where msgspec only says `fields[...]`."""
    if "[...]" in str(error) and isinstance(raw, dict):
        parts: tuple[tuple[str, type[msgspec.Struct]], ...] = (
            ("fields", FieldDefinition),
            ("events", EventDefinition),
        )
        for part, struct in parts:
            entries = raw.get(part)
            for key, value in entries.items() if isinstance(entries, dict) else ():
                try:
                    msgspec.convert(value, struct)
                except msgspec.ValidationError as inner:
                    return f"`{part}.{key}`: {_without_root(inner)}"
    return _without_root(error)


def _without_root(error: msgspec.ValidationError) -> str:
    """Take msgspec's `$.` off the path, and name the texts that were allowed."""
    message = str(error).replace(" - at `", " at `").replace("`$.", "`")
    allowed = _ALLOWED_TEXTS.get(message.rpartition(" at `")[2].rstrip("`").rpartition(".")[2])
    if message.startswith("Invalid enum value") and allowed:
        message += f", expected one of {', '.join(allowed)}"
    return message


_ALLOWED_TEXTS: dict[str, tuple[str, ...]] = {
    "type": get_args(FieldType),
    "payload": get_args(PayloadKind),
    "queue": get_args(QueueMark),
    "group": ("general", "style"),
    "control": ("textarea",),
    "suggestions": ("pageLinks", "componentIds"),
}


def _check(definition: ComponentDefinition, source: str) -> None:
    """Check what types cannot say."""
    preview = definition.preview_field
    if preview is not None and preview not in definition.fields:
        raise CatalogueError(f"{source}: `previewField` must be one of the fields, got {preview!r}")
    if ANY_TYPE in definition.allowed_parents and definition.type == ROOT_TYPE:
        raise CatalogueError(f"{source}: `allowedParents` of the root must be empty")
    for name in definition.events:
        if name.startswith("wf-"):
            raise CatalogueError(
                f"{source}: `events.{name}`: events begin with ss-, expected {'ss-' + name[3:]!r}"
            )
    for key, field in definition.fields.items():
        if field.min is not None and field.max is not None and field.min > field.max:
            raise CatalogueError(f"{source}: `fields.{key}`: `min` must not be above `max`")


class Catalogue(Mapping[str, ComponentDefinition]):
    """The component types that a layout may use, by type. It never changes: see `extended`."""

    __slots__ = ("_definitions",)

    def __init__(self, definitions: Iterable[ComponentDefinition]) -> None:
        self._definitions = {definition.type: definition for definition in definitions}

    def __getitem__(self, type_name: str) -> ComponentDefinition:
        try:
            return self._definitions[type_name]
        except KeyError:
            nearest = self.nearest(type_name)
            hint = f"; did you mean {nearest!r}?" if nearest else ""
            raise UnknownTypeError(f"there is no component type {type_name!r}{hint}") from None

    def __contains__(self, type_name: object) -> bool:
        return type_name in self._definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    def extended(self, definitions: Iterable[ComponentDefinition]) -> Catalogue:
        """Return a catalogue with these custom types too; a built-in type cannot be redefined."""
        added = tuple(definitions)
        for definition in added:
            if not definition.is_custom:
                raise CatalogueError(
                    f"{definition.type}: `type` of a custom component must begin with {CUSTOM_PREFIX!r}"
                )
        return Catalogue([*self._definitions.values(), *added])

    def nearest(self, type_name: str) -> str | None:
        """Return the known type whose name resembles this one most, for a hint."""
        # difflib is quadratic in the length; no type's name is anywhere near this long.
        matches = difflib.get_close_matches(type_name[:64].lower(), self._definitions, n=1)
        return matches[0] if matches else None

    def fits(self, child_type: str, parent_chain: Iterable[str]) -> bool:
        """Tell whether a component may be placed below these parents, the direct one first.

        A custom type without a definition accepts anything and may be placed in any container,
        so that a layout still opens when an extension is missing.
        """
        ancestors = iter(parent_chain)
        parent = next(ancestors, None)
        if parent is None:
            return child_type == ROOT_TYPE
        return self._accepts_parent(child_type, parent) and self._is_held(child_type, parent, ancestors)

    def _accepts_parent(self, child_type: str, parent: str) -> bool:
        definition = self._definitions.get(child_type)
        if definition is None:
            return child_type.startswith(CUSTOM_PREFIX)
        return ANY_TYPE in definition.allowed_parents or parent in definition.allowed_parents

    def _is_held(self, child_type: str, parent: str, ancestors: Iterator[str]) -> bool:
        holder: str | None = parent
        while holder is not None:
            allowed = self._children_of(holder)
            if child_type in allowed or ANY_TYPE in allowed:
                return True
            if INHERIT not in allowed:
                return False
            holder = next(ancestors, None)
        return False

    def _children_of(self, type_name: str) -> tuple[str, ...]:
        definition = self._definitions.get(type_name)
        if definition is not None:
            return definition.allowed_children
        return (ANY_TYPE,) if type_name.startswith(CUSTOM_PREFIX) else ()


@cache
def load_catalogue() -> Catalogue:
    """Read the built-in component types, once per process."""
    definitions = []
    for file in sorted((files("streamsync_django") / "catalogue").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".json") or file.name == "schema.json":
            continue
        definition = read_definition(file.read_bytes(), file.name)
        if file.name != f"{definition.type}.json":
            raise CatalogueError(f"{file.name}: `type` must be the file's name, got {definition.type!r}")
        definitions.append(definition)
    return Catalogue(definitions)
