"""Images, files and tables of sessions that live at other instances, found in the store by digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streamsync_django.core.errors import SerializationError
from streamsync_django.core.files import Binary
from streamsync_django.core.own_modules import working_for
from streamsync_django.core.serializers import to_wire
from streamsync_django.core.state import is_private
from streamsync_django.core.stored import from_stored
from streamsync_django.runtime.bases import decode_base
from streamsync_django.runtime.ledger import ORDER_BYTES
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.records import StoredElement, StoredSession


def find_binary(
    store: SessionStore, application: LoadedApplication, session_id: str, visitor: str, digest: str
) -> Binary | None:
    """Return bytes that the visitor's session shows or was sent, None where there are none.

    Blocks while the store answers. Raises StoreError.
    """
    stored = store.read(session_id)
    if stored is None or stored.visitor != visitor or stored.application != application.slug:
        return None
    with working_for(application.generation.name):
        shown = next((binary for binary in binaries_of(stored.elements) if binary.digest == digest), None)
        return shown or _in_mail(store, stored, digest) or _in_base(store, stored, application, digest)


def binaries_of(elements: Iterable[StoredElement]) -> Iterator[Binary]:
    """Yield what the public elements of a stored session have that travels as bytes."""
    for element in elements:
        if element.stored is None or is_private(element.path):
            continue
        try:
            yield from to_wire(from_stored(element.stored[ORDER_BYTES:])).binaries
        except SerializationError:
            continue


def _in_mail(store: SessionStore, stored: StoredSession, digest: str) -> Binary | None:
    """A message that the browser has not read names its bytes; the store keeps them apart."""
    if not any(digest.encode() in mail.payload for mail in stored.mail):
        return None
    blob = store.get_blob(digest)
    return None if blob is None else Binary(blob.mime, blob.data, digest)


def _in_base(
    store: SessionStore, stored: StoredSession, application: LoadedApplication, digest: str
) -> Binary | None:
    if stored.base_digest == application.base.digest:
        return application.base.binaries.get(digest)
    data = store.get_base(stored.base_digest)
    if data is None:
        return None
    return decode_base(data, stored.base_digest, application.base.state_class).binaries.get(digest)
