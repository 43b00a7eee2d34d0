"""Whether the channel layer carries messages, and how fast."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from channels.layers import get_channel_layer

_TIMEOUT_SECONDS = 5.0


async def round_trip() -> float:
    """Return the seconds that one message takes; raises what the layer does, or TimeoutError."""
    layer: Any = get_channel_layer()
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        channel = await layer.new_channel()
        began = time.monotonic()
        await layer.send(channel, {"type": "streamsync.check"})
        await layer.receive(channel)
        seconds = time.monotonic() - began
    if hasattr(layer, "close_pools"):
        await layer.close_pools()
    return seconds
