"""Events on their way from the instance that has a browser's socket to the one that owns its session."""

from __future__ import annotations

from typing import Any

import msgspec

from streamsync_django.core.dispatch import BrowserEvent

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


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


def decode_event(message: bytes) -> BrowserEvent:
    """Read an event out of the inbox."""
    content = _decoder.decode(message)
    target = [(step[0], step[1]) for step in content.pop("target")]
    return BrowserEvent(target=target, **content)
