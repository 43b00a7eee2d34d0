"""What a check must know about the component that an event came from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came in by HTTP before the event that refers to it."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadRules:
    """The limits of one component's events; the defaults are those of a component without fields for them."""

    options: Collection[object] | None = None
    """The keys offered by a choice, by tags, or by a row's menu (a mapping offers its keys)."""
    allows_none: bool = True
    """Whether a single choice may be cleared."""
    multiple: bool = True
    """Whether more than one file may be given."""
    accepted: str = ""
    """The kinds of files taken, as HTML's ``accept`` writes them; empty takes all."""
    max_count: int = 0
    """How many options may be chosen; 0 is no limit."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    """The distance of allowed numbers, counted from the minimum; the maximum itself is always allowed."""
    pages: Collection[str] | None = None
    """The keys of the layout's pages; None when a page's key is not to be checked."""
    plain_message: bool = False
    """Whether a chatbot's message is its text alone, as before conversations were kept in the state."""
    max_text_length: int = 1024 * 1024
    """The longest text, in bytes as UTF-8; also the most that one free-form payload may hold."""
    max_bytes: int = 200 * 1024 * 1024
    """The most bytes that the files of one event may have together."""
    max_files: int = 100
    """The most files that one event may bring, where the component takes several."""
    resolve_upload: Callable[[str], UploadedFile] | None = None
    """Return the file behind an upload's token; raises LookupError when there is none for this session."""


#: Rules for an event whose component sets no limits.
NO_RULES = PayloadRules()
