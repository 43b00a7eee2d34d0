"""Whether this process opened a file or a connection it had no business with, whichever library asked for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Python's own audit events for reaching out of the process.
_NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"}
_heard: list[str] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _heard is None:
        return
    if event in _NETWORK:
        _heard.append(f"{event} {arguments[1:]}")
    elif event == "open" and str(arguments[0]).startswith(("/etc/", "file:", "http:", "jar:")):
        _heard.append(f"open {arguments[0]}")
    elif event in ("os.system", "subprocess.Popen", "exec"):
        _heard.append(f"{event} {str(arguments)[:80]}")


_is_installed = False


@contextmanager
def watched() -> Iterator[list[str]]:
    """Return what is read or fetched meanwhile. An audit hook stays for ever, so there is one, silent outside."""
    global _heard, _is_installed
    if not _is_installed:
        sys.addaudithook(_hear)
        _is_installed = True
    _heard = heard = []
    try:
        yield heard
    finally:
        _heard = None
