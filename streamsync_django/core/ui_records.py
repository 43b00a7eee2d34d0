"""One component's record, in any form a release of the original ever stored, and the Component it becomes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: The position of a component that has no place among its siblings, such as a sidebar.
POSITIONLESS = -2

#: Beyond any real position; wire and browser hold it exactly.
MAX_POSITION = 2**31

#: Component types of the original's editor that no visitor ever sees; they are left out of the tree.
EDITOR_ONLY_PREFIXES = ("blueprints_", "workflows_")
EDITOR_ONLY_TYPES = frozenset({"note", "workflowsnode"})


@dataclass(frozen=True, slots=True)
class Binding:
    """An input's link to an element of the state, written before the handler runs."""

    event_type: str
    state_ref: str


@dataclass(frozen=True, slots=True)
class Visibility:
    """Whether a component shows: always, never, or as an expression says."""

    kind: Literal["always", "never", "custom"] = "always"
    expression: str = ""
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a layout. Content is text; templates in it are not evaluated here."""

    id: str
    type: str
    content: Mapping[str, str]
    parent_id: str | None
    position: int
    handlers: Mapping[str, str]
    binding: Binding | None
    visibility: Visibility
    is_code_managed: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What one record became, and what was odd about it."""

    component: Component | None
    #: The position as stored; None when absent, so that the component goes last.
    position: int | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def is_editor_only(type_name: str) -> bool:
    """Tell whether the original's editor keeps such records for itself (notes, blueprints)."""
    return type_name in EDITOR_ONLY_TYPES or type_name.startswith(EDITOR_ONLY_PREFIXES)


def label(component_id: str, type_name: object) -> str:
    """Name a component in a message: its id and its type."""
    return f"component {component_id!r} ({type_name if isinstance(type_name, str) else 'no type'})"


def read_record(key: str, record: object) -> Reading:
    """Normalize one record; every problem in it is reported, not only the first."""
    if not isinstance(record, Mapping):
        return Reading(None, None, (f"component {key!r}: expected an object, got {describe(record)}",), ())
    return _RecordReader(key, record).read()


def describe(value: object) -> str:
    """Name a JSON value in a message, briefly."""
    names: tuple[tuple[type, str], ...] = ((Mapping, "an object"), (list, "a list"), (str, "text"))
    for python_type, name in names:
        if isinstance(value, python_type):
            return f"the text {value[:40]!r}" if isinstance(value, str) else name
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)[:40]


