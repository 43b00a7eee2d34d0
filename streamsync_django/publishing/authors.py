"""Who did something, so that it stays readable after the account is gone."""

from __future__ import annotations

from typing import Any


def name_of(author: Any) -> str:
    """Return what to call a user; nothing for nobody."""
    return str(author.get_username())[:254] if author is not None else ""


def account_of(author: Any) -> Any:
    """Return the user to refer to; anonymous ones have no account."""
    return author if author is not None and getattr(author, "pk", None) is not None else None
