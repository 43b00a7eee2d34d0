"""Which files a component takes, by the list its author wrote (the syntax of HTML's ``accept``)."""

from __future__ import annotations

import mimetypes


def is_accepted(accepted: str, name: str, media_type: str) -> bool:
    """Tell whether a file fits a list such as ``.pdf, image/*, text/csv``; an empty list takes everything.

    Browsers send an empty or general media type for kinds they do not know; then the name's ending tells.
    """
    wanted = [item.strip().lower() for item in accepted.split(",") if item.strip()]
    if not wanted:
        return True
    kind = media_type.partition(";")[0].strip().lower()
    if kind in ("", "application/octet-stream"):
        kind = mimetypes.guess_type(name)[0] or kind
    return any(_fits(item, name.lower(), kind) for item in wanted)


def _fits(item: str, name: str, kind: str) -> bool:
    if item.startswith("."):
        return name.endswith(item)
    if item.endswith("/*"):
        return item == "*/*" or kind.startswith(item[:-1])
    return kind == item
