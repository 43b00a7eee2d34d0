"""Large tables of sessions that live at other instances, read from the store for as long as they are scrolled."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.serializers import to_wire
from streamsync_django.core.state import is_private
from streamsync_django.core.stored import from_stored
from streamsync_django.core.tables import LargeTable, TablePage
from streamsync_django.runtime.bases import decode_base
from streamsync_django.runtime.ledger import ORDER_BYTES
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import StoredElement

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
    stored = store.read(session_id)
    if stored is None or stored.visitor != visitor or stored.application != application.slug:
        return None
    found = _among(stored.elements, digest)
    if found is None and stored.base_digest != application.base.digest:
        data = store.get_base(stored.base_digest)
        if data is not None:
            base = decode_base(data, stored.base_digest, application.base.state_class)
            first = base.binaries.get(digest)
            found = first.table if isinstance(first, TablePage) else None
    return found


def _among(elements: Iterable[StoredElement], digest: str) -> LargeTable | None:
    for element in elements:
        if element.stored is None or is_private(element.path):
            continue
        try:
            binaries = to_wire(from_stored(element.stored[ORDER_BYTES:])).binaries
        except SerializationError:
            continue
        for binary in binaries:
            if isinstance(binary, TablePage) and binary.digest == digest:
                return binary.table
    return None
