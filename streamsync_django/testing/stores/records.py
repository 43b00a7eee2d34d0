"""Sessions and commits with everything filled in, for tests to change what they are about."""

from __future__ import annotations

import secrets
from typing import Any

from streamsync_django.stores.base import Commit, NewSession


def new_session(session_id: str = "s", **changes: Any) -> NewSession:
    fields: dict[str, Any] = {
        "session_id": session_id,
        "application": "hello",
        "visitor": "user:1",
        "base_digest": "b1",
        "layout_revision": "r1",
        "owner": "here",
        "info": b"notes",
        "ttl_seconds": 60.0,
    }
    return NewSession(**{**fields, **changes})


def commit(version: int, session_id: str = "s", **changes: Any) -> Commit:
    fields: dict[str, Any] = {
        "session_id": session_id,
        "epoch": 1,
        "expected_version": version,
        "commit_id": secrets.token_bytes(16),
        "ttl_seconds": 60.0,
    }
    return Commit(**{**fields, **changes})
