"""Random frames and payloads: what a browser, or whoever pretends to be one, may send, decoded from bytes.

Most are nearly right, because a frame that is nonsense from its first byte never gets far.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.properties.programs import Program

IDS = ("root", "page", "button", "input", "hidden", "private", "choice", "__class__", "state", "")
EVENTS = ("ss-click", "ss-change", "ss-option-change", "click", "__init__", "ss-nothing", "mouseenter", "")
STEPS = (0, 1, -1, 2**40, "0", "_x", "", "__class__")
CLICK = {"ctrlKey": False, "shiftKey": False, "metaKey": False}
SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**53, 2**64, 10**400, 0.0, -0.0, 1.5, 1e308, float("nan"), float("inf"),
    "", "a", "b", "text", "12n", "-1n", "2024-01-31", "2024-02-31", "13:45", "25:00", "data:,x", "main",
    "data:image/png;base64,iVBORw0KGgo=", "http://localhost/", "file:///etc/passwd", "token", "ünïcode",
    "\ud83d", "\x00", "__class__", "{{", "@{name}", "<script>", "x" * 300,
)  # fmt: skip
KEYS = (
    "key", "record", "record_index", "recordIndex", "action", "role", "content", "lat", "lng", "data", "name",
    "type", "upload", "pageKey", "routeVars", "ctrlKey", "shiftKey", "metaKey", "n", "event", "target",
    "payload", "version", "ack", "layout", "ticket", "token", "", "$", "__proto__", "__class__", "\ud83d",
)  # fmt: skip
TYPES = ("event", "event", "ack", "ping", "cancel", "hello", "commit", "", None, 1)
#: Components of the page, each with the event that it has.
TARGETS = {
    "button": "ss-click",
    "input": "ss-change",
    "hidden": "ss-click",
    "private": "ss-click",
    "choice": "ss-option-change",
}

_TABLE = json.loads((Path(__file__).parents[1] / "cases" / "payloads.json").read_text("utf-8"))
#: Payloads of each kind that the shared table has, right and wrong.
KNOWN: dict[str, list[Any]] = defaultdict(list)
for _case in _TABLE:
    KNOWN[_case["kind"]].append(_case["payload"])


class Forger(Program):
    """Reads from bytes what to send."""

    def json(self, depth: int = 0) -> Any:
        """Make any JSON value, and a few that JSON cannot say."""
        kind = self.below(8 if depth < 4 else 5)
        if kind < 5:
            return self.one_of(SCALARS)
        if kind < 6:
            return [self.json(depth + 1) for _ in range(self.below(4))]
        return {self.one_of(KEYS): self.json(depth + 1) for _ in range(self.below(5))}

    def payload(self, kind: str) -> Any:
        """Make a payload that is meant for an event of this kind."""
        known = KNOWN[kind]
        choice = self.below(8)
        if choice == 0 or not known:
            return self.json()
        payload = self.one_of(known if choice > 1 else KNOWN[self.one_of(sorted(KNOWN))])
        return payload if choice > 5 else self._spoiled(payload)

    def _spoiled(self, value: Any) -> Any:
        """Return a value with something inside of it replaced, added, or left out."""
        if isinstance(value, dict) and value and self.below(4):
            key = self.one_of(list(value))
            match self.below(4):
                case 0:
                    return {other: item for other, item in value.items() if other != key}
                case 1:
                    return {**value, self.one_of(KEYS): self.json(2)}
                case _:
                    return {**value, key: self._spoiled(value[key])}
        if isinstance(value, list) and value and self.below(4):
            place = self.below(len(value))
            inside = [] if self.below(4) == 0 else [self._spoiled(value[place])]
            return [*value[:place], *inside, *value[place + 1 :]]
        return self.json(2)

    def event(self) -> dict[str, Any]:
        """Make the frame of an event."""
        name, event = self.one_of(list(TARGETS.items()))
        if self.below(2):
            target: Any = [("root", 0), ("page", 0), (name, 0)]
        elif self.below(4):
            target = [(self.one_of(IDS), self.one_of(STEPS)) for _ in range(self.below(6))]
        else:
            target = self.json()
        frame: dict[str, Any] = {
            "type": "event",
            "n": 1 if self.below(4) else self.one_of((1, 3, 0, -1, 2**53, 2**60, 1.5, "1", None)),
            "target": target,
            "event": event if self.below(2) else self.one_of(EVENTS),
            "payload": CLICK if self.below(3) == 0 else self.payload(self.one_of(sorted(KNOWN))),
            "version": self.one_of((0, 1, 3, -1, 2**70, None, "0")) if self.below(4) == 0 else 0,
        }
        return frame if self.below(4) else self._spoiled(frame)

    def frame(self) -> str | bytes:
        """Make a frame of any sort."""
        choice = self.below(12)
        if choice == 0:
            return bytes(self.below(256) for _ in range(self.below(40)))
        if choice == 1:
            return self._torn(json.dumps(self.event()).encode())
        if choice == 2:
            return json.dumps(self.json())
        if choice == 3:
            other = self.json()
            return json.dumps({**(other if isinstance(other, dict) else {}), "type": self.one_of(TYPES)})
        return json.dumps(self.event())

    def _torn(self, frame: bytes) -> bytes:
        """Cut a frame off, or put a byte of it wrong."""
        place = (self.below(256) * 256 + self.below(256)) % len(frame)
        if self.below(2):
            return frame[:place]
        return frame[:place] + bytes([self.below(256)]) + frame[place + 1 :]
