"""The way in: from a handshake and a hello to the session that a browser may have."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from streamsync_django.conf import get_settings
from streamsync_django.core.errors import ApplicationError, LayoutError, SessionGone, StoreError
from streamsync_django.permissions import may_stay, needs_checking, still_sees_logs
from streamsync_django.previews import show_version
from streamsync_django.runtime.admission import is_admitted
from streamsync_django.runtime.custody import SessionElsewhere, TooManySessions
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.ports import Visitor
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.transport import protocol
from streamsync_django.transport.closing import CloseSocket
from streamsync_django.transport.inbox import open_inbox
from streamsync_django.transport.introductions import session_info
from streamsync_django.transport.origins import is_allowed_origin, is_secure
from streamsync_django.visitors import check_ticket, check_token, layout_of_ticket, visitor_of

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admission:
    """What a browser that was let in has found."""

    visitor: Visitor
    application: LoadedApplication
    session: LiveSession
    #: Whether the session is one that the browser has had before.
    is_resumed: bool
    #: Whether `session` is a view of one that another instance keeps.
    is_elsewhere: bool


class Entrance:
    """Decides about one socket. Every refusal is a CloseSocket with its code."""

    def __init__(self, scope: Mapping[str, Any], slug: str) -> None:
        self._scope = scope
        self._slug = slug
        self._session_key: str | None = getattr(scope.get("session"), "session_key", None)

    @property
    def user(self) -> Any:
        """The Django user of the handshake, if there is one."""
        return self._scope.get("user")

    @property
    def session_key(self) -> str | None:
        """The key of the Django session that the user is logged in with."""
        return self._session_key

    def check_origin(self) -> None:
        """Let only pages of this site open sockets."""
        headers = dict(self._scope.get("headers", ()))
        origin, host = (_text(headers.get(name)) for name in (b"origin", b"host"))
        if not is_allowed_origin(origin, host, is_secure=is_secure(self._scope, headers)):
            _logger.warning("a socket from origin %r to host %r was refused", origin, host)
            raise CloseSocket(protocol.FORBIDDEN)

    @property
    def is_rechecked(self) -> bool:
        """Whether the visitor's right to be here may end while the page is open."""
        return needs_checking(self.user, self._slug)

    def may_stay(self) -> bool:
        """Tell whether the visitor may open the application now; blocks while the database answers."""
        return may_stay(self._session_key, self.user, self._slug)

    def sees_logs(self) -> bool:
        """Tell whether the log may be shown now; blocks while the database answers."""
        return still_sees_logs(self._session_key, self.user, self._slug)

    async def admit(self, runtime: Runtime, hello: protocol.Hello) -> Admission:
        """Return the session that a hello asks for, made or found."""
        visitor = visitor_of(self.user, self._scope.get("cookies", {}))
        ticket = None if visitor is None else check_ticket(hello.ticket, self._slug, visitor)
        if visitor is None or ticket is None:
            raise CloseSocket(protocol.REFUSED)
        if self.is_rechecked and not await asyncio.to_thread(self.may_stay):
            raise CloseSocket(protocol.FORBIDDEN)
        if runtime.is_leaving:
            raise CloseSocket(protocol.GOING_AWAY)
        await self._use_ticket(runtime, ticket)
        open_inbox(runtime)
        application = await self._application(runtime)
        if which := layout_of_ticket(hello.ticket):
            try:
                application = await asyncio.to_thread(show_version, application, which, visitor.user)
            except (PermissionDenied, Http404):
                raise CloseSocket(protocol.FORBIDDEN) from None
        return await self._find_session(runtime, application, hello.token, visitor)

    async def _use_ticket(self, runtime: Runtime, ticket: str) -> None:
        """Let nobody in with a ticket that has served, at whichever instance."""
        use = partial(runtime.store.use_once, f"ticket:{ticket}", get_settings().ticket_ttl)
        try:
            is_first = await asyncio.to_thread(use) if runtime.store.is_shared else use()
        except StoreError as error:
            _logger.error("no session for %s: %s", self._slug, error)
            raise CloseSocket(protocol.GOING_AWAY) from error
        if not is_first:
            raise CloseSocket(protocol.REFUSED)

    async def _application(self, runtime: Runtime) -> LoadedApplication:
        try:
            return await asyncio.to_thread(runtime.applications.get, self._slug)
        except KeyError:
            raise CloseSocket(protocol.UNKNOWN_APPLICATION) from None
        except (ApplicationError, LayoutError) as error:
            broken = protocol.ErrorMessage(code="application.broken", message=str(error))
            raise CloseSocket(protocol.UNKNOWN_APPLICATION, broken) from error

    async def _find_session(
        self, runtime: Runtime, application: LoadedApplication, token: str | None, visitor: Visitor
    ) -> Admission:
        info = session_info(self._scope)
        admits = partial(is_admitted, application, runtime.applications.log, info["cookies"], info["headers"])
        # Asked of who comes back, too: a verifier may think otherwise of today's cookies.
        if application.application.verifiers and not await asyncio.to_thread(admits):
            raise CloseSocket(protocol.FORBIDDEN)
        custody = runtime.custody
        is_elsewhere = False
        try:
            if token is None:
                session = await asyncio.to_thread(custody.create, application, visitor, info)
            else:
                session_id = check_token(token, visitor)
                if session_id is None:
                    raise CloseSocket(protocol.GONE)
                session = await asyncio.to_thread(custody.resume, session_id, self._slug, visitor, info)
        except SessionElsewhere as elsewhere:
            session, is_elsewhere = elsewhere.view, True
        except SessionGone:
            raise CloseSocket(protocol.GONE) from None
        except TooManySessions:
            raise CloseSocket(protocol.TOO_MUCH) from None
        except StoreError as error:
            _logger.error("no session for %s: %s", self._slug, error)
            raise CloseSocket(protocol.GOING_AWAY) from error
        return Admission(visitor, application, session, token is not None, is_elsewhere)


def _text(value: bytes | None) -> str:
    return value.decode("latin-1") if value is not None else ""
