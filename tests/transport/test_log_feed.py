"""What a developer's page is told of the log."""

from __future__ import annotations

import json

from streamsync_django.core.journal import LogEntry
from streamsync_django.transport import protocol
from streamsync_django.transport.log_feed import message_of


class Safe(str):
    """As Django's SafeString, which stays one through str()."""


def test_an_entry_with_half_a_character_does_not_keep_the_others_back() -> None:
    odd = LogEntry(kind="print", title="Output", message="a\udcff.txt", traceback='File "a\udcff.py"')
    safe = LogEntry(kind="warning", title=Safe("Careful"), message=Safe("b"))
    frame = json.loads(protocol.encode(message_of([odd, safe])))
    assert [entry["message"] for entry in frame["entries"]] == ["a\ufffd.txt", "b"]
    assert frame["entries"][0]["traceback"] == 'File "a\ufffd.py"'
