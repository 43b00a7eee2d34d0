"""The limits of one component's events, read from its fields as they are at this moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .catalogue import Catalogue
from .components import Component
from .expressions import evaluate_field
from .payloads import NO_RULES, PayloadRules, UploadedFile

#: Returns the file behind an upload's token; raises LookupError when this session has none.
UploadResolver = Callable[[str], UploadedFile]

_FREE: Final = frozenset(
    {"none", "click", "keydown", "hashchange", "pageKey", "text", "toggle", "native", "raw"}
)
#: Which field offers the keys that an event of this kind may name.
_OFFERS: Final = {"option": "options", "options": "options", "tag": "tags", "recordAction": "actions"}


def rules_for(
    kind: str,
    component: Component,
    catalogue: Catalogue,
    state: Mapping[str, Any],
    context: Mapping[str, Any],
    resolve_upload: UploadResolver | None,
    max_bytes: int = NO_RULES.max_bytes,
    max_files: int = NO_RULES.max_files,
) -> PayloadRules:
    """Return what a payload of this kind may be; fields are evaluated only where the kind needs them.

    `max_bytes` is the most that the files of one event may have together, `max_files` how many they may be.
    """
    if kind in _FREE or component.type not in catalogue:
        return PayloadRules(resolve_upload=resolve_upload)
    fields = catalogue[component.type].fields

    def value(name: str) -> Any:
        return (
            evaluate_field(component.content.get(name), fields[name], state, context)
            if name in fields
            else None
        )

    if kind in _OFFERS:
        offered = value(_OFFERS[kind])
        options = offered if isinstance(offered, Mapping) else {}
        count = value("maximumCount")
        return PayloadRules(options=options, max_count=int(count) if isinstance(count, float | int) else 0)
    if kind in ("number", "range"):
        return _number_rules(component.type, value)
    if kind == "integer":
        return PayloadRules(minimum=1)
    if kind == "chatbotMessage":
        return PayloadRules(plain_message=not component.content.get("conversation"))
    if kind in ("files", "picture"):
        multiple = value("allowMultipleFiles") is True or value("enableFileUpload") == "multiple"
        accepted = str(value("allowFileTypes") or "")
        return PayloadRules(
            multiple=multiple,
            accepted=accepted,
            max_bytes=max_bytes,
            max_files=max_files,
            resolve_upload=resolve_upload,
        )
    return PayloadRules(resolve_upload=resolve_upload)


def takes_files(component: Component, catalogue: Catalogue, state: Mapping[str, Any]) -> bool:
    """Tell whether some event of a component brings files or pictures."""
    if component.type not in catalogue:
        return False
    definition = catalogue[component.type]
    if not any(event.payload in ("files", "picture") for event in definition.events.values()):
        return False
    switch = definition.fields.get("enableFileUpload")
    if switch is None:
        return True
    return evaluate_field(component.content.get("enableFileUpload"), switch, state) in ("single", "multiple")


def accepted_files(component: Component, catalogue: Catalogue, state: Mapping[str, Any]) -> str:
    """Return the kinds of files a component takes, outside of repeaters; empty takes all."""
    field = catalogue[component.type].fields.get("allowFileTypes")
    if field is None:
        return ""
    return str(evaluate_field(component.content.get("allowFileTypes"), field, state) or "")


def _number_rules(type_name: str, value: Callable[[str], Any]) -> PayloadRules:
    minimum, maximum = value("minValue"), value("maxValue")
    step: float | None
    if type_name == "ratinginput":
        step = _within(value("valueStep"), 0.25, 1.0, 1.0)
        lowest, highest = _within(minimum, 0.0, 1.0, 1.0), _within(maximum, 2.0, 11.0, 5.0)
        return PayloadRules(minimum=lowest, maximum=highest, step=step)
    step = value("stepSize")
    step = step if isinstance(step, int | float) and step > 0 else None
    if minimum is not None and maximum is not None and minimum > maximum:
        minimum, maximum = maximum, minimum
    return PayloadRules(minimum=minimum, maximum=maximum, step=step)


def _within(number: object, low: float, high: float, default: float) -> float:
    return min(max(float(number), low), high) if isinstance(number, int | float) else default
