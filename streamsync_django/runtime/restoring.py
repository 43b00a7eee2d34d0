"""A session as it was stored becomes a live one again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streamsync_django.core.changes import ElementChange
from streamsync_django.core.errors import SerializationError
from streamsync_django.core.own_modules import working_for
from streamsync_django.core.recorder import ElementPath
from streamsync_django.core.serializers import Wire, to_wire
from streamsync_django.core.state import State
from streamsync_django.core.stored import from_stored
from streamsync_django.runtime.ledger import ORDER_BYTES
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.records import StoredElement, StoredSession


def restore(session: LiveSession, stored: StoredSession) -> None:
    """Fill a new live session's state and log with what the store kept of it."""
    with working_for(session.application.generation.name):
        _restore(session, stored)


def _restore(session: LiveSession, stored: StoredSession) -> None:
    state = session.state
    watch, session.recorder.watch = session.recorder.watch, None  # what it did is among what was stored
    for element in sorted(stored.elements, key=_turn):
        if element.stored is None:
            _remove(state, element.path)
            change = ElementChange(element.path, None)
        else:
            value = from_stored(element.stored[ORDER_BYTES:])
            _put(state, element.path, value)
            change = ElementChange(element.path, _wire(value))
        session.log.restore(change, element.version, _order(element))
    _arrange(state, stored.elements)
    with session.recorder.lock:
        session.recorder.take_marks()
        session.recorder.take_shifted()
        session.recorder.watch = watch
    session.log.version = stored.version
    session.log.horizon = max(session.log.horizon, stored.forgotten_version)
    session.pushes.begin(stored.pushed, is_catching_up=True)
    session.ledger.recall(
        mail=stored.mail,
        low=stored.acknowledged_low,
        above=stored.acknowledged_above,
    )


def _turn(element: StoredElement) -> tuple[int, bool, int]:
    """Sort by version, so that what an element became comes after what it was.

    Within one version deletions come first, the innermost ahead of what they were in; then the element's place.
    """
    if element.stored is None:
        return element.version, False, -len(element.path)
    return element.version, True, _order(element)


def _order(element: StoredElement) -> int:
    return int.from_bytes(element.stored[:ORDER_BYTES], "big") if element.stored is not None else 0


def _arrange(state: State, elements: Iterable[StoredElement]) -> None:
    """Put the keys of nested states that were assigned in another order than the base's into that order."""
    places = {element.path: _order(element) for element in elements if element.stored is not None}
    for element in elements:
        node = _at(state, element.path) if element.stored is None else None
        if node is None:
            continue
        depth, order = len(element.path), dict.fromkeys(node, 0)
        for path, place in places.items():
            if path[:depth] == element.path and len(path) > depth:
                order[path[depth]] = min(place, order.get(path[depth]) or place)
        items = sorted(dict.items(node), key=lambda item: order[item[0]])
        dict.clear(node)
        dict.update(node, items)


def _at(state: State, path: ElementPath) -> State | None:
    """Return the nested state at a path, None where there is none."""
    node: Any = state
    for key in path:
        node = dict.get(node, key) if isinstance(node, State) else None
    return node if isinstance(node, State) else None


def _wire(value: object) -> Wire:
    try:
        return to_wire(value)
    except SerializationError:  # it was stored, but this process lacks what reads it
        return Wire(b"null")


def _put(state: State, path: ElementPath, value: object) -> None:
    node = state
    for key in path[:-1]:
        inner = node[key]
        if not isinstance(inner, State):
            node[key] = {}
            inner = node[key]
        node = inner
    if value == {} and isinstance(node[path[-1]], State):
        return  # it has lost its public keys by now, and may have private ones
    node.put_element(path[-1], value)


def _remove(state: State, path: ElementPath) -> None:
    node: Any = state
    for key in path[:-1]:
        node = node[key]
        if not isinstance(node, State):
            return
    if isinstance(node[path[-1]], State) and node[path[-1]]:
        return  # no longer empty, it has private keys or got public ones: they have elements of their own
    del node[path[-1]]
