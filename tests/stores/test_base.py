"""What every store promises, asked of each of them as anybody asks it of a store of their own."""

from __future__ import annotations

import pytest

from streamsync_django.testing.stores import StoreContract


class TestEveryStore(StoreContract):
    """The `store` fixture gives each store in turn."""

    def shorten_grace(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        for module in ("streamsync_django.stores.memory_shelf", "streamsync_django.stores.redis.shelf"):
            monkeypatch.setattr(f"{module}.BLOB_GRACE_SECONDS", seconds)
