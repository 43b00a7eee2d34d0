"""What a session has committed, what is on its way into the store, and what its browser has not read yet."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from typing import Any, Final

import msgspec

from streamsync_django.core.changes import ChangeLog
from streamsync_django.core.dispatch import Outcome
from streamsync_django.core.recorder import ElementPath
from streamsync_django.core.serializers import Wire
from streamsync_django.runtime.drafts import Draft, EncodedMail
from streamsync_django.runtime.ports import Update
from streamsync_django.runtime.pushes import PushLedger
from streamsync_django.stores.records import Commit, Committed, ElementWrite, Refused, StoredMail

#: How many events of one session may wait; a browser keeps more itself.
MAX_WAITING: Final = 1000
#: How many messages a session keeps for a browser that is away.
MAX_UNREAD: Final = 1000
#: Bytes in front of each stored element: its place among its siblings.
ORDER_BYTES: Final = 6


class _Told(msgspec.Struct, frozen=True):
    """How an event ended, as the store keeps it for a browser that this process did not live to tell."""

    event: int
    outcome: Outcome


_told_encoder = msgspec.json.Encoder()
_told_decoder = msgspec.json.Decoder(_Told)


class Ledger:
    """One session's books. Everything is guarded by the session's lock, which callers may hold already.

    A session has one commit in flight; what is captured meanwhile is merged into one draft that waits.
    """

    __slots__ = (
        *("_in_flight", "_lock", "_read_version", "_stored_marks"),
        *("above", "log", "low", "mail", "marked", "pushes", "results", "waiting"),
    )

    def __init__(self, elements: Mapping[ElementPath, Wire], lock: AbstractContextManager[Any]) -> None:
        self._lock = lock
        self.pushes = PushLedger(lock)
        self.log = ChangeLog(elements)
        self.waiting: Draft | None = None
        self._in_flight: tuple[Draft, list[int]] | None = None
        #: Unread messages, each with its version and number, and how events ended, with its version.
        self.mail: list[tuple[int, int, EncodedMail]] = []
        self.results: list[tuple[int, int, Outcome]] = []
        #: Every event up to `low` is done, and those in `above`.
        self.low = 0
        self.above: Set[int] = frozenset()
        self._read_version = 0
        #: Handlers that have run for a while, by event number, and what the store was told of them.
        self.marked: dict[int, bytes] = {}
        self._stored_marks: dict[int, bytes] = {}

    def is_done(self, number: int) -> bool:
        """Tell whether an event is committed."""
        return number <= self.low or number in self.above

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for the store."""
        return self.waiting is None and self._in_flight is None

    def uncommitted_shifts(self) -> list[set[ElementPath]]:
        """Return where rows have shifted in what is not committed yet. The caller holds the lock."""
        drafts = [self.waiting] if self.waiting is not None else []
        if self._in_flight is not None:
            drafts.append(self._in_flight[0])
        return [draft.structural for draft in drafts]

    def recall(self, *, mail: Iterable[StoredMail], low: int, above: Iterable[int]) -> None:
        """Take what a store kept beside the elements, when a session is loaded."""
        places: Counter[int] = Counter()
        for version, payload in mail:
            if payload.startswith(b"{"):  # a message to the browser is an array
                told = _told_decoder.decode(payload)
                self.results.append((version, told.event, told.outcome))
            else:
                self.mail.append((version, _mail_id(version, places[version]), EncodedMail(payload)))
                places[version] += 1
        self.low, self.above = low, frozenset(above)

    def recall_marks(self, numbers: Iterable[int]) -> list[int]:
        """Note which running handlers the store still tells of, and return their events."""
        self._stored_marks = dict.fromkeys(numbers, b"")
        return list(self._stored_marks)

    # Into the store

    def add(self, draft: Draft) -> None:
        """Have a draft wait for its turn."""
        with self._lock:
            if self.waiting is None:
                self.waiting = draft
            else:
                self.waiting.merge(draft)

    def take_next(self, session_id: str, epoch: int, ttl_seconds: float) -> Commit | None:
        """Return the commit of what waits, which is then in flight; None while one is, or nothing waits."""
        with self._lock:
            if self._in_flight is not None or self.waiting is None:
                return None
            draft, self.waiting = self.waiting, None
            orders = self.log.orders_of(draft.changes)
            self._in_flight = (draft, orders)
            low, above = _acknowledge(self.low, self.above, [number for number, _ in draft.outcomes])
            for number, _ in draft.outcomes:
                self.marked.pop(number, None)
            self.pushes.end(draft.ended_pushes)
            return Commit(
                session_id=session_id,
                epoch=epoch,
                expected_version=self.log.version,
                commit_id=os.urandom(16),
                elements=_writes(draft, dict(zip(draft.changes, orders, strict=True)))
                if draft.stored
                else (),
                acknowledged_low=low,
                acknowledged_above=tuple(sorted(above)),
                mail=[*(item.json for item in draft.mail), *_told(draft.outcomes)],
                mail_read=self._read_version,
                running=dict(self.marked) if self.marked != self._stored_marks else None,
                forget=self.log.take_forgotten(),
                forgotten_version=self.log.horizon or None,
                pushed=self.pushes.take_done(),
                ttl_seconds=ttl_seconds,
            )

    def settle(self, commit: Commit, answer: Committed | Refused) -> bool:
        """Take the store's answer to the commit in flight; False when it was refused, and then it waits again."""
        with self._lock:
            if self._in_flight is None:
                return True
            draft, orders = self._in_flight
            self._in_flight = None
            if isinstance(answer, Refused):
                if self.waiting is not None:
                    draft.merge(self.waiting)
                self.waiting = draft
                return False
            if commit.running is not None:
                self._stored_marks = dict(commit.running)
            version = self.log.apply(draft.changes.values(), draft.structural, orders)
            self.low, self.above = _acknowledge(self.low, self.above, [n for n, _ in draft.outcomes])
            if draft.mail:
                self.mail += [
                    (version, _mail_id(version, index), item) for index, item in enumerate(draft.mail)
                ]
            self.results.extend((version, number, outcome) for number, outcome in draft.outcomes)
            del self.mail[:-MAX_UNREAD], self.results[:-MAX_UNREAD]
            return True

    def unread(self) -> list[StoredMail]:
        """Return what the browser has not read, as a store keeps it. The caller holds the lock."""
        kept = [StoredMail(version, item.json) for version, _, item in self.mail]
        for version, number, outcome in self.results:
            kept += [StoredMail(version, told) for told in _told([(number, outcome)])]
        return sorted(kept, key=lambda mail: mail.version)

    # Out to the browser

    def update_since(self, version: int | None) -> Update:
        """Return what a browser at `version` has missed; None for one that has nothing."""
        with self._lock:
            patch = None if version is None else self.log.since(version)
            known = version or 0
            return Update(
                patch,
                self.log.snapshot() if patch is None else None,
                self.log.version,
                [(mail_id, item) for at, mail_id, item in self.mail if at > known],
                [(number, outcome) for at, number, outcome in self.results if at > known],
                self.low,
            )

    def acknowledge(self, version: int) -> None:
        """Note that the browser has everything up to `version`."""
        with self._lock:
            if self._read_version < version <= self.log.version:
                self._read_version = version
                _drop_until(version, self.mail)
                _drop_until(version, self.results)


