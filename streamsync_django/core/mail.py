"""One-time messages to the browser: notifications, downloads, page changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailItem:
    """A message the browser acts on once; `payload` is serialised as a state value is."""

    type: str
    payload: object
