"""Pushes on their way to the sessions of this process."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Final

import msgspec

from streamsync_django.core.dispatch import BrowserEvent

_logger = logging.getLogger(__name__)

#: How many pushes may wait in one session that is slow to run them.
MAX_WAITING_PUSHES: Final = 1000


#: What a push names instead of a handler when its payload is a notification from the site's operators.
MESSAGE: Final = "$message"
#: The same for a session, its id the payload, that operators have ended while it is at another instance.
END: Final = "$end"


class Push(msgspec.Struct, frozen=True, array_like=True):
    """One call of a handler for all, or some, visitors of an application."""

    handler: str
    payload: Any = None
    #: Ids of visitors; None means everybody.
    visitors: frozenset[str] | None = None


_decoder = msgspec.json.Decoder(Push)


class PushEvent(BrowserEvent, frozen=True):
    """A push in the order of one session's events; its event number is 0, because no browser waits for it."""

    handler: str = ""
    push_number: int = 0


def encode_push(push: Push) -> bytes:
    """Return a push as stores keep it; raises TypeError or ValueError for a payload JSON cannot say."""
    return msgspec.json.encode(push)


def decode_push(data: bytes) -> Push:
    """Return the push that was stored."""
    return _decoder.decode(data)


class PushLedger:
    """Which pushes one session has had. Small, because most sessions never get one."""

    __slots__ = ("_early", "_is_catching_up", "_lock", "_open", "_seen", "_stored")

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        """Use the session's own lock: calls come from the loop and from workers."""
        self._lock = lock
        #: The highest number seen, and the numbers below it whose handlers have not ended.
        self._seen = 0
        self._open: frozenset[int] = frozenset()
        #: What the store knows of `done`.
        self._stored = 0
        self._is_catching_up = False
        self._early: tuple[tuple[int, Push], ...] = ()

    def begin(self, number: int, *, is_catching_up: bool = False) -> None:
        """Start after a push; while catching up, newer ones wait for `catch_up`."""
        with self._lock:
            self._seen = self._stored = number
            self._is_catching_up = is_catching_up

    @property
    def done(self) -> int:
        """Up to which number every push has had its handler run to the end, or was for others."""
        with self._lock:
            return min(self._open) - 1 if self._open else self._seen

    def take_done(self) -> int | None:
        """Return `done` for the store, None when it was taken before."""
        with self._lock:
            done = self.done
            if done == self._stored:
                return None
            self._stored = done
            return done

    def take(self, pushes: Iterable[tuple[int, Push]], visitor: str) -> list[PushEvent]:
        """Return events for those pushes that are new and for this visitor."""
        with self._lock:
            if self._is_catching_up:
                self._early += tuple(pushes)
                return []
            return self._events(pushes, visitor)

    def catch_up(self, missed: Iterable[tuple[int, Push]], visitor: str) -> list[PushEvent]:
        """Return events for the newest missed push of each handler, then for those that came meanwhile."""
        with self._lock:
            newest = {push.handler: (number, push) for number, push in missed if _is_for(push, visitor)}
            events = self._events(sorted(newest.values(), key=lambda item: item[0]), visitor)
            self._seen = max([self._seen, *(number for number, _ in missed)])
            early, self._early, self._is_catching_up = self._early, (), False
            return events + self._events(early, visitor)

    def end(self, numbers: Iterable[int]) -> None:
        """Note that handlers of pushes have ended."""
        with self._lock:
            self._open = self._open.difference(numbers)

    def _events(self, pushes: Iterable[tuple[int, Push]], visitor: str) -> list[PushEvent]:
        events = []
        for number, push in pushes:
            if number <= self._seen:
                continue
            self._seen = number
            if not _is_for(push, visitor):
                continue
            if len(self._open) >= MAX_WAITING_PUSHES:
                _logger.warning("a push of %s was left out: a session is too slow for them", push.handler)
                continue
            self._open |= {number}
            event = PushEvent(0, (), f"push {push.handler}", push.payload, 0, "", push.handler, number)
            events.append(event)
        return events


def _is_for(push: Push, visitor: str) -> bool:
    return push.visitors is None or visitor in push.visitors
