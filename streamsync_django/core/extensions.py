"""Custom component types: what the folders in an application's ``extensions`` declare."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .catalogue import Catalogue, ComponentDefinition, load_catalogue, read_definition
from .errors import CatalogueError

FOLDER = "extensions"
DEFINITION = "component.json"
MODULE = "index.js"


@dataclass(frozen=True, slots=True)
class Extension:
    """One custom component type and the files that draw it, as paths below ``extensions``."""

    definition: ComponentDefinition
    module: str
    styles: tuple[str, ...]


@dataclass(frozen=True)
class Extensions:
    """The custom component types of one application."""

    found: tuple[Extension, ...] = ()
    problems: tuple[str, ...] = field(default=())
    """Folders that are left out, and why: their components show a note in place, the page lives."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The built-in types and these."""
        built_in = load_catalogue()
        return built_in.extended(extension.definition for extension in self.found) if self.found else built_in


def read_extensions(application_folder: Path) -> Extensions:
    """Read every ``extensions/<name>/component.json`` of an application; never raises for what an author wrote."""
    found: dict[str, Extension] = {}
    problems = []
    folder = application_folder / FOLDER
    for path in sorted(folder.glob(f"*/{DEFINITION}")):
        try:
            extension = _read(path)
            other = found.setdefault(extension.definition.type, extension)
            if other is not extension:
                raise CatalogueError(f"{extension.definition.type} is declared by {other.module} already")
        except (CatalogueError, OSError) as error:
            problems.append(f"extensions/{path.parent.name}: {error}")
    return Extensions(tuple(found.values()), tuple(problems))


def _read(path: Path) -> Extension:
    name = path.parent.name
    definition = read_definition(path.read_bytes(), DEFINITION)
    load_catalogue().extended([definition])  # says when it is no custom type
    if not (path.parent / MODULE).is_file():
        raise CatalogueError(f"there is no {MODULE} beside {DEFINITION}")
    styles = sorted(style.name for style in path.parent.glob("*.css"))
    return Extension(definition, f"{name}/{MODULE}", tuple(f"{name}/{style}" for style in styles))
