"""What a browser does with patches, for tests: the state it would show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from streamsync_django.core.files import Binary
from streamsync_django.core.tables import Question, TablePage
from streamsync_django.runtime.ports import Update

#: Finds the bytes that a binary's marker names.
FindBinary = Callable[[str], Binary | None]


@dataclass(frozen=True, slots=True)
class RemoteTable:
    """A large table as a browser has it: the first rows, and the name to ask for others by."""

    digest: str
    row_count: int
    first: Binary | None

    def rows(self, question: Question, offset: int = 0, limit: int = 200) -> tuple[bytes, int]:
        """Return rows in the form the browser gets, and how many there are that answer the question."""
        assert isinstance(self.first, TablePage), "this table is gone"
        return self.first.table.page(question, offset, limit)


class BrowserState:
    """A copy of the public state, fed only with what a session sends."""

    def __init__(self, snapshot: bytes, find_binary: FindBinary) -> None:
        self._find_binary = find_binary
        #: Bytes that came with messages, by digest.
        self.attachments: dict[str, Binary] = {}
        self.version = 0
        self.values: dict[str, Any] = self.decoded(json.loads(snapshot))

    def apply(self, update: Update) -> None:
        """Take one update in, as the browser would: deletions, then new values, then appended items."""
        if update.snapshot is not None:
            self.values = self.decoded(json.loads(update.snapshot[0]))
        elif update.patch is not None:
            for path in update.patch.deleted:
                parent = self._parent(path, create=False)
                if parent is not None:
                    parent.pop(path[-1], None)
            for path, text in update.patch.set:
                self._made_parent(path)[path[-1]] = self.decoded(json.loads(text))
            for path, text in update.patch.append:
                self._made_parent(path)[path[-1]].extend(self.decoded(json.loads(text)))
        self.version = update.to_version

    def decoded(self, value: Any) -> Any:
        """Return a wire value with its markers replaced: bytes for binaries, the dict for escaped ones."""
        if isinstance(value, list):
            return [self.decoded(item) for item in value]
        if not isinstance(value, dict):
            return value
        marker = value.get("$")
        if isinstance(marker, list) and marker[0] == "object":
            return {key: self.decoded(item) for key, item in marker[1].items()}
        if isinstance(marker, list) and marker[0] == "table":
            return RemoteTable(marker[2], marker[4], self._find_binary(marker[2]))
        if isinstance(marker, list) and marker[0] == "binary":
            binary = self.attachments.get(marker[2]) or self._find_binary(marker[2])
            return None if binary is None else binary.data
        return {key: self.decoded(item) for key, item in value.items()}

    def _parent(self, path: tuple[str, ...], *, create: bool) -> dict[str, Any] | None:
        node = self.values
        for key in path[:-1]:
            inner = node.get(key)
            if not isinstance(inner, dict):
                if not create:
                    return None
                inner = node[key] = {}
            node = inner
        return node

    def _made_parent(self, path: tuple[str, ...]) -> dict[str, Any]:
        parent = self._parent(path, create=True)
        assert parent is not None  # it was just made
        return parent


def describe(values: Mapping[str, Any]) -> str:
    """Return the state as one short line for a failed test's message."""
    text = json.dumps(values, default=lambda value: f"<{type(value).__name__}>")
    return text if len(text) < 400 else text[:400] + "…"
