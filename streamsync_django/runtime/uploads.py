"""Files that came in by HTTP and wait for the event that brings them to a handler."""

from __future__ import annotations

import re
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from streamsync_django.core.payloads import UploadedFile
from streamsync_django.stores.base import SessionStore

_note_decoder: Final = msgspec.json.Decoder(list[str])
_TOKEN: Final = re.compile(r"^[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as it was received, in a temporary file that belongs to whoever holds this."""

    path: Path
    name: str
    type: str
    size: int
    #: The component it was sent for; empty when the page did not say.
    component: str = ""


class Uploads:
    """The waiting files of this process's sessions; may be used from any thread.

    A token means something in its own session only. Files are removed once a handler has had them, with
    their session, or after `ttl_seconds`, and all of them when the process ends.
    """

    def __init__(self, *, ttl_seconds: float = 3600.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._lock = threading.Lock()
        #: session id -> token -> the file, and until when it waits
        self._waiting: dict[str, dict[str, tuple[ReceivedFile, float]]] = {}
        self._at_exit = weakref.finalize(self, _remove_all, self._waiting)

    def keep(self, session_id: str, files: Sequence[ReceivedFile]) -> list[str]:
        """Take the files over and return their tokens."""
        until = self._clock() + self._ttl_seconds
        tokens = [secrets.token_hex(16) for _ in files]
        with self._lock:
            waiting = self._waiting.setdefault(session_id, {})
            waiting.update((token, (file, until)) for token, file in zip(tokens, files, strict=True))
        return tokens

    def size_of(self, session_id: str) -> int:
        """Return how many bytes wait in a session."""
        with self._lock:
            return sum(file.size for file, _ in self._waiting.get(session_id, {}).values())

    def read(self, session_id: str, token: str, component: str = "") -> UploadedFile:
        """Return a waiting file; raises LookupError when this session, or this component in it, has none."""
        with self._lock:
            file, until = self._waiting.get(session_id, {})[token]
        if until <= self._clock() or (file.component and component and file.component != component):
            raise KeyError(token)
        try:
            return UploadedFile(file.name, file.type, file.path.read_bytes())
        except OSError as error:
            raise KeyError(token) from error

    def discard(self, session_id: str, tokens: Iterable[str] | None = None) -> None:
        """Remove waiting files of a session: those named, or all."""
        with self._lock:
            waiting = self._waiting.get(session_id, {})
            gone = [waiting.pop(token, None) for token in (list(waiting) if tokens is None else tokens)]
            if not waiting:
                self._waiting.pop(session_id, None)
        for entry in gone:
            if entry is not None:
                entry[0].path.unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove what nobody has asked for in time."""
        now = self._clock()
        with self._lock:
            late = {
                session_id: [token for token, (_, until) in waiting.items() if until <= now]
                for session_id, waiting in self._waiting.items()
            }
        for session_id, tokens in late.items():
            self.discard(session_id, tokens)

    def close(self) -> None:
        """Remove everything."""
        self._at_exit()


class SessionUploads:
    """The uploads one event of a session may name; remembers which it took."""

    def __init__(self, uploads: Uploads, store: SessionStore, session_id: str, component: str) -> None:
        self._uploads = uploads
        self._store = store
        self._session_id = session_id
        self._component = component
        self._taken: list[str] = []

    def resolve(self, token: str) -> UploadedFile:
        """Return the file behind a token; raises LookupError when this session has none."""
        try:
            file = self._uploads.read(self._session_id, token, self._component)
        except LookupError:
            if not self._store.is_shared:
                raise
            file = read_handed_over(self._store, self._session_id, token, self._component)
        self._taken.append(token)
        return file

    def remove_taken(self) -> None:
        """Forget the files the event had: its handler is done with them."""
        if not self._taken:
            return
        self._uploads.discard(self._session_id, self._taken)
        if self._store.is_shared:
            self._store.release_blobs(self._session_id, self._taken)


def hand_over(
    store: SessionStore, session_id: str, files: Sequence[ReceivedFile], ttl_seconds: float
) -> list[str]:
    """Put files that reached another instance than the session's into the store, and return their tokens.

    They live there as blobs that the session holds, under a random name in place of a digest.
    """
    tokens = [secrets.token_hex(16) for _ in files]
    for token, file in zip(tokens, files, strict=True):
        note = msgspec.json.encode([session_id, file.component, file.name, file.type]).decode()
        store.put_blobs(session_id, {token: (note, file.path.read_bytes())}, ttl_seconds)
        file.path.unlink(missing_ok=True)
    return tokens


def read_handed_over(store: SessionStore, session_id: str, token: str, component: str) -> UploadedFile:
    """Return a file that another instance received; raises LookupError when it is not this session's."""
    blob = store.get_blob(token) if _TOKEN.match(token) else None
    try:
        owner, meant_for, name, type_ = _note_decoder.decode(blob.mime if blob else "")
    except (msgspec.MsgspecError, ValueError) as error:
        raise KeyError(token) from error
    if blob is None or owner != session_id or (meant_for and component and meant_for != component):
        raise KeyError(token)
    return UploadedFile(name, type_, blob.data)


def _remove_all(waiting: dict[str, dict[str, tuple[ReceivedFile, float]]]) -> None:
    for files in waiting.values():
        for file, _ in files.values():
            file.path.unlink(missing_ok=True)
    waiting.clear()
