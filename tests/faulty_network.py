"""A network that tests can cut, silence and slow: a proxy on a port of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
from collections.abc import Callable
from typing import Any, Self


class FaultyNetwork:
    """Forwards connections to 127.0.0.1, to each of the given ports in turn; methods may be called from any thread.

    Bytes are delayed, never dropped singly or reordered: that is what TCP makes of a bad network.
    """

    def __init__(self, *ports: int) -> None:
        #: How long each chunk takes, each way, in seconds; called for every chunk.
        self.delay: Callable[[], float] = lambda: 0.0
        self._ports = itertools.cycle(ports)
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-network", daemon=True)
        self._thread.start()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.heal()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Break every connection, and take no other."""
        self._do(self._cut())

    def silence(self) -> None:
        """Let nothing through, and say nothing about it: connections stay, and new ones are taken."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def heal(self) -> None:
        """Take connections, and let through what has waited."""
        self.delay = lambda: 0.0
        self._do(self._heal())

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _heal(self) -> None:
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)

    async def _forward(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", next(self._ports))
        except OSError:
            near.transport.abort()
            return
        ends = {near, far}
        self._writers |= ends
        with contextlib.suppress(asyncio.CancelledError):  # nobody waits for this task to hear of it
            await asyncio.wait(
                [
                    asyncio.ensure_future(self._carry(near_reader, far)),
                    asyncio.ensure_future(self._carry(far_reader, near)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        self._writers -= ends
        for writer in ends:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass chunks on, each when it is due; return at the end of the stream, or when an end is gone."""
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.ensure_future(self._deliver(chunks, writer))
        due = 0.0
        try:
            while chunk := await reader.read(65536):
                due = max(due, self._loop.time() + self.delay())
                chunks.put_nowait((due, chunk))
            chunks.put_nowait((due, b""))
            await delivering
        except OSError:
            pass
        finally:
            delivering.cancel()

    async def _deliver(
        self, chunks: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        while True:
            due, chunk = await chunks.get()
            if (wait := due - self._loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._flows.wait()
            if not chunk:
                return
            writer.write(chunk)
            await writer.drain()

    def _do(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)
