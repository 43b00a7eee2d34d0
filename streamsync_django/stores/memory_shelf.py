"""What sessions in memory share (bases and blobs), kept once and for as long as anything holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from streamsync_django.stores.base import BLOB_GRACE_SECONDS, Blob


class MemoryShelf:
    """Holds bases and blobs on behalf of sessions; only touched under the store's lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Measure lives with `clock`."""
        self._clock = clock
        #: digest -> (initial state, expiry)
        self._bases: dict[str, tuple[bytes, float]] = {}
        self._base_blobs: dict[str, set[str]] = {}
        self._blobs: dict[str, Blob] = {}
        #: digest of a blob -> holder (session id, or "base:" and a digest) -> until when it holds the blob
        self._holders: dict[str, dict[str, float]] = {}

    def put_base(
        self, digest: str, data: bytes, blobs: Mapping[str, tuple[str, bytes]], until: float
    ) -> None:
        """Keep an initial state and its blobs."""
        self._bases[digest] = (data, until)
        self._base_blobs.setdefault(digest, set()).update(blobs)
        self.put_blobs(f"base:{digest}", blobs, until)
        self.keep_base(digest, until)

    def keep_base(self, digest: str, until: float) -> None:
        """Keep an initial state and its blobs at least that long."""
        if digest not in self._bases:
            return
        data, known_until = self._bases[digest]
        self._bases[digest] = (data, max(known_until, until))
        self.keep_blobs(f"base:{digest}", self._base_blobs[digest], until)

    def get_base(self, digest: str) -> bytes | None:
        """Return an initial state."""
        data, until = self._bases.get(digest, (b"", 0.0))
        return data if until > self._clock() else None

    def put_blobs(self, holder: str, blobs: Mapping[str, tuple[str, bytes]], until: float) -> None:
        """Keep blobs for a holder."""
        for digest, (mime, data) in blobs.items():
            self._blobs.setdefault(digest, Blob(mime, data))
        self.keep_blobs(holder, blobs, until)

    def keep_blobs(self, holder: str, digests: Iterable[str], until: float) -> None:
        """Let a holder hold blobs at least that long."""
        for digest in digests:
            holders = self._holders.setdefault(digest, {})
            holders[holder] = max(holders.get(holder, 0.0), until)

    def release_blobs(self, holder: str, digests: Iterable[str]) -> None:
        """Let a holder hold blobs no longer than the grace."""
        until = self._clock() + BLOB_GRACE_SECONDS
        for digest in digests:
            holders = self._holders.get(digest, {})
            if holder in holders:
                holders[holder] = min(holders[holder], until)

    def get_blob(self, digest: str) -> Blob | None:
        """Return a blob that somebody holds."""
        held_until = max(self._holders.get(digest, {}).values(), default=0.0)
        return self._blobs.get(digest) if held_until > self._clock() else None

    def prune(self) -> None:
        """Drop what nobody holds any more."""
        now = self._clock()
        for digest in [key for key, (_, until) in self._bases.items() if until <= now]:
            del self._bases[digest]
            del self._base_blobs[digest]
        for digest, holders in list(self._holders.items()):
            for holder in [key for key, until in holders.items() if until <= now]:
                del holders[holder]
            if not holders:
                del self._holders[digest]
                self._blobs.pop(digest, None)

    def __len__(self) -> int:
        """Count the bases and blobs that are kept."""
        return len(self._bases) + len(self._blobs) + len(self._holders) + len(self._base_blobs)
