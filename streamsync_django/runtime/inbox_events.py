"""What travels from the instance that has a browser's socket to the one that owns its session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from streamsync_django.core.dispatch import BrowserEvent

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


class Cancellation(msgspec.Struct, frozen=True):
    """The visitor wants the handlers of these events to end.

    Numbered, because it may be read late: a handler that began after it is not meant.
    """

    numbers: list[int]


def encode_event(event: BrowserEvent) -> bytes:
    """Write an event for the owner's inbox."""
    return _encoder.encode(
        {
            "number": event.number,
            "target": event.target,
            "type": event.type,
            "payload": event.payload,
            "version": event.version,
            "layout": event.layout,
        }
    )


def encode_cancellation(numbers: Iterable[int]) -> bytes:
    """Write that these events' handlers are to end, for the owner's inbox."""
    return _encoder.encode({"cancel": list(numbers)})


def decode_message(message: bytes) -> BrowserEvent | Cancellation:
    """Read one message out of the inbox."""
    content = _decoder.decode(message)
    if "cancel" in content:
        return Cancellation(content["cancel"])
    target = [(step[0], step[1]) for step in content.pop("target")]
    return BrowserEvent(target=target, **content)
