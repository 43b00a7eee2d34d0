"""How records lie in Redis: commits become script arguments, replies become sessions."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from msgspec import msgpack

from streamsync_django.stores.base import (
    Blob,
    Commit,
    ElementPath,
    ElementWrite,
    NewSession,
    SessionSummary,
    StoredElement,
    StoredMail,
    StoredSession,
)

#: What goes over the connection as one argument.
Argument = bytes | str | int

_version = struct.Struct(">Q")
_mail_head = struct.Struct(">QI")
_mime_length = struct.Struct(">H")
_path_decoder = msgpack.Decoder(tuple[str, ...])
_numbers_decoder = msgpack.Decoder(tuple[int, ...])
_running_decoder = msgpack.Decoder(dict[int, bytes])
#: Stands between the version and the bytes of a value, so that a tombstone differs from empty bytes.
_PRESENT = b"\x01"


def milliseconds(seconds: float) -> int:
    """Return a time to live as Redis takes it: at least one millisecond."""
    return max(1, int(seconds * 1000))


# Into Redis


def creation(new: NewSession, created_at: float) -> list[Argument]:
    """Return the arguments of the CREATE script."""
    ttl = milliseconds(new.ttl_seconds)
    meta: dict[str, Argument] = {
        "epoch": 1,
        "version": 0,
        "commit": b"",
        "owner": new.owner,
        "application": new.application,
        "visitor": new.visitor,
        "base": new.base_digest,
        "layout": new.layout_revision,
        "info": new.info,
        "created": repr(created_at),
        "ttl": ttl,
        "low": 0,
        "above": _numbers(()),
        "running": b"",
        "forgotten": 0,
        "pushed": new.pushed,
    }
    return [new.owner, ttl, *_flat(meta.items())]


def commitment(commit: Commit) -> list[Argument]:
    """Return the arguments of the COMMIT script; raises `ValueError` or `TypeError` for what cannot be stored."""
    version = commit.expected_version + 1
    head = _version.pack(version)
    ttl = milliseconds(commit.ttl_seconds)
    meta: list[Argument] = ["version", version, "commit", commit.commit_id, "ttl", ttl]
    meta += ["low", commit.acknowledged_low, "above", _numbers(commit.acknowledged_above)]
    if commit.running is not None:
        meta += ["running", _marks(commit.running)]
    if commit.forgotten_version is not None:
        meta += ["forgotten", commit.forgotten_version]
    if commit.pushed is not None:
        meta += ["pushed", commit.pushed]
    written, appended = _element_writes(commit.elements, head)
    written_now = {write.path for write in commit.elements}
    forgotten = [msgpack.encode(path) for path in commit.forget if path not in written_now]
    mail = _mail_members((version, payload) for payload in commit.mail)
    mail_read = min(commit.mail_read, commit.expected_version)
    return [
        *(commit.epoch, commit.expected_version, commit.commit_id, ttl, mail_read, head + _PRESENT),
        *(len(written), len(appended), len(mail), len(forgotten), len(meta)),
        *chain(written, appended, mail, forgotten, meta),
    ]


def _element_writes(elements: Sequence[ElementWrite], head: bytes) -> tuple[list[Argument], list[Argument]]:
    """Return fields and whole values to set, then fields and tails to append; one entry per element at most."""
    written: dict[bytes, bytes] = {}
    appended: dict[bytes, bytes] = {}
    for write in elements:
        name = msgpack.encode(write.path)
        if write.stored is None:
            appended.pop(name, None)
            written[name] = head
        elif not write.append:
            appended.pop(name, None)
            written[name] = head + _PRESENT + write.stored
        elif name in written:
            known = written[name]
            written[name] = (known if len(known) > len(head) else head + _PRESENT) + write.stored
        else:
            appended[name] = appended.get(name, b"") + write.stored
    return _flat(written.items()), _flat(appended.items())


def restoration(session: StoredSession, owner: str, ttl_seconds: float) -> list[Argument]:
    """Return the arguments of the RESTORE script."""
    ttl = milliseconds(ttl_seconds)
    meta: dict[str, Argument] = {
        "epoch": session.epoch,
        "version": session.version,
        "commit": b"",
        "owner": owner,
        "application": session.application,
        "visitor": session.visitor,
        "base": session.base_digest,
        "layout": session.layout_revision,
        "info": session.info,
        "created": repr(session.created_at),
        "ttl": ttl,
        "low": session.acknowledged_low,
        "above": _numbers(session.acknowledged_above),
        "running": _marks(session.running),
        "forgotten": session.forgotten_version,
        "pushed": session.pushed,
    }
    elements = _flat((msgpack.encode(element.path), _value(element)) for element in session.elements)
    mail = _mail_members(session.mail)
    counts = (2 * len(meta), len(elements), len(mail))
    return [owner, session.epoch, session.version, ttl, *counts, *_flat(meta.items()), *elements, *mail]


def presence(stored: bytes | None) -> bytes:
    """Return the part of an element's value behind its version."""
    return b"" if stored is None else _PRESENT + stored


