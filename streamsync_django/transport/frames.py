"""Patches and snapshots as WebSocket frames: JSON text, or JSON with binary attachments behind it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from streamsync_django.core.dispatch import Outcome
from streamsync_django.core.files import Binary
from streamsync_django.runtime.ports import Update

#: Larger binaries are not attached; the browser fetches them by their digest.
MAX_ATTACHMENT: Final = 256 * 1024

_encoder = msgspec.json.Encoder()


def encode_update(update: Update, known: set[str], receipt: int = 0) -> str | bytes:
    """Return the frame that brings a browser up to date; its `receipt` comes back once it was read.

    `known` are the digests of binaries the browser was sent before; it is extended.
    """
    message: dict[str, Any] = {}
    if update.patch is not None:
        patch = update.patch
        message = {"type": "patch", "from": patch.from_version, "to": update.to_version}
        if patch.set:
            message["set"] = [[path, msgspec.Raw(json)] for path, json in patch.set]
        if patch.deleted:
            message["del"] = patch.deleted
        if patch.append:
            message["append"] = [[path, msgspec.Raw(json)] for path, json in patch.append]
        binaries: Mapping[str, Binary] = patch.binaries
    else:
        assert update.snapshot is not None  # an update has one of the two
        json, binaries = update.snapshot
        message = {"type": "snapshot", "to": update.to_version, "state": msgspec.Raw(json)}
    if update.mail:
        message["mail"] = [msgspec.Raw(b"[%d," % mail_id + item.json[1:]) for mail_id, item in update.mail]
        binaries = {
            **binaries,
            **{binary.digest: binary for _, item in update.mail for binary in item.binaries},
        }
    if update.results:
        message["results"] = [_result(number, outcome) for number, outcome in update.results]
    message["acked"] = update.acknowledged
    message["receipt"] = receipt
    return _framed(message, _attachments(binaries.values(), known))


def _result(number: int, outcome: Outcome) -> list[Any]:
    result = [number, outcome.status, outcome.message]
    return result if outcome.reply is None else [*result, msgspec.Raw(outcome.reply)]


def _attachments(binaries: Iterable[Binary], known: set[str]) -> list[Binary]:
    attached = [item for item in binaries if item.digest not in known and len(item.data) <= MAX_ATTACHMENT]
    known.update(item.digest for item in attached)
    return attached


def _framed(message: dict[str, Any], attachments: list[Binary]) -> str | bytes:
    if not attachments:
        return _encoder.encode(message).decode()
    message["attachments"] = [[item.digest, len(item.data)] for item in attachments]
    header = _encoder.encode(message)
    return b"".join([struct.pack(">I", len(header)), header, *(item.data for item in attachments)])
