"""Visitors that click, wait for the answer, check it, and click again."""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from benchmarks.websocket import TextSocket, open_socket

_BOOT = re.compile(r'id="streamsync-boot" type="application/json">(.*?)</script>', re.DOTALL)
_CLICK = {"ctrlKey": False, "shiftKey": False, "metaKey": False}


class WrongAnswer(Exception):
    """Raised when a server loses an event, counts it twice, or says something else."""


class Visitor:
    """One session in a closed loop; a subclass knows what to send and what must come back."""

    def __init__(self, client: TextSocket, on_latency: Callable[[float], None]) -> None:
        self._client = client
        self._on_latency = on_latency
        self.sent = 0
        self.answered = 0
        self._sent_at = 0.0
        self._goes_on = False
        self._idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        client.on_text = self._receive
        client.on_close = lambda reason: self._fail(WrongAnswer(reason))

    def start(self) -> None:
        """Begin to click."""
        self._goes_on = True
        self._idle = asyncio.get_running_loop().create_future()
        self._click()

    async def stop(self) -> None:
        """Click no more, and wait for the last answer; raises WrongAnswer for any that was wrong."""
        self._goes_on = False
        async with asyncio.timeout(20):
            await self._idle
        if self.sent != self.answered:
            raise WrongAnswer(f"{self.sent} clicks were sent, {self.answered} answered")

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def _click(self) -> None:
        self.sent += 1
        message = self._message()
        self._sent_at = time.perf_counter()
        self._client.send(message)

    def _receive(self, text: bytes) -> None:
        now = time.perf_counter()
        try:
            if not self._check(text):
                return
        except Exception as error:  # noqa: BLE001 (whatever is wrong with an answer ends the measurement)
            self._fail(WrongAnswer(f"after {self.answered} clicks came {text[:500]!r}: {error!r}"))
            return
        self.answered += 1
        self._on_latency(now - self._sent_at)
        if self._goes_on:
            self._click()
        elif not self._idle.done():
            self._idle.set_result(None)

    def _fail(self, error: WrongAnswer) -> None:
        self._goes_on = False
        if not self._idle.done():
            self._idle.set_exception(error)

    def _message(self) -> bytes:
        raise NotImplementedError

    def _check(self, text: bytes) -> bool:
        """Return whether this answers the last click; raises for what must not come."""
        raise NotImplementedError

    async def check_afterwards(self) -> None:
        """Check, from a connection of its own, that the server has what it said it has."""


class EchoVisitor(Visitor):
    """Sends what a counter's visitor sends, and gets it back."""

    @classmethod
    async def arrive(cls, port: int, on_latency: Callable[[float], None]) -> Self:
        """Open a socket of the bare consumer."""
        return cls(await open_socket(port, "/echo/socket/"), on_latency)

    def _message(self) -> bytes:
        self._last = click_message(
            self.sent, [["root", 0], ["page-main", 0], ["increment", 0]], self.answered, "-" * 16
        )
        return self._last

    def _check(self, text: bytes) -> bool:
        if text != self._last:
            raise WrongAnswer("an echo is what was sent")
        return True


@dataclass(frozen=True, slots=True)
class Page:
    """What a visitor's page of the counter says."""

    boot: dict[str, Any]
    cookie: str

    @property
    def target(self) -> list[list[Any]]:
        """The way from the root to the button."""
        components = self.boot["layout"]["components"]
        component = next(item for item in components.values() if item["type"] == "button")
        path: list[list[Any]] = []
        while component is not None:
            path.insert(0, [component["id"], 0])
            component = components.get(component["parentId"])
        return path


def get_page(port: int, cookie: str = "", slug: str = "counter") -> Page:
    """Fetch an application's page, as a new visitor or as the one with this cookie."""
    cookies = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    if cookie:
        opener.addheaders.append(("Cookie", cookie))
    html = opener.open(f"http://127.0.0.1:{port}/{slug}/", timeout=20).read().decode()
    found = _BOOT.search(html)
    if found is None:
        raise WrongAnswer(f"this is no page of an application: {html[:500]}")
    return Page(json.loads(found[1]), cookie or "; ".join(f"{item.name}={item.value}" for item in cookies))


class CounterVisitor(Visitor):
    """Clicks the counter's button; each click must count once, and show in the very next patch."""

    @classmethod
    async def arrive(cls, port: int, on_latency: Callable[[float], None]) -> Self:
        """Get the page, open the socket, say hello."""
        page = await asyncio.to_thread(get_page, port)
        client, welcome, _ = await greeted(port, page, token=None)
        visitor = cls(client, on_latency)
        visitor._port, visitor._page, visitor._token = port, page, welcome["token"]
        visitor._target, visitor._revision = page.target, page.boot["layout"]["revision"]
        visitor._version = welcome["version"]
        return visitor

    _port: int
    _page: Page
    _token: str
    _target: list[list[Any]]
    _revision: str
    _version: int
    _receipt: int = 0

    def _message(self) -> bytes:
        return click_message(self.sent, self._target, self._version, self._revision, self._receipt)

    def _check(self, text: bytes) -> bool:
        patch = json.loads(text)
        if patch["type"] == "log":
            return False
        if patch["type"] != "patch" or patch["from"] != self._version:
            raise WrongAnswer(f"a patch from version {self._version} was due")
        self._version, self._receipt = patch["to"], patch.get("receipt", 0)
        if patch["set"] != [[["count"], self.sent]]:
            raise WrongAnswer(f"the count must be {self.sent}")
        if patch["results"] != [[self.sent, "ok", None]] or patch["acked"] != self.sent:
            raise WrongAnswer(f"event {self.sent} must be answered ok")
        return True

    async def check_afterwards(self) -> None:
        """Resume the session as a reconnecting page would, and look at its whole state."""
        page = await asyncio.to_thread(get_page, self._port, self._page.cookie)
        client, welcome, inbox = await greeted(self._port, page, token=self._token)
        async with asyncio.timeout(20):
            snapshot = json.loads(await inbox.get())
        client.close()
        if not welcome["resumed"] or snapshot["state"] != {"count": self.sent}:
            raise WrongAnswer(f"{self.sent} clicks were answered, and then the session was {snapshot}")


async def greeted(
    port: int, page: Page, token: str | None
) -> tuple[TextSocket, dict[str, Any], asyncio.Queue[bytes]]:
    """Open a socket, say hello, and return the welcome; with a token the whole state will come after it."""
    client = await open_socket(port, page.boot["urls"]["socket"], page.cookie)
    inbox: asyncio.Queue[bytes] = asyncio.Queue()
    client.on_text = inbox.put_nowait
    client.on_close = lambda reason: inbox.put_nowait(json.dumps({"type": "closed", "why": reason}).encode())
    hello = {
        "type": "hello",
        "protocol": 1,
        "ticket": page.boot["ticket"],
        "token": token,
        "version": None,
        "base": page.boot["base"]["digest"] if token is None else "",
        "layout": page.boot["layout"]["revision"],
    }
    client.send(json.dumps(hello).encode())
    async with asyncio.timeout(20):
        welcome = json.loads(await inbox.get())
    if welcome["type"] != "welcome":
        raise WrongAnswer(f"a welcome was due, not {welcome}")
    return client, welcome, inbox


def click_message(
    number: int, target: list[list[Any]], version: int, revision: str, receipt: int = 0
) -> bytes:
    return json.dumps(
        {
            "type": "event",
            "n": number,
            "target": target,
            "event": "ss-click",
            "payload": _CLICK,
            "version": version,
            "layout": revision,
            "ack": version,
            "receipt": receipt,
        }
    ).encode()
