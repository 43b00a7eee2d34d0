"""Reloading in development: files of applications are watched, and what changed replaces what runs."""

from __future__ import annotations

import logging
import os
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.journal import LogEntry
from streamsync_django.runtime.loader import DJANGO_MODULES, locate
from streamsync_django.runtime.registry import ApplicationRegistry

_logger = logging.getLogger(__name__)

#: How often the files are looked at.
POLL_SECONDS: Final = 0.3
#: Folders with nothing in them that an application imports.
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "static", "venv"})
_LAYOUT: Final = "ui.json"

#: What tells one content of a file from another: its time in nanoseconds and its size.
Stamps = Mapping[Path, tuple[int, int]]


def reloads_in_place(path: Path, folder: Path) -> bool:
    """Tell whether a change of this file is taken without a restart by the application in `folder`.

    Models, admin, urls and what else Django keeps once per process still need the restart.
    """
    try:
        parts = path.resolve().relative_to(folder).parts
    except ValueError:
        return False
    if not parts or any(_is_skipped(part) for part in parts[:-1]):
        return False
    return parts == (_LAYOUT,) or (
        path.suffix == ".py" and parts[0].removesuffix(".py") not in DJANGO_MODULES
    )


def stamps_of(folder: Path) -> Stamps:
    """Return the state of every file whose change the application in `folder` takes in place."""
    found = {}
    for path in _files(folder):
        try:
            status = path.stat()
        except OSError:  # removed just now
            continue
        found[path] = (status.st_mtime_ns, status.st_size)
    return found


class Reloader:
    """Watches the loaded applications from a thread of its own, by polling.

    Polling sees every kind of editor and mounted folder; a few files per application cost next to nothing.
    """

    def __init__(self, registry: ApplicationRegistry, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._registry = registry
        self._poll_seconds = poll_seconds
        self._stamps: dict[str, Stamps] = {}
        self._closing = threading.Event()
        registry.before_loading = self._remember
        self._thread = threading.Thread(target=self._watch, name="streamsync-reloader", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        self._thread.join(timeout=5)

    def _remember(self, slug: str) -> None:
        """Note the files before they are read: what is written while they are shows as a change."""
        try:
            self._stamps[slug] = stamps_of(locate(self._registry.locations[slug])[0])
        except ApplicationError:
            pass  # loading it says so

    def _watch(self) -> None:
        while not self._closing.wait(self._poll_seconds):
            for slug, application in self._registry.loaded().items():
                try:
                    self._look_at(slug, application.application.folder)
                except Exception:  # the watch goes on, whatever a file or an author's code does
                    _logger.exception("%s could not be reloaded", slug)

    def _look_at(self, slug: str, folder: Path) -> None:
        before, now = self._stamps.get(slug), stamps_of(folder)
        self._stamps[slug] = now
        if before is None or before == now:
            return
        changed = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
        try:
            if any(path.suffix == ".py" for path in changed):
                self._registry.reload(slug)
            else:
                self._registry.reload_layout(slug)
        except (ApplicationError, LayoutError) as error:
            trace = getattr(error, "traceback", "") or "".join(traceback.format_exception_only(error))
            title = "Not reloaded: what ran before goes on"
            self._registry.log.add(
                LogEntry(kind="error", title=title, message=str(error), traceback=trace, application=slug)
            )
        else:
            names = ", ".join(sorted(path.relative_to(folder).as_posix() for path in changed))
            self._registry.log.add(LogEntry(kind="info", title="Reloaded", message=names, application=slug))


def _files(folder: Path) -> Iterator[Path]:
    layout = folder / _LAYOUT
    if layout.is_file():
        yield layout
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_skipped(name)]
        for name in names:
            path = Path(where) / name
            if path.suffix == ".py" and reloads_in_place(path, folder):
                yield path


def _is_skipped(folder: str) -> bool:
    return folder in _SKIPPED or folder.startswith(".")