def blob_content(mime: str, data: bytes) -> bytes:
    """Return a blob as one string."""
    name = mime.encode()
    return _mime_length.pack(len(name)) + name + data


def _value(element: StoredElement) -> bytes:
    head = _version.pack(element.version)
    return head if element.stored is None else head + _PRESENT + element.stored


def _numbers(numbers: Sequence[int]) -> bytes:
    return msgpack.encode(tuple(numbers))


def _marks(running: Mapping[int, bytes]) -> bytes:
    return msgpack.encode(dict(running)) if running else b""


def _mail_members(mail: Iterable[tuple[int, bytes]]) -> list[Argument]:
    """Return scores and members; the running number keeps equal mails apart and all of them in order."""
    members: list[Argument] = []
    for number, (version, payload) in enumerate(mail):
        members += [version, _mail_head.pack(version, number) + payload]
    return members


def _flat(pairs: Iterable[tuple[Argument, Argument]]) -> list[Argument]:
    return list(chain.from_iterable(pairs))


# Out of Redis


def session_from(
    session_id: str, meta: list[bytes], elements: list[bytes], mail: list[bytes]
) -> StoredSession:
    """Return a whole session from the CLAIM script's reply."""
    fields = dict(zip(meta[::2], meta[1::2], strict=True))
    return StoredSession(
        session_id=session_id,
        epoch=int(fields[b"epoch"]),
        version=int(fields[b"version"]),
        application=fields[b"application"].decode(),
        visitor=fields[b"visitor"].decode(),
        base_digest=fields[b"base"].decode(),
        layout_revision=fields[b"layout"].decode(),
        elements=[element_from(*pair) for pair in zip(elements[::2], elements[1::2], strict=True)],
        acknowledged_low=int(fields[b"low"]),
        acknowledged_above=_numbers_decoder.decode(fields[b"above"]),
        mail=[_mail(member) for member in mail],
        running=_running(fields[b"running"]),
        forgotten_version=int(fields[b"forgotten"]),
        created_at=float(fields[b"created"]),
        info=fields[b"info"],
        pushed=int(fields.get(b"pushed", 0)),
    )


def summary_from(session_id: str, fields: Mapping[bytes, bytes], remaining_ms: int) -> SessionSummary | None:
    """Return a session's summary from its meta hash, None when that has expired."""
    if not fields:
        return None
    return SessionSummary(
        session_id=session_id,
        application=fields[b"application"].decode(),
        visitor=fields[b"visitor"].decode(),
        owner=fields[b"owner"].decode(),
        epoch=int(fields[b"epoch"]),
        version=int(fields[b"version"]),
        base_digest=fields[b"base"].decode(),
        layout_revision=fields[b"layout"].decode(),
        running=_running(fields[b"running"]),
        created_at=float(fields[b"created"]),
        idle_seconds=max(0, int(fields[b"ttl"]) - remaining_ms) / 1000,
        info=fields[b"info"],
    )


def blob_from(content: bytes) -> Blob:
    """Return the blob that `blob_content` made a string of."""
    (length,) = _mime_length.unpack_from(content)
    start = _mime_length.size + length
    return Blob(content[_mime_length.size : start].decode(), content[start:])


def element_from(name: bytes, value: bytes) -> StoredElement:
    """Return an element from its field and value in a hash."""
    (version,) = _version.unpack_from(value)
    path: ElementPath = _path_decoder.decode(name)
    present = len(value) > _version.size
    return StoredElement(path, version, value[_version.size + 1 :] if present else None)


def _mail(member: bytes) -> StoredMail:
    version, _ = _mail_head.unpack_from(member)
    return StoredMail(version, member[_mail_head.size :])


def _running(marks: bytes) -> dict[int, bytes]:
    return _running_decoder.decode(marks) if marks else {}
