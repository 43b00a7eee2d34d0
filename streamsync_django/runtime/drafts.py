"""What a session has changed and not yet committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from streamsync_django.core.changes import ElementChange
from streamsync_django.core.dispatch import Outcome
from streamsync_django.core.errors import SerializationError
from streamsync_django.core.files import Binary
from streamsync_django.core.mail import MailItem
from streamsync_django.core.recorder import DELETED, WHOLE, ElementPath, Recorder
from streamsync_django.core.serializers import Wire, encode_items, to_wire
from streamsync_django.core.state import IMMUTABLE_TYPES, State, is_private
from streamsync_django.core.stored import encode_stored_items, to_stored
from streamsync_django.core.tracked import TrackedDict, TrackedList, TrackedSet

_EMPTY = Wire(b"{}")
_CONTAINERS = (TrackedList, TrackedDict, TrackedSet)


@dataclass(frozen=True, slots=True)
class EncodedMail:
    """One message as the browser gets it: ``[type, payload]`` in JSON."""

    json: bytes
    binaries: tuple[Binary, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An element that could not be serialised."""

    path: ElementPath
    type_name: str
    message: str


@dataclass(slots=True)
class StoredChange:
    """What a commit writes to the store for one element; None leaves a tombstone."""

    data: bytes | None
    is_append: bool = False


class Draft(msgspec.Struct):
    """Changes on their way into one commit; later captures are merged into it while it waits."""

    changes: dict[ElementPath, ElementChange] = {}
    stored: dict[ElementPath, StoredChange] = {}
    structural: set[ElementPath] = msgspec.field(default_factory=set)
    mail: list[EncodedMail] = []
    #: Events that ended, with how.
    outcomes: list[tuple[int, Outcome]] = []
    #: The marks of running handlers have changed.
    has_marks: bool = False
    #: Numbers of pushes whose handlers have ended.
    ended_pushes: list[int] = []

    @property
    def is_empty(self) -> bool:
        return not (
            self.changes or self.mail or self.outcomes or self.stored or self.has_marks or self.ended_pushes
        )

    def merge(self, later: Draft) -> None:
        """Take in what was captured after this."""
        gone = {path for path, change in later.changes.items() if change.wire is None}
        for path, change in later.changes.items():
            earlier = self.changes.get(path)
            if gone and any(path[:depth] in gone for depth in range(1, len(path))):
                self.changes.pop(path, None)  # it begins afresh, in the later order
            self.changes[path] = _joined(earlier, change) if earlier is not None else change
        for path, write in later.stored.items():
            before = self.stored.get(path)
            if write.is_append and before is not None and before.data is not None and write.data is not None:
                self.stored[path] = StoredChange(before.data + write.data, before.is_append)
            else:
                self.stored[path] = write
        self.structural |= later.structural
        self.mail += later.mail
        self.outcomes += later.outcomes
        self.ended_pushes += later.ended_pushes
        self.has_marks = self.has_marks or later.has_marks


