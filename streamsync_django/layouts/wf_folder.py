"""Reading the `.wf/` folder in which later releases of the original keep a layout, one page per file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError
from streamsync_django.core.ui_records import describe
from streamsync_django.layouts.ui_json import MAX_BYTES

_ROOT: Final = "components-root.jsonl"


def is_wf_folder(path: Path) -> bool:
    """Tell whether a folder is such a one."""
    return (path / _ROOT).is_file()


def import_wf_folder(folder: Path) -> ComponentTree:
    """Read a layout from a `.wf/` folder; raises LayoutError with every problem found.

    What belongs to the original's visual programs is left out, with a warning on the tree.
    """
    if not is_wf_folder(folder):
        raise LayoutError([f"{folder.name}: there is no {_ROOT}; is this a .wf folder?"])
    files = sorted(folder.glob("components-*.jsonl"), key=lambda file: (file.name != _ROOT, file.name))
    size = sum(file.stat().st_size for file in files)
    if size > MAX_BYTES:
        raise LayoutError([f"{folder.name}: {size:,} bytes are more than a layout may have ({MAX_BYTES:,})"])
    records: dict[str, Any] = {}
    problems: list[str] = []
    for file in files:
        _read(file, records, problems)
    if problems:
        raise LayoutError(problems)
    return ComponentTree.from_records(records)


def _read(file: Path, records: dict[str, Any], problems: list[str]) -> None:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{file.name}: it cannot be read: {error}")
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"{file.name}: line {number} is not JSON: {error}")
            continue
        component_id = record.get("id") if isinstance(record, dict) else None
        if not isinstance(component_id, str):
            problems.append(
                f"{file.name}: line {number}: expected a component with an id, got {describe(record)}"
            )
        elif component_id in records:
            problems.append(f"{file.name}: line {number}: there is a component {component_id!r} already")
        else:
            records[component_id] = record
