"""Small applications written by tests: a main.py as text, and a page with what it needs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def make_app(folder: Path, main: str, *components: Mapping[str, Any], name: str = "app") -> Path:
    """Write an application and return its folder; components without a parent go onto its one page."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "main.py").write_text(textwrap.dedent(main), encoding="utf-8")
    records: dict[str, Any] = {
        "root": {"id": "root", "type": "root", "content": {"appName": name}, "parentId": None, "position": 0},
        "page": {"id": "page", "type": "page", "content": {"key": "main"}, "parentId": "root", "position": 0},
    }
    taken: dict[str, int] = {}
    for number, component in enumerate(components):
        record = {"id": f"c{number}", "content": {}, "parentId": "page", "handlers": {}, **component}
        record["position"] = taken.get(record["parentId"], 0)
        taken[record["parentId"]] = record["position"] + 1
        records[record["id"]] = record
    (place / "ui.json").write_text(json.dumps({"metadata": {}, "components": records}), encoding="utf-8")
    return place


def button(text: str, handler: str, **more: Any) -> dict[str, Any]:
    """Return a button that calls a handler."""
    return {"type": "button", "content": {"text": text}, "handlers": {"ss-click": handler}, **more}


def text(content: str, **more: Any) -> dict[str, Any]:
    """Return a text component."""
    return {"type": "text", "content": {"text": content}, **more}
