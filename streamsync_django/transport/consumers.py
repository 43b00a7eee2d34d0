"""The consumer: one browser's socket, from hello to goodbye."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from channels.consumer import AsyncConsumer
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404

from streamsync_django.conf import get_settings
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import BrowserEvent
from streamsync_django.core.errors import (
    ApplicationError,
    LayoutError,
    ProtocolError,
    SessionGone,
    StoreError,
)
from streamsync_django.core.journal import LogEntry
from streamsync_django.hosting import get_runtime, open_desk
from streamsync_django.permissions import may_stay, needs_checking, still_sees_logs
from streamsync_django.previews import show_version
from streamsync_django.runtime.admission import is_admitted
from streamsync_django.runtime.custody import SessionElsewhere, TooManySessions
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.mirrors import Mirror
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.transport import protocol
from streamsync_django.transport.editing import Editing
from streamsync_django.transport.inbox import open_inbox
from streamsync_django.transport.introductions import session_info
from streamsync_django.transport.origins import is_allowed_origin
from streamsync_django.transport.outgoing import Outgoing
from streamsync_django.visitors import (
    check_ticket,
    check_token,
    layout_of_ticket,
    make_blob_query,
    make_token,
    visitor_of,
)

_logger = logging.getLogger(__name__)

#: Broken frames a browser may send before its socket is closed.
MAX_FAULTS: Final = 10
#: Over how many seconds the rate of messages is averaged.
RATE_SECONDS: Final = 5.0
#: How often it is asked whether a connected visitor would be let in again.
CHECK_SECONDS: Final = 10.0
#: Kinds of log entries that go by another name in the browser.
_LOG_KINDS: Final = {"info": "log"}


#: Where the scope has the server's own `send`, past what middleware does to it.
PLAIN_SEND: Final = "streamsync.send"


class _Close(Exception):
    """Ends the conversation with a close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


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
        self._scope = scope
        self._receive = receive
        self._send = send
        self._slug: str = scope["url_route"]["kwargs"]["slug"]
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
        self._ending: int | None = None
        self._faults = 0
        self._allowance = get_settings().max_messages_per_second * RATE_SECONDS
        self._last_message = time.monotonic()

    async def run(self) -> None:
        """Greet the browser, then take its messages until the socket closes."""
        try:
            await self._open()
            await self._greet()
            while True:
                await self._take(await self._next_frame())
        except _Close as close:
            if close.code:
                await self._close(close.code)
        finally:
            await self._leave()

    # The session's side

    def wake(self) -> None:
        """The session has something new."""
        if self._outgoing is not None:
            self._outgoing.wake()

    def end(self, code: int) -> None:
        """The session is no longer here: close the socket, which ends `run` by its disconnect."""
        self._ending = code
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
            raise _Close(0)
        headers = dict(self._scope.get("headers", ()))
        origin, host = headers.get(b"origin"), headers.get(b"host")
        is_secure = self._scope.get("scheme") == "wss" or _says_https(headers)
        if not is_allowed_origin(_text(origin), _text(host), is_secure=is_secure):
            _logger.warning("a socket from origin %r to host %r was refused", _text(origin), _text(host))
            raise _Close(protocol.FORBIDDEN)
        await self._send({"type": "websocket.accept"})

    async def _hello(self) -> protocol.Hello:
        """Wait for the first message."""
        try:
            async with asyncio.timeout(get_settings().hello_timeout):
                hello = protocol.decode(await self._next_frame())
        except TimeoutError:
            raise _Close(protocol.NO_HELLO) from None
        except ProtocolError as error:
            await self._tell(protocol.ErrorMessage(code=error.code, message=str(error)))
            raise _Close(protocol.REFUSED) from error
        if not isinstance(hello, protocol.Hello):
            raise _Close(protocol.REFUSED)
        return hello

    async def _greet(self) -> None:
        """Take the browser's hello, and answer with its session."""
        hello = await self._hello()
        visitor = visitor_of(self._scope.get("user"), self._scope.get("cookies", {}))
        ticket = None if visitor is None else check_ticket(hello.ticket, self._slug, visitor)
        if visitor is None or ticket is None:
            raise _Close(protocol.REFUSED)
        is_checked = needs_checking(visitor.user, self._slug)
        if is_checked and not await asyncio.to_thread(self._may_stay):
            raise _Close(protocol.FORBIDDEN)
        runtime = self._runtime = get_runtime()
        if runtime.is_leaving:
            raise _Close(protocol.GOING_AWAY)
        await self._use_ticket(runtime, ticket)
        open_inbox(runtime)
        application = await self._application(runtime)
        if which := layout_of_ticket(hello.ticket):
            try:
                application = await asyncio.to_thread(show_version, application, which, visitor.user)
            except (PermissionDenied, Http404):
                raise _Close(protocol.FORBIDDEN) from None
        session, resumed = await self._find_session(runtime, application, hello, visitor)
        if runtime.is_leaving:
            raise _Close(protocol.GOING_AWAY)
        self._adopt(session)
        await self._tell(
            protocol.Welcome(
                token=make_token(session.id, visitor),
                version=session.version,
                resumed=resumed,
                next_event=session.next_event,
                blob_query=make_blob_query(session.id),
            )
        )
        tree = session.tree
        if hello.layout != tree.revision:
            await self._tell(protocol.Layout(revision=tree.revision, components=tree.to_wire()))
        version = hello.version if resumed else None
        if version is None and hello.base == session.base.digest:
            version = 0  # the page was drawn with the initial state this session began with
        runtime.tally.sockets_opened += 1
        self._outgoing = Outgoing(session, self._send_frame, version)
        self._outgoing.wake()
        self._writer = asyncio.create_task(self._write(), name=f"streamsync-writer-{session.id[:8]}")
        if await asyncio.to_thread(self._sees_logs):
            self._show_log(runtime, application, session)
        if is_checked:
            self._checker = asyncio.create_task(
                self._check_again(), name=f"streamsync-check-{session.id[:8]}"
            )

    def _may_stay(self) -> bool:
        """Tell whether the visitor may open the application now; blocks while the database answers."""
        session = self._scope.get("session")
        return may_stay(getattr(session, "session_key", None), self._scope.get("user"), self._slug)

    def _sees_logs(self) -> bool:
        """Tell whether the log may be shown now; blocks while the database answers."""
        session = self._scope.get("session")
        return still_sees_logs(getattr(session, "session_key", None), self._scope.get("user"), self._slug)

    async def _check_again(self) -> None:
        """Close once the visitor is logged out or may not open the application any more; likewise for the log."""
        while True:
            await asyncio.sleep(CHECK_SECONDS * random.uniform(0.8, 1.2))
            if not await asyncio.to_thread(self._may_stay):
                self.end(protocol.FORBIDDEN)
                return
            if self._editing is not None:
                self._editing.look()
            if self._stop_listening is not None and not await asyncio.to_thread(self._sees_logs):
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

    async def _application(self, runtime: Runtime) -> LoadedApplication:
        try:
            return await asyncio.to_thread(runtime.applications.get, self._slug)
        except KeyError:
            raise _Close(protocol.UNKNOWN_APPLICATION) from None
        except (ApplicationError, LayoutError) as error:
            await self._tell(protocol.ErrorMessage(code="application.broken", message=str(error)))
            raise _Close(protocol.UNKNOWN_APPLICATION) from error

    async def _use_ticket(self, runtime: Runtime, ticket: str) -> None:
        """Let nobody in with a ticket that has served, at whichever instance."""
        use = partial(runtime.store.use_once, f"ticket:{ticket}", get_settings().ticket_ttl)
        try:
            is_first = await asyncio.to_thread(use) if runtime.store.is_shared else use()
        except StoreError as error:
            _logger.error("no session for %s: %s", self._slug, error)
            raise _Close(protocol.GOING_AWAY) from error
        if not is_first:
            raise _Close(protocol.REFUSED)

    async def _find_session(
        self, runtime: Runtime, application: LoadedApplication, hello: protocol.Hello, visitor: Visitor
    ) -> tuple[LiveSession, bool]:
        info = session_info(self._scope)
        admits = partial(is_admitted, application, runtime.applications.log, info["cookies"], info["headers"])
        # Asked of who comes back, too: a verifier may think otherwise of today's cookies.
        if application.application.verifiers and not await asyncio.to_thread(admits):
            raise _Close(protocol.FORBIDDEN)
        try:
            if hello.token is not None:
                session_id = check_token(hello.token, visitor)
                if session_id is None:
                    raise _Close(protocol.GONE)
                resume = runtime.custody.resume
                return await asyncio.to_thread(resume, session_id, self._slug, visitor, info), True
            return await asyncio.to_thread(runtime.custody.create, application, visitor, info), False
        except SessionElsewhere as elsewhere:
            self._mirror = Mirror(elsewhere.view, runtime.custody, self._on_seen)
            return elsewhere.view, True
        except SessionGone:
            raise _Close(protocol.GONE) from None
        except TooManySessions:
            raise _Close(protocol.TOO_MUCH) from None
        except StoreError as error:
            _logger.error("no session for %s: %s", self._slug, error)
            raise _Close(protocol.GOING_AWAY) from error

    def _show_log(self, runtime: Runtime, application: LoadedApplication, session: LiveSession) -> None:
        """Send the log's entries of this session, and the application's own, to a developer's page."""
        loop = asyncio.get_running_loop()

        def is_ours(entry: LogEntry) -> bool:
            return entry.application == application.slug and entry.session in (None, session.id)

        def show(entry: LogEntry) -> None:
            if is_ours(entry):
                runtime.calls.call(
                    lambda: asyncio.ensure_future(self._tell_quietly(_log_message([entry])), loop=loop)
                )

        earlier = [entry for entry in runtime.applications.log.entries(application.slug) if is_ours(entry)]
        if earlier:
            runtime.calls.call(
                lambda: asyncio.ensure_future(self._tell_quietly(_log_message(earlier)), loop=loop)
            )
        self._stop_listening = runtime.applications.log.listen(show)

    # Reading

    async def _next_frame(self) -> str | bytes:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise _Close(0)
        frame: str | bytes | None = message.get("text")
        if frame is None:
            frame = message.get("bytes") or b""
        if len(frame) > get_settings().max_frame_bytes:
            raise _Close(protocol.TOO_MUCH)
        self._count_message()
        return frame

    def _count_message(self) -> None:
        """Close on a browser that sends more than its allowance, which fills up with time."""
        rate = get_settings().max_messages_per_second
        now = time.monotonic()
        self._allowance = min(rate * RATE_SECONDS, self._allowance + (now - self._last_message) * rate) - 1
        self._last_message = now
        if self._allowance < 0:
            raise _Close(protocol.TOO_MUCH)

    async def _take(self, frame: str | bytes) -> None:
        session, outgoing = self._session, self._outgoing
        assert session is not None  # greeted
        assert outgoing is not None  # and so has this
        try:
            message = protocol.decode(frame)
            if isinstance(message, protocol.EventMessage):
                protocol.check_depth(message.payload, get_settings().max_frame_depth)
        except ProtocolError as error:
            await self._fault(error)
            return
        match message:
            case protocol.EventMessage():
                if message.ack is not None:
                    outgoing.acknowledge(message.ack)
                event = BrowserEvent(
                    message.n, message.target, message.event, message.payload, message.version, message.layout
                )
                if not (self._mirror or session).submit(event):
                    refusal = ProtocolError("event.too-many", "too many events of this session are waiting")
                    await self._fault(refusal, message.n)
            case protocol.Ack():
                if message.resync:
                    outgoing.resend_from(message.version)
                else:
                    outgoing.acknowledge(message.version)
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

    def _editor(self, session: LiveSession) -> Editing:
        """Return this window's part in editing the draft."""
        if self._editing is None:
            desk = open_desk(
                session.application,
                # Known to this window alone, the same after a reconnect, and of no use to who reads the audit.
                client=hashlib.blake2b(session.id.encode(), digest_size=16).hexdigest(),
                user=self._scope.get("user"),
                session_key=getattr(self._scope.get("session"), "session_key", None),
            )
            self._editing = Editing(desk, self._tell_quietly, self._note_intruder)
        return self._editing

    def _note_intruder(self) -> None:
        """Count an edit by somebody who may not; close on repetition."""
        self._faults += 1
        if self._faults > MAX_FAULTS:
            self.end(protocol.TOO_MUCH)

    async def _fault(self, error: ProtocolError, event: int | None = None) -> None:
        """Tell the browser what was wrong with its message; close on repetition."""
        self._faults += 1
        await self._tell(protocol.ErrorMessage(code=error.code, message=str(error), event=event))
        if self._faults > MAX_FAULTS:
            raise _Close(protocol.TOO_MUCH)

    # Writing

    async def _write(self) -> None:
        assert self._outgoing is not None  # made just before this task
        try:
            await self._outgoing.run()
        except asyncio.CancelledError:
            raise
        except Exception:  # a frame that cannot be built or sent: the browser comes back for it
            _logger.exception("a socket's writer failed")
            self.end(protocol.INTERNAL)

    async def _send_frame(self, frame: str | bytes) -> None:
        if self._runtime is not None:
            self._runtime.tally.count_frame(len(frame))
        await self._send({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})

    async def _tell(self, message: protocol.ServerMessage) -> None:
        await self._send_frame(protocol.encode(message))

    async def _tell_quietly(self, message: protocol.ServerMessage) -> None:
        try:
            await self._tell(message)
        except Exception:  # the socket has just closed; servers differ in what they raise then
            _logger.debug("a log message did not reach its page", exc_info=True)

    async def _close(self, code: int) -> None:
        if self._runtime is not None:
            self._runtime.tally.sockets_closed[code] += 1
        await self._send({"type": "websocket.close", "code": code})

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


def _log_message(entries: list[LogEntry]) -> protocol.LogMessage:
    return protocol.LogMessage(
        entries=[
            {
                "kind": _LOG_KINDS.get(entry.kind, entry.kind),
                "title": entry.title,
                "message": entry.message,
                "traceback": entry.traceback,
                "time": entry.time,
                "event": entry.event,
                "handler": entry.handler,
                "session": entry.session,
            }
            for entry in entries
        ]
    )


def _text(value: bytes | None) -> str:
    return value.decode("latin-1") if value is not None else ""


def _says_https(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a proxy that the site trusts says the visitor's connection is secure."""
    trusted: tuple[str, str] | None = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if trusted is None:
        return False
    name, value = trusted
    header = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
    return _text(headers.get(header)).split(",")[0].strip() == value
