"""Writing a layout as `ui.json`, the same bytes for the same layout, so that a commit shows what changed."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final, Literal

from streamsync_django.core.catalogue import Catalogue
from streamsync_django.core.components import ComponentTree, parse_ui_json
from streamsync_django.core.errors import LayoutError
from streamsync_django.core.ui_records import Component
from streamsync_django.layouts.differences import in_order

#: `new`: what this package writes. `old`: what the original's release 0.5 reads.
Form = Literal["new", "old"]

#: Larger files are refused before they are parsed; the largest layouts known have a twentieth of that.
MAX_BYTES: Final = 10 * 1024 * 1024

#: Number of the new form; raised only when older readers would misread it.
_FORMAT: Final = 2
_OLD_RELEASE: Final = "0.5.0"
#: Fields that went by another name in the old release.
_OLD_FIELDS: Final = {
    "chatbot": {
        "assistantInitials": "incomingInitials",
        "userInitials": "outgoingInitials",
        "assistantRoleColor": "incomingColor",
        "userRoleColor": "outgoingColor",
    }
}


def export_ui_json(tree: ComponentTree, form: Form = "new") -> str:
    """Return the text of a `ui.json`: components as they stand on the page, keys in a fixed order.

    The old form cannot say that a visibility is reversed; LayoutError then names the components.
    """
    if form == "old":
        _refuse_what_is_newer(tree)
        metadata: dict[str, Any] = {"streamsync_version": _OLD_RELEASE}
    else:
        metadata = {"format": _FORMAT, "writer": "streamsync_django"}
    components = {
        component.id: _old_record(component) if form == "old" else _record(component)
        for component in in_order(tree)
        if not component.is_code_managed
    }
    document = {"metadata": metadata, "components": components}
    return json.dumps(document, indent=4, ensure_ascii=False) + "\n"


def import_ui_json(text: str | bytes, catalogue: Catalogue | None = None) -> ComponentTree:
    """Read an upload or a file of any release; raises LayoutError with every problem found.

    Without a catalogue, what custom component types have is not looked at.
    """
    if len(text) > MAX_BYTES:
        raise LayoutError([f"ui.json: {len(text):,} bytes are more than a layout may have ({MAX_BYTES:,})"])
    return parse_ui_json(text, catalogue)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step: whoever reads it meanwhile has the old or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary = Path(name)
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        temporary.replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _record(component: Component) -> dict[str, Any]:
    record = _common(component, dict(component.content))
    visibility = component.visibility
    if visibility.kind == "custom":
        record["visible"] = {
            "expression": "custom",
            "binding": visibility.expression,
            "reversed": visibility.is_reversed,
        }
    elif visibility.kind == "never":
        record["visible"] = False
    return record


def _old_record(component: Component) -> dict[str, Any]:
    names = _OLD_FIELDS.get(component.type, {})
    content = {names.get(key, key): text for key, text in component.content.items()}
    record = _common(component, content)
    visibility = component.visibility
    record["visible"] = visibility.expression if visibility.kind == "custom" else visibility.kind == "always"
    return record


def _common(component: Component, content: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": component.id,
        "type": component.type,
        "content": dict(sorted(content.items())),
        "parentId": component.parent_id,
        "position": component.position,
        "handlers": dict(sorted(component.handlers.items())),
    }
    if component.binding is not None:
        record["binding"] = {
            "eventType": component.binding.event_type,
            "stateRef": component.binding.state_ref,
        }
    return record


def _refuse_what_is_newer(tree: ComponentTree) -> None:
    problems = [
        f"component {component.id!r} ({component.type}): `visible`: the old form knows no reversed condition"
        for component in in_order(tree)
        if component.visibility.kind == "custom" and component.visibility.is_reversed
    ]
    if problems:
        raise LayoutError(problems)
