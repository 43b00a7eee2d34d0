"""Layouts from each application's ui.json."""

from __future__ import annotations

from pathlib import Path

from streamsync_django.core.components import ComponentTree, parse_ui_json
from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.extensions import read_extensions


class FileLayouts:
    """Reads an application's layout from the ui.json beside its main.py."""

    def load(self, slug: str, folder: Path) -> ComponentTree:
        """Return the layout; raises LayoutError with every problem, ApplicationError without a file."""
        path = folder / "ui.json"
        try:
            text = path.read_bytes()
        except OSError as error:
            raise ApplicationError(f"{slug}: {path} cannot be read: {error.strerror}") from error
        try:
            return parse_ui_json(text, read_extensions(folder).catalogue)
        except LayoutError as error:
            raise LayoutError(
                [f"{slug}/ui.json: {problem.removeprefix('ui.json: ')}" for problem in error.problems]
            ) from error

    def find(self, slug: str, folder: Path, revision: str) -> ComponentTree | None:
        """Return None: a file has no history."""
        return None
