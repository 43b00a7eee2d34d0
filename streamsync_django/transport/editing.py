"""Editing over a socket: one window's edits of its application's draft, and everybody else's as they come."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import msgspec

from streamsync_django.core.errors import LayoutError, StreamsyncError
from streamsync_django.layouts.desk import Desk, NotAllowed, SharedEdit
from streamsync_django.layouts.errors import (
    EditConflict,
    LayoutsUnavailable,
    OperationError,
    OutdatedEdit,
    UnmanagedLayout,
)
from streamsync_django.transport import protocol

_logger = logging.getLogger(__name__)

#: Messages of one window that may wait for the database, and how many bytes of operations, past the first.
MAX_WAITING: Final = 64
MAX_WAITING_BYTES: Final = 1024 * 1024
#: When a database that did not answer is asked again what others have edited.
_RETRY_SECONDS: Final = 5.0

#: The first that fits says why an edit was refused.
_CODES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (NotAllowed, "edit.not-allowed"),
    (OutdatedEdit, "edit.outdated"),
    (OperationError, "edit.operations"),
    (LayoutError, "edit.layout"),
    (UnmanagedLayout, "edit.unmanaged"),
    (LayoutsUnavailable, "edit.unavailable"),
)

EditorMessage = protocol.DraftRequest | protocol.Edit


class Editing:
    """Takes a window's edits one after another, and sends every accepted one in the draft's order.

    A window that has asked for the draft, or has edited it, follows it: `edited` messages come without gaps,
    its own among them (with their keys), so that doing their operations keeps it in step. All state is the
    event loop's; the database is asked in worker threads. Cancelling loses nothing: an edit that was being
    applied is applied, and sending it again under its key tells so.
    """

    def __init__(
        self,
        desk: Desk,
        tell: Callable[[protocol.ServerMessage], Awaitable[None]],
        on_not_allowed: Callable[[], None],
    ) -> None:
        """Begin on the running event loop; `on_not_allowed` is called for each message of somebody who may not."""
        self._desk = desk
        self._tell = tell
        self._on_not_allowed = on_not_allowed
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[EditorMessage] = deque()
        self._news = asyncio.Event()
        #: What the window has of the draft; None while it does not follow.
        self._version: int | None = None
        self._stop_following: Callable[[], None] | None = None
        self._task = asyncio.create_task(self._work(), name="streamsync-editing")

    def take(self, message: EditorMessage) -> bool:
        """Queue a message; False when too many wait already."""
        waiting = sum(
            len(bytes(edit.operations)) for edit in self._waiting if isinstance(edit, protocol.Edit)
        )
        if len(self._waiting) >= MAX_WAITING or waiting > MAX_WAITING_BYTES:
            return False
        self._waiting.append(message)
        self._news.set()
        return True

    def look(self) -> None:
        """Ask whether the draft has changed, and whether the window may still know; on the loop."""
        self._news.set()

    async def close(self) -> None:
        """Follow no more."""
        self._unfollow()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._answer(self._waiting.popleft())
            await self._answer(None)

    async def _answer(self, message: EditorMessage | None) -> None:
        """Do what a message asks for, or without one send what is new; whatever goes wrong is said, not raised."""
        key = message.key if isinstance(message, protocol.Edit) else ""
        try:
            match message:
                case protocol.DraftRequest():
                    await self._begin(message.version)
                case protocol.Edit():
                    await self._edit(message)
                case None:
                    await self._catch_up()
        except EditConflict as error:
            await self._answer(None)  # what it conflicts with comes first
            conflicts = [protocol.conflict_record(conflict) for conflict in error.conflicts]
            await self._tell(protocol.Conflict(key=key, version=error.version, conflicts=conflicts))
        except LayoutsUnavailable as error:
            if message is None:
                self._loop.call_later(_RETRY_SECONDS, self.look)
            else:
                await self._refuse(key, error)
        except NotAllowed as error:
            self._unfollow()
            await self._refuse(key, error)
            if message is not None:
                self._on_not_allowed()
        except StreamsyncError as error:
            await self._refuse(key, error)
        except Exception as error:  # a mistake of ours ends neither the window's session nor its editing
            _logger.exception("an edit over a socket failed")
            await self._refuse(key, error)

    async def _begin(self, version: int | None) -> None:
        """Send the draft, or what has changed since the window lost its connection, and follow from there."""
        self._follow()
        if version is not None:
            try:
                await self._send_since(version)
                return
            except OutdatedEdit:
                pass
        await self._send_whole()

    async def _edit(self, message: protocol.Edit) -> None:
        edit = partial(self._desk.edit, bytes(message.operations), base=message.base, key=message.key)
        if self._version is None:  # who names a version has it
            self._follow()
            await self._send_since(message.base)
        accepted = await asyncio.to_thread(edit)
        if self._version is not None and accepted.version <= self._version:
            await self._tell(_edited(accepted))  # sent again because our first answer was lost
        else:
            await self._catch_up()

    async def _catch_up(self) -> None:
        if self._version is None:
            return
        try:
            await self._send_since(self._version)
        except OutdatedEdit:
            await self._send_whole()

    async def _send_since(self, version: int) -> None:
        edits = await asyncio.to_thread(self._desk.since, version)
        self._version = version
        for edit in edits:
            await self._tell(_edited(edit))
            self._version = edit.version

    async def _send_whole(self) -> None:
        draft = await asyncio.to_thread(self._desk.whole)
        self._version = draft.version
        await self._tell(protocol.Draft(version=draft.version, components=_plain(draft.records)))

    async def _refuse(self, key: str, error: Exception) -> None:
        code = next((code for kind, code in _CODES if isinstance(error, kind)), "edit.failed")
        problems = ["something went wrong on the server: nothing was changed"]
        if isinstance(error, LayoutError):
            problems = list(error.problems[: protocol.MAX_PROBLEMS])
        elif code != "edit.failed":
            problems = [str(error)]
        await self._tell(protocol.Refused(key=key, code=code, problems=problems))

    def _follow(self) -> None:
        if self._stop_following is None:
            self._stop_following = self._desk.follow(self._wake)

    def _unfollow(self) -> None:
        self._version = None
        if self._stop_following is not None:
            self._stop_following()
            self._stop_following = None

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the loop is closed, and with it the window's socket
            pass


def _edited(edit: SharedEdit) -> protocol.Edited:
    return protocol.Edited(
        version=edit.version,
        who=edit.who,
        when=edit.when.isoformat(),
        operations=msgspec.to_builtins(list(edit.operations)),
        key=edit.key,
    )


def _plain(records: Any) -> dict[str, dict[str, Any]]:
    return {key: dict(record) for key, record in records.items()}
