"""The consumer: one browser's socket, from hello to goodbye."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from channels.consumer import AsyncConsumer

from streamsync_django.conf import get_settings
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import BrowserEvent
from streamsync_django.core.errors import ProtocolError
from streamsync_django.hosting import get_runtime, open_desk
from streamsync_django.runtime.mirrors import Mirror
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.transport import protocol
from streamsync_django.transport.allowance import Allowance
from streamsync_django.transport.closing import BrowserLeft, CloseSocket
from streamsync_django.transport.editing import Editing
from streamsync_django.transport.entrance import Entrance
from streamsync_django.transport.log_feed import feed_log
from streamsync_django.transport.outgoing import Outgoing
from streamsync_django.visitors import make_blob_query, make_token

_logger = logging.getLogger(__name__)

#: How often it is asked whether a connected visitor would be let in again.
CHECK_SECONDS: Final = 10.0
#: Where the scope has the server's own `send`, past what middleware does to it.
PLAIN_SEND: Final = "streamsync.send"


class StreamsyncConsumer(AsyncConsumer):
    """Serves one browser.

    Channels' interface, but not its dispatch: there every message hops through one thread that the whole
    process shares, and the next is not read before the last is handled. Here the reader only queues
    events, handlers run in the session's workers, and `Outgoing` sends, each on its own.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket until either end closes it. Cancelled by the server when it goes away."""
        await BrowserConversation(scope, receive, scope.get(PLAIN_SEND, send)).run()


