from __future__ import annotations

from pathlib import Path

import pytest

from streamsync_django.runtime.uploads import ReceivedFile, SessionUploads, Uploads, hand_over
from streamsync_django.stores.memory import MemoryStore
from streamsync_django.testing.stores.records import new_session


def received(folder: Path, name: str = "a.txt", component: str = "") -> ReceivedFile:
    path = folder / f"{name}-{len(list(folder.iterdir()))}"
    path.write_bytes(b"text")
    return ReceivedFile(path, name, "text/plain", 4, component)


def test_a_file_waits_for_its_time_to_live_and_no_longer(tmp_path: Path) -> None:
    now = [0.0]
    uploads = Uploads(ttl_seconds=10, clock=lambda: now[0])
    (token,) = uploads.keep("s", [received(tmp_path)])
    assert uploads.read("s", token).data == b"text"
    assert uploads.size_of("s") == 4
    now[0] = 10.0
    with pytest.raises(LookupError):
        uploads.read("s", token)
    uploads.prune()
    assert list(tmp_path.iterdir()) == []
    assert uploads.size_of("s") == 0


def test_closing_removes_every_file(tmp_path: Path) -> None:
    uploads = Uploads()
    uploads.keep("s", [received(tmp_path)])
    uploads.keep("t", [received(tmp_path)])
    uploads.close()
    assert list(tmp_path.iterdir()) == []


class SharedMemoryStore(MemoryStore):
    """A memory store that two instances of a test share."""

    is_shared = True


def test_a_file_that_reached_another_instance_comes_through_the_store(tmp_path: Path) -> None:
    store = SharedMemoryStore()
    store.create(new_session("s"))
    (token,) = hand_over(store, "s", [received(tmp_path, component="files")], 60)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LookupError):
        SessionUploads(Uploads(), store, "other", "files").resolve(token)
    with pytest.raises(LookupError):
        SessionUploads(Uploads(), store, "s", "another").resolve(token)
    with pytest.raises(LookupError):
        SessionUploads(Uploads(), store, "s", "files").resolve("no token")
    event = SessionUploads(Uploads(), store, "s", "files")
    file = event.resolve(token)
    assert (file.name, file.type, file.data) == ("a.txt", "text/plain", b"text")
    event.remove_taken()
    assert not store._sessions["s"].blobs
