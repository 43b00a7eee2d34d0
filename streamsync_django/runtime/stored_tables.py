"""Large tables of sessions that live at other instances, read from the store for as long as they are scrolled."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

from streamsync_django.core.tables import LargeTable, TablePage
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.stored_binaries import find_binary
from streamsync_django.stores.base import SessionStore

#: How many tables are kept, and for how long after they were last asked for.
MAX_TABLES: Final = 4
KEPT_SECONDS: Final = 60.0


class StoredTables:
    """Finds tables by digest. Methods block while the store answers; for any thread."""

    def __init__(self, max_tables: int = MAX_TABLES, kept_seconds: float = KEPT_SECONDS) -> None:
        self._max_tables = max_tables
        self._kept_seconds = kept_seconds
        #: Reading a table twice at the same time would cost more than waiting for it.
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], tuple[LargeTable, float]] = OrderedDict()

    def find(
        self, store: SessionStore, application: LoadedApplication, session_id: str, visitor: str, digest: str
    ) -> LargeTable | None:
        """Return a table that the visitor's session shows, None where there is none. Raises StoreError."""
        key = (session_id, visitor, digest)
        with self._lock:
            self._forget_old()
            if key in self._kept:
                table = self._kept.pop(key)[0]
            else:
                found = _read(store, application, session_id, visitor, digest)
                if found is None:
                    return None
                table = found
            self._kept[key] = (table, time.monotonic() + self._kept_seconds)
            while len(self._kept) > self._max_tables:
                self._kept.popitem(last=False)
            return table

    def _forget_old(self) -> None:
        now = time.monotonic()
        for key in [key for key, (_, until) in self._kept.items() if until < now]:
            del self._kept[key]


def _read(
    store: SessionStore, application: LoadedApplication, session_id: str, visitor: str, digest: str
) -> LargeTable | None:
    found = find_binary(store, application, session_id, visitor, digest)
    return found.table if isinstance(found, TablePage) else None
