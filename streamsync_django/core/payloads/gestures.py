"""Clicks, keys, pages and chat: small objects with known keys, in Python's spelling."""

from __future__ import annotations

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.payloads.json_values import MAX_SHORT_TEXT, described, text_of
from streamsync_django.core.payloads.rules import PayloadRules

MAX_ROUTE_VARIABLES = 256

_MODIFIERS = {"ctrlKey": "ctrl_key", "shiftKey": "shift_key", "metaKey": "meta_key"}


def check_click(raw: object, rules: PayloadRules) -> dict[str, bool]:
    """Return which modifier keys were held; none when the browser sent nothing."""
    return _modifiers({} if raw is None else _object(raw))


def check_keydown(raw: object, rules: PayloadRules) -> dict[str, object]:
    """Return the key and the modifier keys held with it."""
    event = _object(raw)
    return {"key": text_of(event.get("key"), MAX_SHORT_TEXT), **_modifiers(event)}


def check_hashchange(raw: object, rules: PayloadRules) -> dict[str, object]:
    """Return the page named in the address, None without one, and the route variables.

    The page need not exist: people type addresses.
    """
    event = _object(raw)
    page = event.get("pageKey")
    variables = event.get("routeVars")
    variables = {} if variables is None else _object(variables)
    if len(variables) > MAX_ROUTE_VARIABLES:
        raise PayloadError(f"expected at most {MAX_ROUTE_VARIABLES} route variables, got {len(variables)}")
    return {
        "page_key": None if page is None else text_of(page, MAX_SHORT_TEXT),
        "route_vars": {
            text_of(name, MAX_SHORT_TEXT): text_of(value, rules.max_text_length)
            for name, value in variables.items()
            if value is not None
        },
    }


def check_page_key(raw: object, rules: PayloadRules) -> str:
    """Return the key of a page of the layout."""
    key = text_of(raw, MAX_SHORT_TEXT)
    if rules.pages is not None and key not in rules.pages:
        raise PayloadError("the layout has no page with this key")
    return key


def check_chatbot_message(raw: object, rules: PayloadRules) -> dict[str, str] | str:
    """Return a visitor's message; the plain text of older chatbots stays a plain text."""
    if isinstance(raw, str):
        return text_of(raw, rules.max_text_length)
    message = _object(raw)
    if message.get("role") != "user":
        raise PayloadError("expected a message whose role is 'user'")
    content = text_of(message.get("content"), rules.max_text_length)
    return content if rules.plain_message else {"role": "user", "content": content}


def check_chatbot_action(raw: object, rules: PayloadRules) -> str:
    """Return the data of the action that was clicked."""
    return text_of(raw, rules.max_text_length)


def _modifiers(event: dict[object, object]) -> dict[str, bool]:
    held: dict[str, bool] = {}
    for sent, name in _MODIFIERS.items():
        value = event.get(sent, False)
        if not isinstance(value, bool):
            raise PayloadError(f"expected {sent!r} to be a yes or no, got {described(value)}")
        held[name] = value
    return held


def _object(raw: object) -> dict[object, object]:
    if not isinstance(raw, dict):
        raise PayloadError(f"expected an object, got {described(raw)}")
    return raw
