"""An application's initial state, made once and shared by every session until it is touched."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from .changes import nest
from .errors import SerializationError
from .files import Binary
from .recorder import ElementPath, Recorder
from .serializers import Wire, to_wire
from .state import FrozenNode, State, freeze, is_private
from .subscriptions import Reaction, Watch, reactions_of

_logger = logging.getLogger(__name__)
_EMPTY = Wire(b"{}")


@dataclass(frozen=True, slots=True)
class Base:
    """The state that sessions start from: version 0 of each of them.

    `snapshot` is its nested JSON, the same bytes for every visitor; `digest` names the content, private
    keys included, so that a browser and an instance that have different ones notice.
    """

    root: FrozenNode
    state_class: type[State]
    elements: Mapping[ElementPath, Wire]
    binaries: Mapping[str, Binary]
    snapshot: bytes
    digest: str
    #: Messages to the browser that every new session starts with.
    mail: tuple[tuple[str, object], ...] = ()
    #: What runs, in every session, when elements mutate.
    reactions: tuple[Reaction, ...] = ()
    #: Public elements that have no wire form, with the reason.
    failures: Mapping[ElementPath, str] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State, mail: tuple[tuple[str, object], ...] = ()) -> Base:
        """Freeze `state`; an element that cannot be serialised is logged and left out of the snapshot."""
        root = freeze(state)
        elements: dict[ElementPath, Wire] = {}
        failures: dict[ElementPath, str] = {}
        digest = blake2b(digest_size=16)
        for path, value in leaves(root):
            if is_private(path):
                digest.update(repr(path).encode() + _fingerprint(value))
                continue
            try:
                elements[path] = _EMPTY if isinstance(value, FrozenNode) else to_wire(value)
            except SerializationError as error:
                failures[path] = str(error)
                _logger.warning("initial state %s: %s", ".".join(path), error)
        snapshot = nest((path, wire.json) for path, wire in elements.items())
        binaries = {binary.digest: binary for wire in elements.values() for binary in wire.binaries}
        digest.update(snapshot)
        return cls(
            root,
            type(state),
            elements,
            binaries,
            snapshot,
            digest.hexdigest(),
            mail,
            reactions_of(state),
            failures,
        )

    def new_state(self, recorder: Recorder) -> State:
        """Return a session's own state; nothing in it is copied before it is read."""
        state = self.state_class.shared_copy(self.root, recorder)
        if self.reactions:
            recorder.watch = Watch(state, recorder, self.reactions)
        return state


def leaves(node: Mapping[str, Any], prefix: ElementPath = ()) -> Iterator[tuple[ElementPath, Any]]:
    """Yield each element of a nested mapping with its path; an empty nested dict is one itself."""
    for key, value in dict.items(node) if isinstance(node, dict) else node.items():
        path = (*prefix, key)
        if isinstance(value, FrozenNode | State):
            yield from leaves(value, path)
            if not any(not inner.startswith("_") for inner in dict.keys(value)):
                yield path, value
        else:
            yield path, value


def _fingerprint(value: object) -> bytes:
    """Return bytes that differ when a private value does, as far as it can be told."""
    if isinstance(value, FrozenNode):
        return b"{}"
    try:
        return to_wire(value).json
    except SerializationError:
        return type(value).__qualname__.encode()