def _told(outcomes: Iterable[tuple[int, Outcome]]) -> list[bytes]:
    """Return the outcomes that say more than an acknowledgement does, as the store keeps them among the mail."""
    return [
        _told_encoder.encode(_Told(number, outcome))
        for number, outcome in outcomes
        if outcome.status != "ok" or outcome.reply is not None
    ]


def _writes(draft: Draft, orders: Mapping[ElementPath, int]) -> list[ElementWrite]:
    writes = []
    for path, write in draft.stored.items():
        data = write.data
        if data is not None and not write.is_append:
            data = orders.get(path, 0).to_bytes(ORDER_BYTES, "big") + data
        writes.append(ElementWrite(path, data, write.is_append))
    return writes


def _mail_id(version: int, index: int) -> int:
    """Number a message: by its version, then its place among those of that version."""
    return version * 4096 + index


def _drop_until(version: int, items: list[Any]) -> None:
    """Drop the items of this version and below from the front, where the oldest are."""
    count = 0
    while count < len(items) and items[count][0] <= version:
        count += 1
    del items[:count]


def _acknowledge(low: int, above: Set[int], numbers: Sequence[int]) -> tuple[int, Set[int]]:
    """Return the low-water mark and the numbers beyond it once `numbers` are done too."""
    if not above and len(numbers) == 1 and numbers[0] == low + 1:
        return low + 1, above
    done = {*above, *(number for number in numbers if number > low)}
    if len(done) > MAX_WAITING:  # the one below was refused long ago, and nobody asks again
        low = min(done) - 1
    while low + 1 in done:
        low += 1
        done.discard(low)
    return low, done
