"""Telling the other instances that a layout was published or edited here, so that they need not wait for their poll."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Final

from channels.layers import get_channel_layer
from django.dispatch import receiver

from streamsync_django.conf import get_settings
from streamsync_django.publishing.signals import draft_edited, layout_published
from streamsync_django.transport.inbox import existing_inbox, group_name, layout_news

_logger = logging.getLogger(__name__)

#: How long a process without sockets, such as a command, waits for the layer to take its message.
_PATIENCE_SECONDS: Final = 2.0


@receiver([layout_published, draft_edited], dispatch_uid="streamsync.layout_news")
def tell_instances(**_: object) -> None:
    """Wake every instance; a message that is lost costs them the time to their next look at the database."""
    if not get_settings().keeps_sessions_outside:
        return  # this process is the only one that serves
    inbox = existing_inbox()
    if inbox is not None:
        inbox.tell_of_layouts()
        return
    # A loop of its own, in a thread that may be left behind: nothing here waits for a server that is not there.
    thread = threading.Thread(target=_send, name="streamsync-layout-news", daemon=True)
    thread.start()
    thread.join(_PATIENCE_SECONDS)


def _send() -> None:
    try:
        asyncio.run(_tell())
    except Exception:  # layers raise what their servers do; the poll makes up for it
        _logger.debug("other instances were not told of a layout", exc_info=True)


async def _tell() -> None:
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(group_name(), layout_news())
