"""Cells as text, where no library writes them: CSV of nested values, and of rows from a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as CSV (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def cell_text(value: Any) -> str:
    """Write a cell as the browser would: no grouping, ISO dates, nested values as JSON."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return msgspec.json.encode(value, enc_hook=str).decode()
    return str(value)
