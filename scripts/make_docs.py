"""Write docs/components.md from the catalogue: what each component type is, and every field and event.

python scripts/make_docs.py           write it
python scripts/make_docs.py --check   fail if it is not what would be written
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from streamsync_django.core.catalogue import (  # noqa: E402 - found through the path above
    ANY_TYPE,
    INHERIT,
    ComponentDefinition,
    EventDefinition,
    FieldDefinition,
    load_catalogue,
)

TARGET = ROOT / "docs" / "components.md"
CATEGORIES = ("Root", "Layout", "Content", "Input", "Embed", "Other")
#: Longer defaults are cut: the whole text is in the catalogue.
SHOWN_CHARACTERS = 60

INTRODUCTION = """# Components

Every component type with its fields and events, written by `scripts/make_docs.py` from `streamsync_django/catalogue/`. The
gallery (`/gallery/` on the demo site) shows each of them with every field to be edited. Types of your own:
[custom-components.md](custom-components.md). How they look, and how a layout or a stylesheet changes that:
[design.md](design.md).

A field's content is text, and `@{…}` in it is evaluated, except in fields of type `identifyingKey`. What a field shows
when it is empty is its default. Fields marked *variable* are also set as the CSS variable `--<field>` on the component,
where everything inside inherits it. Events marked *bindable* can write their payload to a path of the state. *All* events
of a kind count, or while one is under way only the *latest* of the others is kept.
"""


def make() -> str:
    """Return the text of docs/components.md."""
    catalogue = load_catalogue()
    parts = [INTRODUCTION]
    for category in CATEGORIES:
        types = [definition for definition in catalogue.values() if definition.category == category]
        parts.append(f"## {category}\n")
        parts += ["\n".join(_describe(definition)) for definition in types]
    return "\n".join(parts)


def _describe(definition: ComponentDefinition) -> Iterator[str]:
    yield f"### `{definition.type}`: {definition.name}\n"
    yield f"{definition.description} {_place(definition)}\n"
    if definition.fields:
        yield "| field | label | type | default | |"
        yield "|---|---|---|---|---|"
        yield from (_field_row(name, field) for name, field in definition.fields.items())
        yield ""
    if definition.events:
        yield "| event | payload | kept | |"
        yield "|---|---|---|---|"
        yield from (_event_row(name, event) for name, event in definition.events.items())
        yield ""


def _place(definition: ComponentDefinition) -> str:
    sentences = []
    parents, children = definition.allowed_parents, definition.allowed_children
    if not parents:
        sentences.append("It is the top of every layout.")
    elif ANY_TYPE not in parents:
        sentences.append(f"It stands in {' or '.join(f'`{parent}`' for parent in parents)}.")
    if ANY_TYPE in children:
        sentences.append("It holds any components.")
    elif INHERIT in children:
        sentences.append("It holds what the component around it holds.")
    elif children:
        sentences.append(f"It holds {', '.join(f'`{child}`' for child in children)}.")
    return " ".join(sentences)


def _field_row(name: str, field: FieldDefinition) -> str:
    notes = []
    if field.options:
        notes.append(", ".join(f"`{value}`" for value in field.options))
    if field.min is not None or field.max is not None:
        notes.append(f"{_bound(field.min)} to {_bound(field.max)}")
    if field.css_variable:
        notes.append("*variable*")
    if field.deprecated:
        notes.append(f"deprecated ({field.versions})" if field.versions else "deprecated")
    if field.description:
        notes.append(field.description)
    cells = (f"`{name}`", field.label, field.type, _code(field.default), "; ".join(notes))
    return _row(cells)


def _event_row(name: str, event: EventDefinition) -> str:
    notes = ["*bindable*"] if event.bindable else []
    notes += [event.description] if event.description else []
    return _row((f"`{name}`", event.payload, event.queue, "; ".join(notes)))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"


def _code(text: str) -> str:
    if not text:
        return ""
    return f"`{text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + '…'}`"


def _bound(number: float | None) -> str:
    return "…" if number is None else f"{number:g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if anything would change")
    text = make()
    if not parser.parse_args().check:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        sys.exit("docs/components.md is old: run python scripts/make_docs.py")


if __name__ == "__main__":
    main()
