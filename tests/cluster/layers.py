"""A channel layer as bad as it may be."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from channels_redis.core import RedisChannelLayer

#: The latest a message may come.
LATE_SECONDS = 3.0


class FaultyLayer(RedisChannelLayer):  # type: ignore[misc]  # channels_redis has no types
    """Loses a third of all messages; doubles another, and delivers both late; delays the last."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._late: set[asyncio.Task[None]] = set()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for _ in range(random.choice((0, 2, 1))):
            task = asyncio.create_task(self._send_late(group, dict(message)))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _send_late(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(random.uniform(0, LATE_SECONDS))
        await super().group_send(group, message)
