"""The ui.json beside an application's code, kept in step with its draft and never overwritten unseen."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import LayoutError, StreamsyncError
from streamsync_django.core.extensions import read_extensions
from streamsync_django.layouts.ui_json import export_ui_json, import_ui_json, write_atomically
from streamsync_django.layouts.wf_folder import import_wf_folder, is_wf_folder
from streamsync_django.models import Layout
from streamsync_django.publishing.locking import locked_layout
from streamsync_django.publishing.source import file_digest

_logger = logging.getLogger(__name__)


def read_layout(place: Path) -> tuple[ComponentTree, str]:
    """Read a ui.json, a `.wf` folder, or an application's folder that has one of them; and the file's digest.

    Raises LayoutError with every problem found.
    """
    if place.is_dir() and is_wf_folder(place):
        return import_wf_folder(place), ""
    catalogue = read_extensions(place).catalogue if place.is_dir() else None
    path = place / "ui.json" if place.is_dir() else place
    if not path.exists() and is_wf_folder(place / ".wf"):
        return import_wf_folder(place / ".wf"), ""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LayoutError([f"{path} cannot be read: {error.strerror}"]) from error
    return import_ui_json(content, catalogue), hashlib.blake2b(content, digest_size=16).hexdigest()


def has_changed_on_disk(layout: Layout, folder: Path) -> bool:
    """Tell whether somebody else has written the ui.json since it was last imported or written."""
    return file_digest(folder / "ui.json") not in ("", layout.file_digest)


def write_draft(slug: str, folder: Path) -> bool:
    """Write the draft to ui.json; False, and nothing written, when the file was changed by somebody else."""
    path = folder / "ui.json"
    try:
        with locked_layout(slug) as layout:
            if has_changed_on_disk(layout, folder):
                _logger.warning("%s was changed on disk and is left alone: import it in the admin", path)
                return False
            write_atomically(path, export_ui_json(layout.draft.tree))
            layout.file_digest, layout.synced_digest = file_digest(path), layout.draft_digest
            layout.save(update_fields=["file_digest", "synced_digest"])
    except (OSError, StreamsyncError) as error:
        _logger.error("the draft of %s could not be written to %s: %s", slug, path, error)
        return False
    return True
