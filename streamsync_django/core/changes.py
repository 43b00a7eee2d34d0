"""The committed elements of one session, each with the version of its last change.

`ChangeLog.since` is the only maker of patches: live updates, reconnects, slow readers and lost
wake-ups all ask it what has changed since the version a browser has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from .files import Binary
from .recorder import NOTHING, ElementPath
from .serializers import Wire
from .state import is_private

#: How many deletions a session remembers; browsers further behind get a snapshot.
MAX_TOMBSTONES: Final = 1000

_encoder = msgspec.json.Encoder()


class ElementChange(msgspec.Struct, frozen=True):
    """What one commit does to one element; `wire` is None where it is deleted."""

    path: ElementPath
    wire: Wire | None
    #: `wire` is a JSON array whose items go to the end of the element's list.
    is_append: bool = False


class _Record(msgspec.Struct, gc=False):
    """The newest committed form of one changed element."""

    version: int
    order: int
    #: JSON text, for lists in pieces without their brackets; None is a tombstone.
    pieces: list[bytes] | None
    is_list: bool
    binaries: tuple[Binary, ...]
    is_private: bool
    #: The JSON array that the last change appended, if that is all it did.
    appended: bytes | None = None

    def json(self) -> bytes:
        pieces = self.pieces or []
        return b"[" + b",".join(pieces) + b"]" if self.is_list else pieces[0]


class Patch(msgspec.Struct, kw_only=False):
    """The public elements that changed from one version to another."""

    from_version: int
    to_version: int
    set: list[tuple[ElementPath, bytes]] = []
    deleted: list[ElementPath] = []
    append: list[tuple[ElementPath, bytes]] = []
    binaries: dict[str, Binary] = {}


class ChangeLog:
    """What a session's elements have become since its base, by version.

    Belongs to whoever holds the session's lock. `base` has the wire form of each public element of
    the initial state, in order; it is shared and never changed.
    """

    __slots__ = (
        "_base",
        "_base_order",
        "_forgotten",
        "_next_order",
        "_records",
        "_structure",
        "_tombstones",
        "horizon",
        "version",
    )

    def __init__(self, base: Mapping[ElementPath, Wire], version: int = 0) -> None:
        self.version = version
        #: Patches from versions below this one cannot be made: deletions have been forgotten.
        self.horizon = 0
        #: Tombstones that are forgotten here and not yet in the store.
        self._forgotten: tuple[ElementPath, ...] = ()
        self._base = base
        self._base_order: dict[ElementPath, int] | None = None
        self._next_order = len(base)
        #: Ordered by version, oldest first.
        self._records: dict[ElementPath, _Record] = {}
        #: How many deletions may be forgotten.
        self._tombstones = 0
        #: When the rows of a list, or the keys of a nested state, were last shifted.
        self._structure: dict[ElementPath, int] = {}

    def apply(
        self,
        changes: Iterable[ElementChange],
        structural: Iterable[ElementPath] = (),
        orders: Iterable[int] | None = None,
    ) -> int:
        """Take one commit's changes in and return the new version.

        `orders` are what `orders_of` said of them when the commit was made.
        """
        self.version += 1
        if orders is None:
            changes = list(changes)
            orders = self.orders_of({change.path: change for change in changes})
        for change, order in zip(changes, orders, strict=True):
            self._take(change, self.version, order)
        for path in structural:
            self._structure[path] = self.version
        self._forget_old_tombstones()
        return self.version

    def restore(self, change: ElementChange, version: int, order: int) -> None:
        """Take one element in as it was committed at `version`; call in order of version."""
        self._structure[change.path] = version  # the store does not tell how it came to be
        self._next_order = max(self._next_order, order)
        self.version = max(self.version, version)
        self._take(change, version, order)

    def _take(self, change: ElementChange, version: int, order: int) -> None:
        path = change.path
        before = self._records.pop(path, None)
        if before is not None and before.pieces is None and path not in self._base:
            self._tombstones -= 1
        private = is_private(path)
        if change.wire is None:
            self._tombstones += path not in self._base
            record = _Record(version, order, None, False, (), private)
        elif change.is_append:
            pieces, binaries = self._pieces_of(path, before)
            added = change.wire.json[1:-1].strip()
            if added:
                pieces.append(added)
            binaries += change.wire.binaries
            record = _Record(version, order, pieces, True, binaries, private, change.wire.json)
        else:
            json, is_list = change.wire.json, change.wire.json.startswith(b"[")
            inner = json[1:-1].strip() if is_list else json
            record = _Record(version, order, [inner] if inner else [], is_list, change.wire.binaries, private)
        self._records[path] = record

    def order_of(self, path: ElementPath) -> int:
        """Return the place of an element among its siblings; a new one gets the next."""
        record = self._records.get(path)
        if record is not None and record.pieces is not None:
            return record.order
        if record is None and path in self._base:
            if self._base_order is None:
                self._base_order = {known: order for order, known in enumerate(self._base)}
            return self._base_order[path]
        self._next_order += 1
        return self._next_order

    def orders_of(self, changes: Mapping[ElementPath, ElementChange]) -> list[int]:
        """Return the places of one commit's elements; those below a path that is deleted with it begin afresh."""
        gone = {path for path, change in changes.items() if change.wire is None}
        orders = []
        for path, change in changes.items():
            if (
                gone
                and change.wire is not None
                and any(path[:depth] in gone for depth in range(1, len(path)))
            ):
                self._next_order += 1
                orders.append(self._next_order)
            else:
                orders.append(self.order_of(path))
        return orders

    def elements(self) -> list[tuple[ElementPath, int, int, bool]]:
        """Return each element that is not as in the base: path, version, order, whether it is deleted."""
        return [
            (path, record.version, record.order, record.pieces is None)
            for path, record in self._records.items()
        ]

    def rows_shifted_at(self, path: ElementPath) -> int:
        """Return the version in which rows at `path` were last shifted, 0 for never."""
        return max((self._structure.get(path[:depth], 0) for depth in range(len(path) + 1)), default=0)

    def since(self, version: int) -> Patch | None:
        """Return what changed after `version`, or None where only a snapshot will do."""
        if version < self.horizon or version > self.version:
            return None
        patch = Patch(version, self.version)
        changed: list[tuple[ElementPath, _Record]] = []
        for path in reversed(self._records):
            record = self._records[path]
            if record.version <= version:
                break
            if not record.is_private:
                changed.append((path, record))
        changed.sort(key=lambda item: item[1].order)
        gone = {path for path, record in changed if record.pieces is None} if self._tombstones else NOTHING
        for path, record in changed:
            if record.pieces is None:
                if not any(path[:depth] in gone for depth in range(1, len(path))):
                    patch.deleted.append(path)  # what was inside goes with it
                continue
            if record.appended is not None and record.version == version + 1:
                patch.append.append((path, record.appended))
            else:
                patch.set.append((path, record.json()))
            if record.binaries:
                patch.binaries.update((binary.digest, binary) for binary in record.binaries)
        return patch

    def snapshot(self) -> tuple[bytes, dict[str, Binary]]:
        """Return the nested JSON of all public elements, and the binaries they name."""
        current: list[tuple[int, ElementPath, bytes]] = []
        binaries: dict[str, Binary] = {}
        for order, (path, wire) in enumerate(self._base.items()):
            if path not in self._records:
                current.append((order, path, wire.json))
                binaries.update((binary.digest, binary) for binary in wire.binaries)
        for path, record in self._records.items():
            if record.pieces is not None and not record.is_private:
                current.append((record.order, path, record.json()))
                binaries.update((binary.digest, binary) for binary in record.binaries)
        current.sort(key=lambda item: item[0])
        return nest((path, json) for _, path, json in current), binaries

    def binary(self, digest: str) -> Binary | None:
        """Return a binary that some current element names."""
        named = (record.binaries for record in self._records.values() if not record.is_private)
        return next((binary for binaries in named for binary in binaries if binary.digest == digest), None)

    def _pieces_of(self, path: ElementPath, before: _Record | None) -> tuple[list[bytes], tuple[Binary, ...]]:
        """Return the pieces of a list that is about to grow; the list itself may be extended."""
        if before is not None:
            return (before.pieces or [], before.binaries) if before.is_list else ([], ())
        wire = self._base.get(path)
        if wire is None:
            return [], ()
        inner = wire.json[1:-1].strip()
        return ([inner] if inner else []), wire.binaries

    def take_forgotten(self) -> tuple[ElementPath, ...]:
        """Return the tombstones forgotten since the last call, for the store to forget them too."""
        forgotten, self._forgotten = self._forgotten, ()
        return forgotten

    def _forget_old_tombstones(self) -> None:
        if self._tombstones <= MAX_TOMBSTONES:
            return
        for path in list(self._records):
            record = self._records[path]
            if record.pieces is not None or path in self._base:
                continue  # a base's element stays deleted for as long as the session lives
            del self._records[path]
            self._tombstones -= 1
            self._forgotten += (path,)
            self.horizon = max(self.horizon, record.version)
            if self._tombstones <= MAX_TOMBSTONES // 2:
                break


def nest(elements: Iterable[tuple[ElementPath, bytes]]) -> bytes:
    """Return the JSON object that has each element's JSON text at its path."""
    root: dict[str, object] = {}
    for path, json in elements:
        node = root
        for key in path[:-1]:
            child = node.get(key)
            if not isinstance(child, dict):
                child = node[key] = {}
            node = child
        node[path[-1]] = msgspec.Raw(json)
    return _encoder.encode(_escaped(root))


def _escaped(node: dict[str, object]) -> dict[str, object]:
    """Wrap dicts that have a key "$", which marks special values on the wire."""
    plain = {key: _escaped(value) if isinstance(value, dict) else value for key, value in node.items()}
    return {"$": ["object", plain]} if "$" in plain else plain