class _RecordReader:
    """Reads the keys of one record, collecting problems on the way."""

    def __init__(self, key: str, record: Mapping[object, object]) -> None:
        self.key = key
        self.record = record
        self.label = label(key, record.get("type"))
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def read(self) -> Reading:
        type_name = self._required_text("type")
        if self._required_text("id") not in (self.key, ""):
            self._expect("id", f"{self.key!r} as the key it stands under", self.record["id"])
        parent_id = self._parent_id()
        content = migrate_content(type_name, self._content())
        handlers = self._handlers()
        binding = self._binding()
        visibility = self._visibility()
        position = self._position()
        is_code_managed = self._flag("isCodeManaged")
        component = Component(
            id=self.key,
            type=type_name,
            content=MappingProxyType(content),
            parent_id=parent_id,
            position=position or 0,
            handlers=MappingProxyType(handlers),
            binding=binding,
            visibility=visibility,
            is_code_managed=is_code_managed,
        )
        return Reading(component if type_name else None, position, tuple(self.problems), tuple(self.warnings))

    def _expect(self, key: str, expected: str, got: object) -> None:
        self.problems.append(f"{self.label}: `{key}`: expected {expected}, got {describe(got)}")

    def _text(self, key: str, value: object) -> str | None:
        if not isinstance(value, str):
            self._expect(key, "text", value)
            return None
        if not is_sound_text(value):
            self.problems.append(f"{self.label}: `{key}`: half of a surrogate pair is not a character")
            return None
        return value

    def _required_text(self, key: str) -> str:
        if key not in self.record:
            self.problems.append(f"{self.label}: `{key}` is missing")
            return ""
        text = self._text(key, self.record[key])
        if text == "":
            self._expect(key, "text that is not empty", "")
        return text or ""

    def _parent_id(self) -> str | None:
        value = self.record.get("parentId")
        return None if value is None else self._text("parentId", value)

    def _content(self) -> dict[str, str]:
        content: dict[str, str] = {}
        for key, value in self._mapping("content").items():
            if value is None:
                continue  # as if the key were absent: the field's default counts
            if not isinstance(value, str):
                try:
                    value = content_text(value)
                except (ValueError, RecursionError):
                    self._expect(f"content.{key}", "text, or data that JSON can hold", value)
                    continue
                self.warnings.append(f"{self.label}: `content.{key}` is not text; read as {value[:40]!r}")
            text = self._text(f"content.{key}", value)
            if text is not None:
                content[key] = text
        return content

    def _handlers(self) -> dict[str, str]:
        handlers: dict[str, str] = {}
        # Renamed keys first: what a later release wrote wins over a left-over of an earlier one.
        names = sorted(self._mapping("handlers").items(), key=lambda item: item[0].startswith("wf-"))
        for event_type, value in names:
            if value is None or value == "":
                continue
            handler = self._text(f"handlers.{event_type}", value)
            if handler is not None:
                handlers[canonical_event(event_type)] = handler
        return handlers

    def _binding(self) -> Binding | None:
        binding = self._mapping("binding")
        if not binding:
            return None
        event_type = self._text("binding.eventType", binding.get("eventType"))
        state_ref = binding.get("stateRef")
        if state_ref is None or state_ref == "":
            return None  # what clearing the reference left behind
        reference = self._text("binding.stateRef", state_ref)
        if event_type is None or reference is None:
            return None
        return Binding(canonical_event(event_type), reference)

    def _visibility(self) -> Visibility:
        value = self.record.get("visible")
        if value is None or value is True:
            return Visibility()
        if value is False:
            return Visibility("never")
        if isinstance(value, str):
            return Visibility("custom", self._text("visible", value) or "")
        if isinstance(value, Mapping):
            return self._visibility_object(value)
        self._expect("visible", "true, false, an expression, or an object", value)
        return Visibility()

    def _visibility_object(self, value: Mapping[object, object]) -> Visibility:
        kind = value.get("expression", True)
        if isinstance(kind, bool):
            return Visibility("always" if kind else "never")
        if kind != "custom":
            self._expect("visible.expression", "true, false or 'custom'", kind)
            return Visibility()
        binding = value.get("binding")
        expression = "" if binding is None else self._text("visible.binding", binding)
        is_reversed = value.get("reversed", False)
        if not isinstance(is_reversed, bool):
            self._expect("visible.reversed", "true or false", is_reversed)
        return Visibility("custom", expression or "", is_reversed is True)

    def _position(self) -> int | None:
        value = self.record.get("position")
        if value is None:
            return None
        # The bound first: NaN, infinity and numbers of a thousand digits have no place below.
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) < MAX_POSITION
            and value == int(value)
        ):
            return int(value)
        self._expect("position", "a whole number", value)
        return None

    def _flag(self, key: str) -> bool:
        value = self.record.get(key)
        if value is not None and not isinstance(value, bool):
            self._expect(key, "true or false", value)
        return value is True

    def _mapping(self, key: str) -> dict[str, object]:
        """Return the object under this key; absent and null are an empty one."""
        value = self.record.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._expect(key, "an object", value)
            return {}
        return {name: item for name, item in value.items() if self._text(f"{key} (a key)", name) is not None}


def is_sound_text(text: str) -> bool:
    """Tell whether the text can be written as UTF-8; JSON escapes can spell text that cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def content_text(value: object) -> str:
    """Return the text that content stores for a value that is not text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False, default=str)


def canonical_event(event_type: str) -> str:
    """Return the event's name as it is used everywhere here: later releases wrote wf- for ss-."""
    return f"ss-{event_type[3:]}" if event_type.startswith("wf-") else event_type


_HORIZONTAL = {"normal": "unset", "left": "start", "center": "center", "right": "end"}
_VERTICAL = {"normal": "unset", "top": "start", "center": "center", "bottom": "end"}
_NO_CHANGE: dict[str, str] = {}

#: Per type: old field, the field it became (None: dropped), and how its texts were renamed.
_MOVED_FIELDS: dict[str, tuple[tuple[str, str | None, dict[str, str]], ...]] = {
    "column": (
        ("horizontalAlignment", "contentHAlign", _HORIZONTAL),
        ("verticalAlignment", "contentVAlign", _VERTICAL),
    ),
    "horizontalstack": (("alignment", "contentHAlign", _HORIZONTAL),),
    "section": (("snapMode", None, _NO_CHANGE),),
    "chatbot": (
        ("incomingInitials", "assistantInitials", _NO_CHANGE),
        ("outgoingInitials", "userInitials", _NO_CHANGE),
        ("incomingColor", "assistantRoleColor", _NO_CHANGE),
        ("outgoingColor", "userRoleColor", _NO_CHANGE),
    ),
}


def migrate_content(type_name: str, content: dict[str, str]) -> dict[str, str]:
    """Move the content of fields that were replaced to the fields that replaced them."""
    for old, new, renamed in _MOVED_FIELDS.get(type_name, ()):
        value = content.pop(old, "")
        if new is not None and value and not content.get(new):
            content[new] = renamed.get(value, value)
    return content