class BrowserConversation:
    """What is said on one socket. All of it happens on the event loop."""

    def __init__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        self._receive = receive
        self._send = send
        self._slug: str = scope["url_route"]["kwargs"]["slug"]
        self._entrance = Entrance(scope, self._slug)
        self._session: LiveSession | None = None
        self._outgoing: Outgoing | None = None
        self._writer: asyncio.Task[None] | None = None
        #: Stands between this browser and its session while that is at another instance.
        self._mirror: Mirror | None = None
        self._stop_listening: Callable[[], object] | None = None
        self._checker: asyncio.Task[None] | None = None
        #: Made when the browser first asks for the draft or edits it.
        self._editing: Editing | None = None
        self._runtime: Runtime | None = None
        limits = get_settings()
        self._allowance = Allowance(limits.max_messages_per_second, limits.max_frame_bytes)

    async def run(self) -> None:
        """Greet the browser, then take its messages until the socket closes."""
        try:
            await self._converse()
        except BrowserLeft as error:
            _logger.debug("a browser left before it was answered: %r", error.__cause__)
        finally:
            await self._leave()

    async def _converse(self) -> None:
        try:
            await self._open()
            await self._greet()
            while True:
                await self._take(await self._next_frame())
        except CloseSocket as close:
            if close.last_word is not None:
                await self._tell(close.last_word)
            if close.code:
                await self._close(close.code)

    # The session's side

    def wake(self) -> None:
        """The session has something new."""
        if self._outgoing is not None:
            self._outgoing.wake()

    def end(self, code: int) -> None:
        """The session is no longer here: close the socket, which ends `run` by its disconnect."""
        task = asyncio.ensure_future(self._close(code))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def draw(self, tree: ComponentTree) -> None:
        """Show another layout."""
        layout = protocol.Layout(revision=tree.revision, components=tree.to_wire())
        task = asyncio.ensure_future(self._tell_quietly(layout))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def refuse(self, numbers: Sequence[int], code: str, message: str) -> None:
        """Say of each event that it was not done."""
        for number in numbers:
            refusal = protocol.ErrorMessage(code=code, message=message, event=number)
            task = asyncio.ensure_future(self._tell_quietly(refusal))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    # Opening

    async def _open(self) -> None:
        message = await self._receive()
        if message["type"] != "websocket.connect":
            raise CloseSocket(0)
        self._entrance.check_origin()
        await self._send({"type": "websocket.accept"})

    async def _hello(self) -> protocol.Hello:
        """Wait for the first message."""
        try:
            async with asyncio.timeout(get_settings().hello_timeout):
                hello = protocol.decode(await self._next_frame())
        except TimeoutError:
            raise CloseSocket(protocol.NO_HELLO) from None
        except ProtocolError as error:
            unread = protocol.ErrorMessage(code=error.code, message=str(error))
            raise CloseSocket(protocol.REFUSED, unread) from error
        if not isinstance(hello, protocol.Hello):
            raise CloseSocket(protocol.REFUSED)
        if hello.protocol != protocol.VERSION:
            raise CloseSocket(protocol.OUTDATED)
        return hello

    async def _greet(self) -> None:
        """Take the browser's hello, and answer with its session."""
        hello = await self._hello()
        runtime = self._runtime = get_runtime()
        admission = await self._entrance.admit(runtime, hello)
        session = admission.session
        if admission.is_elsewhere:
            self._mirror = Mirror(session, runtime.custody, self._on_seen)
        if runtime.is_leaving:
            raise CloseSocket(protocol.GOING_AWAY)
        self._adopt(session)
        await self._tell(
            protocol.Welcome(
                token=make_token(session.id, admission.visitor),
                version=session.version,
                resumed=admission.is_resumed,
                next_event=session.next_event,
                blob_query=make_blob_query(session.id),
                allowance=self._allowance.told(),
            )
        )
        tree = session.tree
        if hello.layout != tree.revision:
            await self._tell(protocol.Layout(revision=tree.revision, components=tree.to_wire()))
        version = hello.version if admission.is_resumed else None
        if version is None and hello.base == session.base.digest:
            version = 0  # the page was drawn with the initial state this session began with
        runtime.tally.sockets_opened += 1
        self._outgoing = Outgoing(session, self._send_frame, version)
        self._outgoing.wake()
        self._writer = asyncio.create_task(self._write(), name=f"streamsync-writer-{session.id[:8]}")
        if await asyncio.to_thread(self._entrance.sees_logs):
            self._stop_listening = feed_log(runtime, self._slug, session.id, self._tell_quietly)
        if self._entrance.is_rechecked:
            self._checker = asyncio.create_task(
                self._check_again(), name=f"streamsync-check-{session.id[:8]}"
            )

    async def _check_again(self) -> None:
        """Close once the visitor is logged out or may not open the application any more; likewise for the log."""
        while True:
            await asyncio.sleep(CHECK_SECONDS * random.uniform(0.8, 1.2))
            if not await asyncio.to_thread(self._entrance.may_stay):
                self.end(protocol.FORBIDDEN)
                return
            if self._editing is not None:
                self._editing.look()
            if self._stop_listening is not None and not await asyncio.to_thread(self._entrance.sees_logs):
                self._stop_listening()
                self._stop_listening = None

    def _adopt(self, session: LiveSession) -> None:
        """Be this session's connection, in place of any other."""
        self._session = session
        if session.connection is not None and session.connection is not self:
            session.connection.end(protocol.TAKEN_OVER)
        session.connection = self
        session.touch()

    def _on_seen(self, session: LiveSession, is_here: bool) -> None:
        """Show a newer view of a session that is elsewhere, or the session itself once it has moved here."""
        if is_here:
            self._mirror = None
        self._adopt(session)
        if self._outgoing is not None:
            self._outgoing.follow(session)

    # Reading

    async def _next_frame(self) -> str | bytes:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise CloseSocket(0)
        frame: str | bytes | None = message.get("text")
        if frame is None:
            frame = message.get("bytes") or b""
        self._allowance.take_message(frame)
        return frame

    async def _take(self, frame: str | bytes) -> None:
        session, outgoing = self._session, self._outgoing
        assert session is not None  # greeted
        assert outgoing is not None  # and so has this
        try:
            message = protocol.decode(frame)
        except ProtocolError as error:
            await self._fault(error)
            return
        match message:
            case protocol.EventMessage():
                if message.ack is not None:
                    outgoing.acknowledge(message.ack, message.receipt)
                await self._submit(session, message)
            case protocol.Ack():
                outgoing.acknowledge(message.version, message.receipt)
                if message.resync:
                    outgoing.resend_from(message.version)
            case protocol.Cancel():
                (self._mirror or session).cancel()
            case protocol.Ping():
                session.touch()
                await self._tell(protocol.Pong())
            case protocol.DraftRequest() | protocol.Edit():
                if not self._editor(session).take(message):
                    await self._fault(
                        ProtocolError("edit.too-many", "too many edits of this page are waiting")
                    )
            case protocol.Hello():
                await self._fault(ProtocolError("frame.unexpected", "this page has said hello already"))

    async def _submit(self, session: LiveSession, message: protocol.EventMessage) -> None:
        try:
            protocol.check_depth(message.payload, get_settings().max_frame_depth)
        except ProtocolError as error:
            await self._fault(error, message.n)
            return
        event = BrowserEvent(
            message.n, message.target, message.event, message.payload, message.version, message.layout
        )
        if not (self._mirror or session).submit(event):
            refusal = ProtocolError("event.too-many", "too many events of this session are waiting")
            await self._fault(refusal, message.n)

    def _editor(self, session: LiveSession) -> Editing:
        """Return this window's part in editing the draft."""
        if self._editing is None:
            desk = open_desk(
                session.application,
                # Known to this window alone, the same after a reconnect, and of no use to who reads the audit.
                client=hashlib.blake2b(session.id.encode(), digest_size=16).hexdigest(),
                user=self._entrance.user,
                session_key=self._entrance.session_key,
            )
            self._editing = Editing(desk, self._tell_quietly, self._note_intruder)
        return self._editing

    def _note_intruder(self) -> None:
        """Count an edit by somebody who may not; close on repetition."""
        if not self._allowance.take_fault():
            self.end(protocol.TOO_MUCH)

    async def _fault(self, error: ProtocolError, event: int | None = None) -> None:
        """Tell the browser what was wrong with its message; close on repetition."""
        await self._tell(protocol.ErrorMessage(code=error.code, message=str(error), event=event))
        if not self._allowance.take_fault():
            raise CloseSocket(protocol.TOO_MUCH)

    # Writing

    async def _write(self) -> None:
        assert self._outgoing is not None  # made just before this task
        try:
            await self._outgoing.run()
        except BrowserLeft as error:
            _logger.debug("a browser left while it was sent to: %r", error.__cause__)
            self.end(protocol.INTERNAL)  # in case it is there after all
        except Exception:  # a frame that cannot be built: the browser comes back for it
            session = self._session.id[:8] if self._session is not None else "-"
            _logger.exception("the writer of a socket of session %s failed", session)
            self.end(protocol.INTERNAL)

    async def _send_frame(self, frame: str | bytes) -> None:
        if self._runtime is not None:
            self._runtime.tally.count_frame(len(frame))
        await self._deliver({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})

    async def _deliver(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except Exception as error:  # whatever the server raises once the socket is closed
            raise BrowserLeft from error

    async def _tell(self, message: protocol.ServerMessage) -> None:
        await self._send_frame(protocol.encode(message))

    async def _tell_quietly(self, message: protocol.ServerMessage) -> None:
        try:
            await self._tell(message)
        except BrowserLeft as error:
            _logger.debug("a message did not reach its page: %r", error.__cause__)

    async def _close(self, code: int) -> None:
        if self._runtime is not None:
            self._runtime.tally.sockets_closed[code] += 1
        await self._deliver({"type": "websocket.close", "code": code})

    async def _leave(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
        tasks = [task for task in (self._writer, self._checker) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._editing is not None:
            await self._editing.close()
        if self._mirror is not None:
            await self._mirror.close()
        session = self._session
        if session is not None and session.connection is self:
            session.connection = None
            session.touch()
