"""Remember, by content, what a set-up step has already done."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_of(paths: Iterable[Path], *facts: str) -> str:
    """Return one digest of the files' names and contents, and of the facts beside them."""
    digest = hashlib.sha256()
    for fact in facts:
        digest.update(fact.encode() + b"\0")
    for path in sorted(paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path}\0{content}\0".encode())
    return digest.hexdigest()


def is_done(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text() == digest


def mark_done(stamp: Path, digest: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
