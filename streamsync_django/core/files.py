"""Bytes and files that an author hands to the browser: `pack_bytes`, `pack_file`."""

from __future__ import annotations

import mimetypes
import os
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, runtime_checkable

from .errors import SerializationError, StateError

#: The folder that relative paths given to `pack_file` start from; None is the working directory.
application_folder: ContextVar[Path | None] = ContextVar("streamsync_application_folder", default=None)

#: The MIME type of bytes that nobody described.
UNKNOWN_MIME = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes as the browser gets them: beside the JSON, found by digest."""

    mime: str
    data: bytes
    digest: str

    @classmethod
    def of(cls, mime: str, data: bytes) -> Binary:
        """Describe bytes by their content, so that equal bytes are sent and kept once."""
        return cls(mime, data, blake2b(data, digest_size=16).hexdigest())


@runtime_checkable
class Readable(Protocol):
    """Anything a file's content can be read from."""

    def read(self) -> bytes | str:
        """Return everything from the current position to the end."""


@dataclass(frozen=True, slots=True)
class BytesWrapper:
    """Bytes with a MIME type."""

    raw_data: bytes
    mime_type: str | None = None

    def binary(self) -> Binary:
        """Return the bytes as the browser gets them."""
        return Binary.of(self.mime_type or UNKNOWN_MIME, self.raw_data)


@dataclass(frozen=True, slots=True)
class FileWrapper:
    """A file, known by its path or by content that was read already.

    A path is read at each serialisation, so a changed file shows its new content when it is assigned
    again. An open file was read once, when it was packed: the wrapper can be copied into sessions and
    serialised any number of times.
    """

    path: Path | None
    mime_type: str | None = None
    base: Path | None = None
    content: bytes | None = None

    def __post_init__(self) -> None:
        if self.path is None and self.content is None:
            raise StateError("a FileWrapper needs a path or content; use pack_file()")

    def binary(self) -> Binary:
        """Read the file and return it as the browser gets it."""
        data = self._read() if self.content is None else self.content
        return Binary.of(self.mime_type or _guess_mime(self.path), data)

    def _read(self) -> bytes:
        assert self.path is not None
        location = (self.base or Path.cwd()) / self.path
        try:
            return location.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SerializationError(
                f"pack_file: cannot read {location} ({reason}); relative paths start at the application's folder",
                type_name="FileWrapper",
            ) from error


def pack_file(file: str | os.PathLike[str] | Readable, mime_type: str | None = None) -> FileWrapper:
    """Wrap a file for the browser: a path (read when sent) or an open file (read now).

    The MIME type is guessed from the name unless given. Text files are sent as UTF-8.
    """
    if isinstance(file, (str, os.PathLike)):
        return FileWrapper(Path(file), mime_type, application_folder.get())
    if not isinstance(file, Readable):
        raise StateError(f"pack_file needs a path or an object with read(), not {type(file).__name__}")
    content = file.read()
    if isinstance(content, str):
        content = content.encode()
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise StateError(
            f"pack_file: read() of {type(file).__name__} returned {type(content).__name__}, not bytes"
        )
    name = getattr(file, "name", None)
    return FileWrapper(Path(name) if isinstance(name, str) else None, mime_type, None, bytes(content))


def pack_bytes(raw_data: bytes | bytearray | memoryview, mime_type: str | None = None) -> BytesWrapper:
    """Wrap bytes for the browser; without a MIME type they are `application/octet-stream`."""
    if not isinstance(raw_data, (bytes, bytearray, memoryview)):
        raise StateError(f"pack_bytes needs bytes, not {type(raw_data).__name__}; encode text first")
    return BytesWrapper(bytes(raw_data), mime_type)


def _guess_mime(path: Path | None) -> str:
    guessed = mimetypes.guess_type(path.name)[0] if path is not None else None
    return guessed or UNKNOWN_MIME
