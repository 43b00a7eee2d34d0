"""Packed bytes and files."""

from __future__ import annotations

import io
from copy import deepcopy
from pathlib import Path

import pytest

from streamsync_django.core.errors import SerializationError, StateError
from streamsync_django.core.files import Binary, application_folder, pack_bytes, pack_file


def test_equal_bytes_have_one_digest_of_32_hex_digits() -> None:
    first, second = Binary.of("a/b", b"same"), Binary.of("c/d", b"same")
    assert first.digest == second.digest
    assert len(first.digest) == 32
    assert int(first.digest, 16) >= 0


def test_bytes_without_a_mime_type_are_an_octet_stream() -> None:
    assert pack_bytes(b"x").binary().mime == "application/octet-stream"
    assert pack_bytes(b"x", "audio/wav").binary().mime == "audio/wav"
    assert pack_bytes(bytearray(b"x")).binary().data == b"x"


def test_text_is_not_packed_as_bytes() -> None:
    with pytest.raises(StateError, match="encode text first"):
        pack_bytes("text")  # type: ignore[arg-type]


def test_a_path_is_read_when_sent_and_its_type_guessed(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    packed = pack_file(file)
    file.write_text("a,b")
    assert packed.binary() == Binary.of("text/csv", b"a,b")
    file.write_text("c")
    assert packed.binary().data == b"c"


def test_a_relative_path_starts_at_the_applications_folder(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "logo.svg").write_bytes(b"<svg/>")
    token = application_folder.set(tmp_path)
    try:
        packed = pack_file("static/logo.svg")
    finally:
        application_folder.reset(token)
    assert packed.binary() == Binary.of("image/svg+xml", b"<svg/>")


def test_a_given_mime_type_wins(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    assert pack_file(tmp_path / "a.csv", "text/plain").binary().mime == "text/plain"


def test_an_open_file_is_sent_twice_and_copied() -> None:
    packed = pack_file(io.BytesIO(b"once"), "text/plain")
    assert packed.binary().data == b"once"
    assert deepcopy(packed).binary() == packed.binary()


def test_an_open_text_file_is_sent_as_utf8_and_named_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("é", encoding="utf-8")
    with (tmp_path / "a.json").open(encoding="utf-8") as file:
        assert pack_file(file).binary() == Binary.of("application/json", "é".encode())


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SerializationError, match=r"cannot read .*nowhere\.txt \(No such file"):
        pack_file(tmp_path / "nowhere.txt").binary()


def test_what_cannot_be_read_is_not_packed() -> None:
    with pytest.raises(StateError, match="a path or an object with read"):
        pack_file(3)  # type: ignore[arg-type]

    class Odd:
        def read(self) -> int:
            return 3

    with pytest.raises(StateError, match="returned int"):
        pack_file(Odd())  # type: ignore[arg-type]
