"""Applications in real folders, and pages of them that speak the protocol without a browser."""

from __future__ import annotations

import asyncio
import json
import re
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from channels.testing import WebsocketCommunicator
from django.test import AsyncClient, Client

from streamsync_django.hosting import existing_runtime
from streamsync_django.routing import websocket_application
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from tests.patience import overload

_BOOT = re.compile(r'id="streamsync-boot" type="application/json">(.*?)</script>', re.DOTALL)


def write_application(folder: Path, main: str, components: Iterable[dict[str, Any]] = ()) -> Path:
    """Write an application: its main.py, and a page with these components."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(textwrap.dedent(main))
    write_layout(folder, components)
    return folder


def write_layout(folder: Path, components: Iterable[dict[str, Any]]) -> None:
    """Write the ui.json of an application whose page has these components."""
    records = {
        "root": {
            "id": "root",
            "type": "root",
            "content": {},
            "parentId": None,
            "position": 0,
            "handlers": {},
        },
        "page": {
            "id": "page",
            "type": "page",
            "content": {},
            "parentId": "root",
            "position": 0,
            "handlers": {},
        },
    }
    for position, component in enumerate(components):
        filled = {"content": {}, "parentId": "page", "position": position, "handlers": {}, **component}
        records[filled["id"]] = filled
    layout = {"metadata": {"streamsync_version": "0.5.0"}, "components": records}
    (folder / "ui.json").write_text(json.dumps(layout))


def button(id: str, handler: str, **content: str) -> dict[str, Any]:
    """Return the record of a button that calls a handler."""
    return {"id": id, "type": "button", "content": content, "handlers": {"ss-click": handler}}


def runtime() -> Runtime:
    """Return the runtime that serves this test's pages."""
    found = existing_runtime()
    assert found is not None, "no page has been opened"
    return found


class Page:
    """One open application in one tab. Open it with `await Page.open("slug")`, close it in the end."""

    def __init__(self, slug: str, cookies: Client | None = None) -> None:
        self.slug = slug
        self.http = cookies or AsyncClient()
        self.boot: dict[str, Any] = {}
        self.state: Any = {}
        self.version = 0
        #: Of the last update that was read.
        self.receipt = 0
        self.welcome: dict[str, Any] = {}
        self.results: dict[int, list[Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {}
        self._number = 0
        self._socket: Any = None

    @classmethod
    async def open(cls, slug: str, user: Any = None, **hello: Any) -> Page:
        page = cls(slug)
        await page.draw(user)
        await page.connect(user, **hello)
        return page

    async def draw(self, user: Any = None, *, address: str = "") -> None:
        """Fetch the page."""
        request: dict[str, Any] = {}
        response = await self.http.get(address or f"/{self.slug}/", **request)
        assert response.status_code == 200, response.content
        match = _BOOT.search(response.content.decode())
        assert match is not None
        self.boot = json.loads(match[1])
        self.state = self.boot["base"]["state"]
        self.layout = self.boot["layout"]

    async def connect(self, user: Any = None, **hello: Any) -> None:
        """Open the socket and say hello."""
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self.http.cookies.items())
        headers = [(b"origin", b"http://testserver"), (b"host", b"testserver"), (b"cookie", cookie.encode())]
        self._socket = WebsocketCommunicator(websocket_application(), self.boot["urls"]["socket"], headers)
        self._socket.scope["scheme"] = "ws"
        connected, _ = await self._socket.connect(timeout=5)
        assert connected
        ticket = self.boot.pop("ticket", None) or await self.renewed_ticket()
        first = {
            "type": "hello", "protocol": 1, "ticket": ticket, "token": None, "version": None,
            "base": self.boot["base"]["digest"], "layout": self.layout["revision"], **hello,
        }  # fmt: skip
        await self.tell(first)
        await self.until(lambda: bool(self.welcome))
        self._number = self.welcome["nextEvent"] - 1

    async def renewed_ticket(self) -> str:
        """Ask for another ticket: each serves once."""
        response = await self.http.post(f"/{self.slug}/ticket/")
        return str(response.json()["ticket"])

    @property
    def session(self) -> LiveSession:
        session_id = runtime_session_id(self.welcome["blobQuery"])
        return runtime().sessions[session_id]

    async def tell(self, message: dict[str, Any]) -> None:
        await self._socket.send_to(text_data=json.dumps(message))

    async def trigger(self, component: str, event: str = "ss-click", payload: Any = None) -> int:
        """Send an event of a component on the page, and return its number."""
        self._number += 1
        await self.tell(
            {
                "type": "event", "n": self._number, "event": event, "payload": payload, "version": self.version,
                "target": [["root", 0], ["page", 0], [component, 0]], "layout": self.layout["revision"],
            }
        )  # fmt: skip
        return self._number

    async def click(self, component: str) -> list[Any]:
        """Click, and return the result: number, status, message."""
        return await self.result_of(await self.trigger(component))

    async def result_of(self, number: int) -> list[Any]:
        await self.until(lambda: number in self.results)
        return self.results[number]

    async def sees(self, path: str, value: Any, seconds: float = 5) -> None:
        """Wait until the state that the browser has holds a value."""
        await self.until(lambda: self.value(path) == value, seconds)

    def value(self, path: str) -> Any:
        value: Any = self.state
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    async def until(self, condition: Callable[[], bool], seconds: float = 5) -> None:
        """Take messages until something is so."""
        try:
            async with asyncio.timeout(seconds * overload()):
                while not condition():
                    message = await self._socket.output_queue.get()
                    self._take(message)
        except TimeoutError:
            raise AssertionError(f"it did not happen; the page has {self.state}, {self.results}") from None

    async def receive_for(self, seconds: float) -> None:
        """Take what comes within a time."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._take(await self._socket.output_queue.get())
        except TimeoutError:
            pass

    async def receive_for_close(self) -> int:
        """Take messages until the server closes the socket, and return the code."""
        async with asyncio.timeout(5 * overload()):
            while True:
                message = await self._socket.output_queue.get()
                if message["type"] == "websocket.close":
                    return int(message["code"])
                self._take(message)

    async def close(self) -> None:
        await self._socket.disconnect()

    def _take(self, message: dict[str, Any]) -> None:
        assert message["type"] == "websocket.send", message
        text = message.get("text")
        if text is None:
            data = message["bytes"]
            text = data[4 : 4 + int.from_bytes(data[:4], "big")]
        content = json.loads(text)
        self.messages.append(content)
        self.receipt = content.get("receipt", self.receipt)
        match content["type"]:
            case "welcome":
                self.welcome = content
            case "layout":
                self.layout = content
            case "snapshot":
                self.state, self.version = content["state"], content["to"]
            case "patch" if content["from"] == self.version:
                self._patch(content)
                self.version = content["to"]
        for result in content.get("results", ()):
            self.results[result[0]] = result

    def _patch(self, patch: dict[str, Any]) -> None:
        for path in patch.get("del", ()):
            parent = self._at(path[:-1])
            if isinstance(parent, dict):
                parent.pop(path[-1], None)
        for path, value in patch.get("set", ()):
            node = self.state
            for key in path[:-1]:
                if not isinstance(node.get(key), dict):
                    node[key] = {}
                node = node[key]
            node[path[-1]] = value
        for path, items in patch.get("append", ()):
            self._at(path).extend(items)

    def _at(self, path: list[str]) -> Any:
        node = self.state
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        return node


def runtime_session_id(blob_query: str) -> str:
    """Return the session that a page's signature names."""
    from streamsync_django.visitors import check_blob_query

    session_id = check_blob_query(blob_query.removeprefix("s="))
    assert session_id is not None
    return session_id
