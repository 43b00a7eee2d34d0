"""The table of patches that pytest and vitest share, and the table of frames."""

from __future__ import annotations

import copy
import json
import struct
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.reference_browser import apply_patch

CASES = Path(__file__).parents[1] / "cases"
PATCHES = json.loads((CASES / "patches.json").read_text())["cases"]
FRAMES = json.loads((CASES / "frames.json").read_text())


class BrokenFrame(Exception):
    """The frame does not follow the protocol."""


def decode_frame(frame: bytes) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """Read a binary frame: header length, JSON header, attachments."""
    if len(frame) < 4:
        raise BrokenFrame("frame.truncated")
    (length,) = struct.unpack(">I", frame[:4])
    if len(frame) < 4 + length:
        raise BrokenFrame("frame.truncated")
    try:
        header = msgspec.json.decode(frame[4 : 4 + length])
    except msgspec.DecodeError:
        raise BrokenFrame("frame.not-json") from None
    if not isinstance(header, dict):
        raise BrokenFrame("frame.not-an-object")
    position, attachments = 4 + length, []
    for digest, size in header.pop("attachments", ()):
        if len(frame) < position + size:
            raise BrokenFrame("frame.truncated")
        attachments.append((digest, frame[position : position + size]))
        position += size
    if position != len(frame):
        raise BrokenFrame("frame.trailing-bytes")
    return header, attachments


@pytest.mark.parametrize("case", PATCHES, ids=lambda case: case["name"])
def test_the_reference_browser_agrees_with_the_shared_patches(case: dict[str, Any]) -> None:
    state = copy.deepcopy(case["state"])
    apply_patch(state, case["patch"])
    assert state == case["expected"]


@pytest.mark.parametrize("case", FRAMES["cases"], ids=lambda case: case["name"])
def test_shared_frames_are_read_as_the_protocol_says(case: dict[str, Any]) -> None:
    message, attachments = decode_frame(bytes.fromhex(case["frame"]))
    assert message == case["message"]
    assert [[digest, data.hex()] for digest, data in attachments] == case["attachments"]


@pytest.mark.parametrize("case", FRAMES["broken"], ids=lambda case: case["name"])
def test_shared_broken_frames_are_refused_with_their_code(case: dict[str, Any]) -> None:
    with pytest.raises(BrokenFrame, match=case["error"]):
        decode_frame(bytes.fromhex(case["frame"]))


def test_frames_of_the_server_are_read_like_the_shared_ones() -> None:
    from streamsync_django.core.changes import ChangeLog, ElementChange
    from streamsync_django.core.serializers import to_wire
    from streamsync_django.runtime.ports import Update
    from streamsync_django.transport.frames import encode_update

    log = ChangeLog({})
    log.apply([ElementChange(("picture",), to_wire(b"\x01\x02\x03")), ElementChange(("n",), to_wire(5))])
    frame = encode_update(Update(log.since(0), None, 1, [], [], 0), set())
    assert isinstance(frame, bytes)
    message, [(digest, data)] = decode_frame(frame)
    assert data == b"\x01\x02\x03"
    assert message["set"] == [
        [["picture"], {"$": ["binary", "application/octet-stream", digest, 3]}],
        [["n"], 5],
    ]