class Capture:
    """Takes what a recorder has noted and encodes it, for the browser and for the store.

    Containers and scalars are encoded under the session's lock, so that wire form and stored form show one
    moment; opaque values outside of it, because a large table or figure takes its time.
    """

    def __init__(self, state: State, recorder: Recorder, *, encodes_stored: bool) -> None:
        self._state = state
        self._recorder = recorder
        self._encodes_stored = encodes_stored
        #: Lists whose stored form can be appended to.
        self._stored_lists: set[ElementPath] = set()
        #: Elements whose Python value no store gives back: it has what the browser saw, or nothing.
        self.only_here: set[ElementPath] = set()
        self._unfaithful: list[tuple[ElementPath, str]] = []

    def take(self) -> tuple[Draft, list[Failure]]:
        """Return what has changed since the last call, and what of it could not be serialised."""
        draft = Draft()
        failures: list[Failure] = []
        opaque: list[tuple[ElementPath, Any]] = []
        recorder = self._recorder
        with recorder.lock:
            mail = recorder.take_mail()
            draft.structural = recorder.take_shifted()
            for path, mark in recorder.take_marks().items():
                if mark == DELETED:
                    self._delete(draft, path)
                    continue
                value = self._value_at(path)
                if (
                    isinstance(value, _CONTAINERS)
                    or type(value) in IMMUTABLE_TYPES
                    or isinstance(value, State)
                ):
                    self._encode(draft, failures, path, value, mark)
                else:
                    opaque.append((path, value))
        for path, value in opaque:
            self._encode(draft, failures, path, value, WHOLE)
        self._keep_unsent_shifts(draft, failures)
        draft.mail.extend(_encoded(mail, failures))
        return draft, failures

    def _keep_unsent_shifts(self, draft: Draft, failures: list[Failure]) -> None:
        """Let rows count as shifted for as long as browsers show the value from before."""
        unsent = {failure.path for failure in failures} & draft.structural
        if unsent:
            draft.structural -= unsent
            with self._recorder.lock:
                for path in unsent:
                    self._recorder.mark_shifted(path)

    def retry(self, failures: Iterable[Failure]) -> None:
        """Note what failed in a partial update once more: the handler may yet make it right."""
        with self._recorder.lock:
            for failure in failures:
                if failure.path:
                    self._recorder.marks.setdefault(failure.path, WHOLE)

    def take_unfaithful(self) -> list[tuple[ElementPath, str]]:
        """Return the elements, with their types, that have come to be only here since the last call."""
        taken, self._unfaithful = self._unfaithful, []
        return taken

    def store_whole(self, draft: Draft) -> None:
        """Make the draft write lists as a whole: what it would append to has been written anew meanwhile."""
        self._stored_lists.clear()
        for path, write in draft.stored.items():
            if write.is_append:
                draft.stored[path] = StoredChange(self.stored_form(path))

    def stored_form(self, path: ElementPath) -> bytes | None:
        """Return an element's value as it is stored, None where there is none. The caller holds the lock."""
        value = self._value_at(path)
        try:
            return to_stored({} if isinstance(value, State) else value).data
        except SerializationError:
            return None

    def _value_at(self, path: ElementPath) -> Any:
        value: Any = self._state
        for key in path:
            value = dict.get(value, key)
        return value

    def _delete(self, draft: Draft, path: ElementPath) -> None:
        draft.changes[path] = ElementChange(path, None)
        self._recorder.broken -= {path}
        self._stored_lists.discard(path)
        self.only_here.discard(path)
        if self._encodes_stored:
            draft.stored[path] = StoredChange(None)

    def _encode(
        self, draft: Draft, failures: list[Failure], path: ElementPath, value: Any, start: int
    ) -> None:
        is_append = start >= 0
        try:
            if not is_private(path):
                if isinstance(value, State):
                    wire = _EMPTY
                else:
                    wire = encode_items(value[start:]) if is_append else to_wire(value)
                draft.changes[path] = ElementChange(path, wire, is_append)
                if self._recorder.broken:
                    self._recorder.broken -= {path}
        except SerializationError as error:
            failures.append(Failure(path, error.type_name or type(value).__name__, str(error)))
            self._recorder.broken |= {path}
        if self._encodes_stored:
            self._store(draft, path, value, start)

    def _store(self, draft: Draft, path: ElementPath, value: Any, start: int) -> None:
        if start >= 0 and path in self._stored_lists:
            items = encode_stored_items(value[start:])
            if items is not None:
                draft.stored[path] = StoredChange(items, is_append=True)
                return
        try:
            stored = to_stored({} if isinstance(value, State) else value)
        except SerializationError:
            self.only_here.add(path)
            return  # has no wire form either: reported there
        draft.stored[path] = StoredChange(stored.data)
        if stored.faithful:
            self.only_here.discard(path)
        elif path not in self.only_here:
            self.only_here.add(path)
            self._unfaithful.append((path, type(value).__name__))
        if type(value) is TrackedList and stored.faithful:
            self._stored_lists.add(path)
        else:
            self._stored_lists.discard(path)


def _encoded(mail: list[MailItem], failures: list[Failure]) -> Iterable[EncodedMail]:
    for item in mail:
        try:
            payload = to_wire(item.payload, pages_tables=False)
        except SerializationError as error:
            failures.append(Failure((), error.type_name, f"mail {item.type!r}: {error}"))
            continue
        json = msgspec.json.encode([item.type, msgspec.Raw(payload.json)])
        yield EncodedMail(json, payload.binaries)


def _joined(earlier: ElementChange, later: ElementChange) -> ElementChange:
    """Return one change with the effect of two."""
    if not later.is_append or earlier.wire is None or later.wire is None:
        return later
    first, second = earlier.wire.json[1:-1].strip(), later.wire.json[1:-1].strip()
    json = b"[" + b",".join(part for part in (first, second) if part) + b"]"
    return ElementChange(
        later.path, Wire(json, earlier.wire.binaries + later.wire.binaries), earlier.is_append
    )
