"""This instance's ear on the channel layer: one channel, whatever the number of browsers."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Final

from channels.layers import get_channel_layer

from streamsync_django.conf import get_settings
from streamsync_django.hosting import existing_runtime, look_at_layouts_soon
from streamsync_django.runtime.runtime import Runtime

_logger = logging.getLogger(__name__)

#: Channel layers forget members of groups after a day; this one says in time that it is still there.
_REJOIN_SECONDS: Final = 3600.0
_RETRY_SECONDS: Final = 5.0
_NEWS: Final = "streamsync.news"
_LAYOUTS: Final = "streamsync.layouts"


class Inbox:
    """Hears from other instances, and tells them, what is new of an application.

    Every message is a hint: one that is lost is made good by the next poll, one that comes twice finds
    nothing new. So nothing here is retried, and a full channel may drop what it likes.
    """

    def __init__(self, runtime: Runtime, layer: Any) -> None:
        """Join on the running event loop; `layer` is a Channels layer."""
        self._runtime = runtime
        self._layer = layer
        self._group = group_name()
        self._sending: set[asyncio.Task[None]] = set()
        self._listening = asyncio.create_task(self._listen(), name="streamsync-inbox")
        runtime.tell_others = self.tell

    def tell(self, slug: str) -> None:
        """Tell every instance that something of an application is new; from any thread."""
        self._runtime.calls.call(self._start_sending, {"type": _NEWS, "application": slug})

    def tell_of_layouts(self) -> None:
        """Tell every instance to look at the layouts in the database; from any thread."""
        self._runtime.calls.call(self._start_sending, layout_news())

    async def close(self) -> None:
        """Hear nothing more."""
        self._listening.cancel()
        await asyncio.gather(self._listening, *self._sending, return_exceptions=True)

    def _start_sending(self, message: dict[str, str]) -> None:
        task = asyncio.ensure_future(self._send(message))
        self._sending.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._sending.discard)

    async def _send(self, message: dict[str, str]) -> None:
        try:
            await self._layer.group_send(self._group, message)
        except Exception:  # layers raise what their servers do; the poll makes up for it
            _logger.debug("other instances were not told: %s", message, exc_info=True)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except Exception:  # as above
                _logger.warning("the channel layer does not answer", exc_info=True)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _hear(self) -> None:
        channel = await self._layer.new_channel("streamsync")
        joining = asyncio.create_task(self._stay(channel))
        try:
            while True:
                message = await self._layer.receive(channel)
                if message.get("type") == _NEWS and isinstance(slug := message.get("application"), str):
                    self._runtime.news_of(slug)
                elif message.get("type") == _LAYOUTS:
                    look_at_layouts_soon()
        finally:
            joining.cancel()
            await asyncio.gather(joining, return_exceptions=True)

    async def _stay(self, channel: str) -> None:
        while True:
            await self._layer.group_add(self._group, channel)
            await asyncio.sleep(_REJOIN_SECONDS)


def group_name() -> str:
    """Return the layer's group of all instances that share a store."""
    return "streamsync." + re.sub(r"[^A-Za-z0-9_.-]", "-", get_settings().key_prefix)[:80]


def layout_news() -> dict[str, str]:
    """Return the message that has every instance look at the layouts in the database."""
    return {"type": _LAYOUTS}


_inboxes: dict[Runtime, Inbox] = {}


def existing_inbox() -> Inbox | None:
    """Return this process's inbox if it serves sockets and shares its store; from any thread."""
    runtime = existing_runtime()
    return None if runtime is None else _inboxes.get(runtime)


def open_inbox(runtime: Runtime) -> None:
    """Have a runtime hear of other instances, if there can be any; on its loop, once."""
    if not runtime.store.is_shared or runtime in _inboxes:
        return
    layer = get_channel_layer()
    if layer is not None:
        _inboxes.clear()  # a process has one runtime; an earlier one ended with its loop
        _inboxes[runtime] = Inbox(runtime, layer)
