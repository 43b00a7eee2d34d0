"""The messages on the WebSocket, typed; mirrored in ``frontend/src/core/messages.ts``.

Wire keys are camelCase, and this is the only place that converts.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from streamsync_django.core.errors import ProtocolError
from streamsync_django.layouts.errors import Conflict as EditConflictPart

#: Raised when a change would make old pages misunderstand; those of another version are told to load anew.
VERSION: Final = 1

#: Close codes, as the browser knows them.
REFUSED: Final = 4401
FORBIDDEN: Final = 4403
UNKNOWN_APPLICATION: Final = 4404
NO_HELLO: Final = 4408
TAKEN_OVER: Final = 4409
GONE: Final = 4410
OUTDATED: Final = 4426
TOO_MUCH: Final = 4429
#: Not 1012 and 1011: Daphne sends no code of those that the standard keeps for itself, and closes nothing then.
GOING_AWAY: Final = 4412
INTERNAL: Final = 4411


class Message(msgspec.Struct, frozen=True, rename="camel", tag_field="type", forbid_unknown_fields=False):
    """Base of everything a browser sends."""


class Hello(Message, frozen=True, tag="hello", kw_only=True):
    """The first message: who is there, and what it has."""

    protocol: int
    ticket: str
    token: str | None = None
    version: int | None = None
    base: str = ""
    layout: str = ""


class EventMessage(Message, frozen=True, tag="event", kw_only=True):
    """Something the visitor did; numbered from 1 in each session."""

    n: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    target: list[tuple[str, int | str]]
    event: str
    payload: Any = None
    version: int = 0
    layout: str = ""
    ack: int | None = None
    receipt: int = 0


class Ack(Message, frozen=True, tag="ack"):
    """The browser has everything up to this version; with `resync` it asks for all that came after it.

    `receipt` is that of the last update it has read, fitting or not: nobody has it who does not read.
    """

    version: int
    resync: bool = False
    receipt: int = 0


class Ping(Message, frozen=True, tag="ping"):
    """The browser wonders whether anybody is there."""


class Cancel(Message, frozen=True, tag="cancel"):
    """The visitor wants the running handlers of this session to end."""


class DraftRequest(Message, frozen=True, tag="draft"):
    """An editor's window wants the draft, and from then on each edit of it; it may have a version already."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class Edit(Message, frozen=True, tag="edit", kw_only=True):
    """Operations on the draft that build on a version of it: all are done, or none.

    `key` is the window's own name for the edit: sent again, it is done once and answered again.
    """

    key: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]
    base: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    #: Read where they are applied, off the event loop; `layouts.operations` has their types.
    operations: msgspec.Raw


ClientMessage = Hello | EventMessage | Ack | Ping | Cancel | DraftRequest | Edit


class ServerMessage(msgspec.Struct, frozen=True, rename="camel", tag_field="type", omit_defaults=True):
    """Base of everything a server sends but patches and snapshots, which `frames` puts together."""


class AllowanceTold(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What is taken of one socket before it is closed with `TOO_MUCH`: an honest page keeps below it."""

    messages_at_once: float
    messages_per_second: float
    message_bytes: int


class Welcome(ServerMessage, frozen=True, tag="welcome", kw_only=True):
    """The session is there; `token` resumes it."""

    token: str
    version: int
    resumed: bool
    next_event: int
    blob_query: str
    allowance: AllowanceTold


class Layout(ServerMessage, frozen=True, tag="layout", kw_only=True):
    """A new layout to draw."""

    revision: str
    components: dict[str, dict[str, Any]]


class LogMessage(ServerMessage, frozen=True, tag="log", kw_only=True):
    """Entries of the application's log, for developers."""

    entries: list[dict[str, Any]]


class ErrorMessage(ServerMessage, frozen=True, tag="error", kw_only=True):
    """Why something the browser sent was not taken."""

    code: str
    message: str
    event: int | None = None


class Draft(ServerMessage, frozen=True, tag="draft", kw_only=True):
    """The whole draft, in stored form; each `edited` that follows brings it one version on."""

    version: int
    components: dict[str, dict[str, Any]]


class Edited(ServerMessage, frozen=True, tag="edited", kw_only=True, omit_defaults=False):
    """An edit was accepted and made this version; `key` is empty when it is not this window's own."""

    version: int
    who: str
    when: str
    operations: list[Any]
    key: str


class Conflict(ServerMessage, frozen=True, tag="conflict", kw_only=True):
    """An edit would have overwritten what somebody else has changed meanwhile; nothing was done."""

    key: str
    #: The draft's version now.
    version: int
    conflicts: list[dict[str, Any]]


class Refused(ServerMessage, frozen=True, tag="refused", kw_only=True, omit_defaults=False):
    """An edit, or with an empty key a wish to follow the draft, was not taken; nothing was done."""

    key: str
    code: str
    problems: list[str]


class Pong(ServerMessage, frozen=True, tag="pong"):
    """Somebody is there."""


#: One refusal names no more than these: a layout can be wrong in as many ways as it has components.
MAX_PROBLEMS: Final = 50


def conflict_record(conflict: EditConflictPart) -> dict[str, Any]:
    """Return what was changed, by whom and when, as the wire has it."""
    return {
        "component": conflict.component_id,
        "part": conflict.part,
        "who": conflict.who,
        "when": conflict.when.isoformat(),
        "version": conflict.version,
        "text": str(conflict),
    }


_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(frame: str | bytes) -> ClientMessage:
    """Read a browser's text frame; raises ProtocolError for anything that is not a message."""
    try:
        return _decoder.decode(frame)
    except msgspec.ValidationError as error:
        raise ProtocolError("frame.unknown", f"this is not a message of the protocol: {error}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ProtocolError("frame.not-json", f"this frame is not JSON: {error}") from error


def check_depth(payload: object, limit: int) -> None:
    """Raise ProtocolError for a payload nested deeper than `limit`; walks without recursion of its own."""
    if not isinstance(payload, dict | list):
        return
    level: list[object] = [payload]
    for _ in range(limit):
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    if any(isinstance(value, dict | list) for value in level):
        raise ProtocolError("frame.too-deep", f"this message is nested more than {limit} deep")


def encode(message: ServerMessage) -> str:
    """Write a message as a text frame."""
    return _encoder.encode(message).decode()
