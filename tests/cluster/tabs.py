"""Tabs of visitors that keep to the protocol as the real page does, through whichever instance is there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import socket as sockets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.cluster.settings import SITE
from tests.patience import overload
from tests.reference_browser import apply_patch, decoded

_BOOT = re.compile(r'id="streamsync-boot" type="application/json">(.*?)</script>', re.DOTALL)
_RESEND_SECONDS = 5.0
#: Close codes after which a page does not come back by itself.
_ENDINGS = {4403, 4404, 4409, 4410}


class Tab:
    """One open application. `next_port` says which instance each of its requests goes to."""

    def __init__(self, slug: str, next_port: Callable[[], int]) -> None:
        self.slug = slug
        self.next_port = next_port
        self.cookies: dict[str, str] = {}
        self.boot: dict[str, Any] = {}
        self.state: dict[str, Any] = {}
        self.version = 0
        self.token: str | None = None
        self.blob_query = ""
        #: The instance of the socket that is open, or was last.
        self.port = 0
        #: number -> [status, message]; and how often each number was answered.
        self.results: dict[int, list[Any]] = {}
        self.answers: Counter[int] = Counter()
        self.acknowledged = 0
        self.errors: list[dict[str, Any]] = []
        #: The layout drawn last, and what was said about the draft and its edits.
        self.layout: dict[str, Any] = {}
        self.editing: list[dict[str, Any]] = []
        #: What it was told, each message once, as a page takes it: none that is older than the last.
        self.mail: list[list[Any]] = []
        self.closings: list[int] = []
        #: Seconds from each loss of the socket to the next welcome.
        self.reconnects: list[float] = []
        self.ended: int | None = None
        #: Cleared, the tab reads nothing more from its socket.
        self.reads = asyncio.Event()
        self.reads.set()
        self._ticket: str | None = None
        self._unanswered: dict[int, tuple[dict[str, Any], float]] = {}
        self._number = 0
        self._socket: ClientConnection | None = None
        self._is_live = False
        self._acked_version = 0
        self._receipt = 0
        self._lost_at: float | None = None
        self._changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    # What a visitor does

    @classmethod
    async def open(cls, slug: str, next_port: Callable[[], int]) -> Tab:
        """Get the page, and return once the session is there."""
        tab = cls(slug, next_port)
        await tab.draw()
        tab.start()
        await tab.until(lambda: tab.token is not None, 20)
        return tab

    async def draw(self) -> None:
        html = await self._request("GET", f"/{self.slug}/")
        found = _BOOT.search(html)
        assert found is not None, html[:500]
        self.boot = json.loads(found[1])
        self.state = decoded(self.boot["base"]["state"])
        self.layout = self.boot["layout"]
        self._ticket = self.boot["ticket"]

    def start(self) -> None:
        """Connect, and stay connected."""
        self._tasks = [
            asyncio.create_task(self._stay_connected(), name="tab"),
            asyncio.create_task(self._resend(), name="tab-resend"),
        ]

    async def trigger(self, component: str, event: str = "ss-click", payload: Any = None) -> int:
        """Send an event, now or once there is a socket, and return its number."""
        self._number += 1
        message = {
            "type": "event",
            "n": self._number,
            "target": [["root", 0], ["page", 0], [component, 0]],
            "event": event,
            "payload": payload,
            "version": self.version,
            "layout": self.boot["layout"]["revision"],
        }
        self._unanswered[self._number] = (message, time.monotonic())
        await self._tell({**message, "ack": self.version, "receipt": self._receipt})
        return self._number

    async def enter(self, component: str, text: str) -> int:
        """Type into a field and leave it."""
        return await self.trigger(component, "ss-change-finish", text)

    async def cancel(self) -> None:
        """Have what is running end."""
        await self._tell({"type": "cancel"})

    async def answered(self, number: int, seconds: float = 15) -> str:
        """Wait for an event's answer, and return its status."""
        await self.until(lambda: number not in self._unanswered, seconds)
        return str(self.results[number][0]) if number in self.results else "ok"

    async def click(self, component: str, seconds: float = 15) -> str:
        return await self.answered(await self.trigger(component), seconds)

    async def sees(self, key: str, value: Any, seconds: float = 15) -> None:
        await self.until(lambda: self.state.get(key) == value, seconds)

    async def edit(self, **message: Any) -> None:
        """Send a message about the draft, as an editor's window does."""
        await self._tell(message)

    async def settle(self, seconds: float = 30) -> None:
        """Wait until every event is answered."""
        await self.until(lambda: not self._unanswered, seconds)

    async def until(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        try:
            async with asyncio.timeout(seconds * overload()), self._changed:
                await self._changed.wait_for(lambda: condition() or self.ended is not None)
        except TimeoutError:
            pass
        shown = {key: value for key, value in self.state.items() if len(str(value)) < 200}
        assert condition(), (
            f"it did not happen within {seconds} s: version {self.version}, {shown}, unanswered "
            f"{list(self._unanswered)[:5]}, results {list(self.results.items())[-5:]}, closed {self.closings}, "
            f"errors {self.errors[-3:]}, live {self._is_live}"
        )

    @property
    def sent(self) -> int:
        """How many events there were."""
        return self._number

    @property
    def is_live(self) -> bool:
        return self._is_live

    @property
    def waiting(self) -> int:
        """How many events are unanswered."""
        return len(self._unanswered)

    async def lose_socket(self) -> None:
        """Have the network between the tab and its instance fail; the tab connects again by itself."""
        socket, self._socket, self._is_live = self._socket, None, False
        if socket is not None:
            socket.transport.abort()
            await asyncio.sleep(0)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.transport.abort()

    # The connection

    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            before = len(self.reconnects)
            with contextlib.suppress(OSError, EOFError, websockets.WebSocketException, TimeoutError):
                await self._converse()
            self._is_live = False
            if len(self.reconnects) > before:
                attempt = 0
            if self.closings and self.closings[-1] in _ENDINGS:
                self.ended = self.closings[-1]
                await self._notify()
                return
            await asyncio.sleep(random.uniform(0.1, 0.25) * 2 ** min(attempt, 5))
            attempt += 1

    async def _converse(self) -> None:
        """Serve one socket until it closes."""
        ticket = self._ticket or json.loads(await self._request("POST", f"/{self.slug}/ticket/"))["ticket"]
        self._ticket = None
        line, port = await self._reach()
        headers = {"Cookie": self._cookie_header}
        async with asyncio.timeout(10):
            socket = await connect(
                f"ws://{SITE}/{self.slug}/socket/",
                sock=line,
                origin=websockets.Origin(f"http://{SITE}"),
                additional_headers=headers,
                compression=None,
                max_size=None,
                ping_interval=None,
                proxy=None,
            )
        self.port, self._socket = port, socket
        was_welcomed = False
        try:
            await socket.send(json.dumps(self._hello(ticket)))
            async with asyncio.timeout(10):
                first = json.loads(await socket.recv())
            if first["type"] != "welcome":
                self.errors.append(first)
                return
            was_welcomed = True
            if self._lost_at is not None:
                self.reconnects.append(time.monotonic() - self._lost_at)
            await self._welcomed(first)
            async for frame in socket:
                await self.reads.wait()
                await self._take(frame)
        finally:
            if socket.close_code is not None and not (
                socket.close_code == 1006 and self._socket is not socket
            ):
                self.closings.append(socket.close_code)
            socket.transport.abort()
            if self._socket is socket:
                self._socket = None
            if was_welcomed:
                self._lost_at = time.monotonic()

    def _hello(self, ticket: str) -> dict[str, Any]:
        return {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "token": self.token,
            "version": self.version if self.token else None,
            "base": self.boot["base"]["digest"],
            "layout": self.boot["layout"]["revision"],
        }

    async def _welcomed(self, welcome: dict[str, Any]) -> None:
        assert welcome["resumed"] == (self.token is not None), welcome
        self.token, self.blob_query = welcome["token"], welcome["blobQuery"]
        self._is_live = True
        for number in sorted(self._unanswered):
            message, _ = self._unanswered[number]
            self._unanswered[number] = (message, time.monotonic())
            await self._tell(message)
        await self._notify()

    async def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            frame = frame[4 : 4 + int.from_bytes(frame[:4], "big")].decode()
        message = json.loads(frame)
        self._receipt = message.get("receipt", self._receipt)
        match message["type"]:
            case "patch" if message["from"] == self.version:
                apply_patch(self.state, {**message, "set": _decoded_pairs(message.get("set", ()))})
                self.version = message["to"]
            case "patch":
                await self._acknowledge(resync=True)
                return
            case "snapshot":
                self.state, self.version = decoded(message["state"]), message["to"]
            case "error":
                self.errors.append(message)
                if message.get("event") is not None:
                    self._unanswered.pop(message["event"], None)
                    self.results[message["event"]] = ["rejected", message["message"]]
            case "layout":
                self.layout = message
            case "draft" | "edited" | "conflict" | "refused":
                self.editing.append(message)
            case _:
                return
        self._take_riders(message)
        if self.version > self._acked_version + 20:
            await self._acknowledge()
        await self._notify()

    def _take_riders(self, message: dict[str, Any]) -> None:
        """Take mail, results and what is acknowledged."""
        self.mail += [mail for mail in message.get("mail", ()) if not self.mail or mail[0] > self.mail[-1][0]]
        for number, status, text in message.get("results", ()):
            if number in self._unanswered or number not in self.results:
                self.answers[number] += 1
            self.results[number] = [status, text]
            self._unanswered.pop(number, None)
        self.acknowledged = max(self.acknowledged, message.get("acked", 0))
        for number in [number for number in self._unanswered if number <= self.acknowledged]:
            del self._unanswered[number]

    async def _resend(self) -> None:
        """Send again what stays unanswered, and acknowledge what was seen, as the page does."""
        while True:
            await asyncio.sleep(0.25)
            now = time.monotonic()
            for number, (message, at) in list(self._unanswered.items()):
                if now - at > _RESEND_SECONDS:
                    self._unanswered[number] = (message, now)
                    await self._tell(message)
            if self._acked_version != self.version and self.reads.is_set():
                await self._acknowledge()

    async def _acknowledge(self, **more: Any) -> None:
        self._acked_version = self.version
        await self._tell({"type": "ack", "version": self.version, "receipt": self._receipt, **more})

    async def _tell(self, message: dict[str, Any]) -> None:
        if self._socket is not None and self._is_live:
            with contextlib.suppress(websockets.ConnectionClosed, OSError):
                await self._socket.send(json.dumps(message))

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # HTTP

    @property
    def _cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def _reach(self) -> tuple[sockets.socket, int]:
        """Connect to the next instance that takes connections, as a balancer does; return also its port."""
        error: OSError | None = None
        for _ in range(4):
            port = self.next_port()
            line = sockets.socket()
            line.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
            except OSError as refused:
                error = refused
                line.close()
            else:
                return line, port
        raise error or OSError("no instance")

    async def _request(self, method: str, path: str) -> str:
        """Ask any instance, and remember its cookies."""
        line, _ = await self._reach()
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(sock=line)
            try:
                headers = [f"{method} {path} HTTP/1.1", f"Host: {SITE}", "Connection: close"]
                if self.cookies:
                    headers.append(f"Cookie: {self._cookie_header}")
                if method == "POST":
                    headers += [
                        f"X-CSRFToken: {self.boot['csrfToken']}",
                        "Content-Length: 0",
                        f"Origin: http://{SITE}",
                    ]
                writer.write(("\r\n".join(headers) + "\r\n\r\n").encode())
                answer = await reader.read()
            finally:
                writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        if " 200 " not in lines[0]:
            raise OSError(f"{method} {path}: {lines[0]} {body[:300]!r}")
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                cookie, _, content = value.strip().split(";")[0].partition("=")
                self.cookies[cookie] = content
        if any(line.lower().replace(" ", "") == "transfer-encoding:chunked" for line in lines):
            body = _unchunked(body)
        return body.decode()


def _decoded_pairs(pairs: Any) -> list[list[Any]]:
    return [[path, decoded(value)] for path, value in pairs]


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)
