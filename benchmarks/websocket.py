"""A WebSocket client that costs next to nothing, so that a server on the same machine is what is measured.

It sends texts only, no extensions, masked with zeros (which leaves the text as it is).
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Callable, Mapping


class TextSocket(asyncio.Protocol):
    """One open WebSocket; `on_text` is called with each text that arrives, `on_close` once with the reason.

    `on_binary` is called with each binary frame.
    """

    def __init__(self, path: str, host: str, headers: Mapping[str, str]) -> None:
        self.on_text: Callable[[bytes], None] = lambda text: None
        self.on_binary: Callable[[bytes], None] = lambda content: None
        self.on_close: Callable[[str], None] = lambda reason: None
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._is_open = False
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            *("Upgrade: websocket", "Connection: Upgrade"),
            *("Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"),
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._request = ("\r\n".join(lines) + "\r\n\r\n").encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        self._closed(f"the connection was lost: {error}")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open and not self._take_handshake():
            return
        while (frame := self._take_frame()) is not None:
            opcode, content = frame
            if opcode == 1:
                self.on_text(content)
            elif opcode == 2:
                self.on_binary(content)
            elif opcode == 8:
                code = struct.unpack(">H", content[:2])[0] if content else 1005
                self._closed(f"the server closed with code {code}")
            elif opcode == 9:
                self._send(10, content)

    def send(self, text: bytes) -> None:
        """Send one text."""
        self._send(1, text)

    def close(self) -> None:
        """Say goodbye and hang up."""
        self.on_close = lambda reason: None
        if self._transport is not None:
            self._send(8, struct.pack(">H", 1000))
            self._transport.close()

    def _send(self, opcode: int, content: bytes) -> None:
        assert self._transport is not None  # connected
        length = len(content)
        if length < 126:
            head = struct.pack(">BB", 128 | opcode, 128 | length)
        else:
            head = struct.pack(">BBH", 128 | opcode, 128 | 126, length)
        self._transport.write(head + b"\0\0\0\0" + content)

    def _closed(self, reason: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(reason))
        self.on_close(reason)

    def _take_handshake(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self._closed(f"no WebSocket: {head.decode(errors='replace')}")
            return False
        self._buffer = rest
        self._is_open = True
        self.opened.set_result(None)
        return True

    def _take_frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return buffer[0] & 15, buffer[start : start + length]


async def open_socket(port: int, path: str, cookie: str = "") -> TextSocket:
    """Open a WebSocket to this machine as a page of the same site would."""
    host = f"127.0.0.1:{port}"
    headers = {"Origin": f"http://{host}", "User-Agent": "streamsync-benchmark"}
    if cookie:
        headers["Cookie"] = cookie
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: TextSocket(path, host, headers), "127.0.0.1", port)
    async with asyncio.timeout(20):
        await client.opened
    return client
