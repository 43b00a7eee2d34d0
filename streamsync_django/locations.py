"""Where the site's applications are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from django.apps import apps

from streamsync_django.conf import get_settings


def application_locations() -> dict[str, str | Path]:
    """Return where the applications are: those named, and installed apps with a main.py and a ui.json."""
    found: dict[str, str | Path] = {}
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if (folder / "main.py").is_file() and (folder / "ui.json").is_file():
            found[config.label] = config.name
    named = get_settings().apps
    taken = {folder_of_location(location) for location in named.values()}
    found = {slug: location for slug, location in found.items() if folder_of_location(location) not in taken}
    return {**found, **named}


def folder_of_location(location: str | Path) -> Path | None:
    """Return the folder that the settings mean; None when there is none."""
    if isinstance(location, Path) or "/" in str(location):
        return Path(location).resolve()
    try:
        spec = importlib.util.find_spec(str(location))
    except (ImportError, ValueError):
        return None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]).resolve() if places else None
