"""Database connections of threads that no request ends."""

from __future__ import annotations

from django.db import connections


def release_connections() -> None:
    """Close this thread's old and broken connections, as Django does around a request.

    Unlike `django.db.close_old_connections` it leaves those alone that are in the middle of a transaction: the
    caller may be inside of `transaction.atomic`, or in a request with ATOMIC_REQUESTS.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
