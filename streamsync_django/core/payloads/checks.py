"""The table of payload kinds, and the one function that checks by it.

Nothing of an event runs before its payload has passed here; what passes has the shape that handlers
were promised for the event's kind. A check raises PayloadError and nothing else, whatever was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads import files, gestures, inputs, json_values, records
from streamsync_django.core.payloads.rules import NO_RULES, PayloadRules

#: The kinds of the catalogue, each with the function that checks it.
PAYLOAD_KINDS: Mapping[str, Callable[[object, PayloadRules], object]] = {
    "none": inputs.check_none,
    "click": gestures.check_click,
    "keydown": gestures.check_keydown,
    "hashchange": gestures.check_hashchange,
    "pageKey": gestures.check_page_key,
    "text": inputs.check_text,
    "number": inputs.check_number,
    "option": inputs.check_option,
    "options": inputs.check_options,
    "toggle": inputs.check_toggle,
    "tag": inputs.check_tag,
    "date": inputs.check_date,
    "time": inputs.check_time,
    "range": inputs.check_range,
    "integer": inputs.check_integer,
    "chatbotMessage": gestures.check_chatbot_message,
    "chatbotAction": gestures.check_chatbot_action,
    "files": files.check_files,
    "picture": files.check_picture,
    "recordAdd": records.check_record,
    "recordUpdate": records.check_record,
    "recordAction": records.check_record_action,
    "points": json_values.check_points,
    "point": json_values.check_point,
    "raw": json_values.check_raw,
    "native": json_values.check_native,
}


def check_payload(kind: str, raw: object, rules: PayloadRules = NO_RULES) -> object:
    """Return the payload as handlers see it; raise PayloadError when it is not what the kind allows."""
    check = PAYLOAD_KINDS.get(kind)
    if check is None:
        raise PayloadError(f"no payload is of the kind {kind!r}")
    return check(raw, rules)
