"""What the home page tells about each application."""

import ast
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders


@dataclass(frozen=True, slots=True)
class Example:
    """One card of the home page."""

    slug: str
    title: str
    description: str
    picture: str | None
    """Static path of the picture, None as long as scripts/screenshots.py has made none."""
    dark_picture: str | None


def all_examples() -> list[Example]:
    """Return a card for every application in the settings, in their order."""
    return [_example(slug, place) for slug, place in _applications().items()]


def _applications() -> dict[str, str]:
    """Return where each application lives, by the name that its address has."""
    return dict(settings.STREAMSYNC["APPS"])


def _example(slug: str, place: str) -> Example:
    title, description = _introduction(_folder(place) / "main.py")
    return Example(
        slug,
        title or slug.replace("_", " ").capitalize(),
        description,
        _static(f"project/pictures/{slug}.png"),
        _static(f"project/pictures/{slug}-dark.png"),
    )


def _folder(place: str) -> Path:
    """Return an application's folder, named by its path or as a package."""
    if Path(place).is_dir():
        return Path(place)
    spec = find_spec(place)
    locations = spec.submodule_search_locations if spec else None
    return Path(locations[0]) if locations else Path(place)


def _introduction(main: Path) -> tuple[str, str]:
    """Return title and description from "Title: what it shows.", the first line of main.py's docstring.

    The file is parsed and not run: a broken example must not take the home page with it.
    """
    try:
        docstring = ast.get_docstring(ast.parse(main.read_text(encoding="utf-8"))) or ""
    except (OSError, SyntaxError, ValueError):
        return "", "This application cannot be read at the moment."
    first_line = docstring.partition("\n")[0]
    title, colon, description = first_line.partition(": ")
    return (title, description[:1].upper() + description[1:]) if colon else ("", first_line)


def _static(path: str) -> str | None:
    return path if finders.find(path) else None
