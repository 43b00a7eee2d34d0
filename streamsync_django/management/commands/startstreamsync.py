"""``manage.py startstreamsync NAME``: a new application to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from streamsync_django.core.components import ComponentTree
from streamsync_django.layouts.ui_json import export_ui_json

MAIN = '''"""{title}: say here in a sentence what it shows."""

import streamsync_django as ss

ss.init_state({{"count": 0}})


def increment(state):
    state["count"] += 1
'''

TEST = '''"""{title}, as a visitor without a browser meets it."""

from pathlib import Path

from streamsync_django.testing import Visitor


def test_the_button_counts():
    with Visitor(Path(__file__).parent) as visitor:
        visitor.click("Increment")
        assert visitor.sees("Count: 1")
'''


class Command(BaseCommand):
    """Writes main.py, ui.json and a test into a new folder."""

    help = "Begin a new Streamsync application."
    # The settings may name the application already, and say that it is missing.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the name and the place."""
        parser.add_argument("name", help="a Python name; also the name in the address")
        parser.add_argument("folder", nargs="?", help="where to make it; without it, ./NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files, or nothing."""
        name = options["name"]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise CommandError(f"{name!r} is no name: small letters, digits and _ , beginning with a letter.")
        folder = Path(options["folder"] or name)
        title = name.replace("_", " ").capitalize()
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} exists and is not empty.")
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in {
            "__init__.py": "",
            "main.py": MAIN.format(title=title),
            "ui.json": export_ui_json(_first_layout(title)),
            f"test_{name}.py": TEST.format(title=title),
        }.items():
            (folder / file).write_text(text, encoding="utf-8")
        self.stdout.write(
            f"{folder} is there. Add it to the settings:\n\n"
            f'    STREAMSYNC = {{"APPS": {{"{name}": "{_location(folder)}"}}}}\n\n'
            f"and open /{name}/ below where streamsync_django.urls is included."
        )


def _location(folder: Path) -> str:
    """Return how the settings name the folder: as a package where it can be imported from here."""
    is_below_here = not folder.is_absolute() and ".." not in folder.parts
    if is_below_here and all((parent / "__init__.py").is_file() for parent in list(folder.parents)[:-1]):
        return ".".join(folder.parts)
    return folder.resolve().as_posix()


def _first_layout(title: str) -> ComponentTree:
    def component(
        key: str, type_: str, parent: str | None, position: int, /, **content: str
    ) -> dict[str, Any]:
        return {"id": key, "type": type_, "content": content, "parentId": parent, "position": position}

    click = {"handlers": {"ss-click": "increment"}}
    return ComponentTree.from_records(
        {
            "root": component("root", "root", None, 0, appName=title),
            "page": component("page", "page", "root", 0, key="main"),
            "header": component("header", "header", "page", 0, text=title),
            "card": component("card", "section", "page", 1, title="A first card"),
            "count": component("count", "text", "card", 0, text="Count: @{count}"),
            "button": component("button", "button", "card", 1, text="Increment") | click,
        }
    )
