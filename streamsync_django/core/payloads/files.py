"""Files and pictures: by reference to an upload, or inside a `data:` URL. Nothing is ever fetched."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from streamsync_django.core.errors import PayloadError
from streamsync_django.core.file_types import is_accepted
from streamsync_django.core.payloads.json_values import MAX_SHORT_TEXT, described, text_of
from streamsync_django.core.payloads.rules import PayloadRules, UploadedFile

_MIME = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def check_files(raw: object, rules: PayloadRules) -> list[dict[str, object]]:
    """Return `[{"name", "type", "data": bytes}]`; empty when the picker was cleared."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise PayloadError(f"expected a list of files, got {described(raw)}")
    if len(raw) > (most := rules.max_files if rules.multiple else 1):
        raise PayloadError(f"{len(raw)} files were given, and {most} are taken at once")
    files: list[dict[str, object]] = []
    left = rules.max_bytes
    for item in raw:
        file = _file(item, rules, left)
        if not is_accepted(rules.accepted, file.name, file.type):
            raise PayloadError(f"files of this kind are not taken here, only {rules.accepted}")
        left -= len(file.data)
        files.append({"name": file.name, "type": file.type, "data": file.data})
    return files


def check_picture(raw: object, rules: PayloadRules) -> bytes:
    """Return the bytes of a PNG or JPEG; what they are is read from the bytes, not believed."""
    data = _file(raw, rules, rules.max_bytes).data
    if not data.startswith(_PICTURE_STARTS):
        raise PayloadError("expected a PNG or JPEG picture")
    return data


def parse_data_url(text: str, max_bytes: int | None = None) -> tuple[str, bytes]:
    """Return the media type and the bytes of a `data:` URL; every other scheme is refused."""
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() != "data":
        raise PayloadError("expected a data: URL; other addresses are never fetched")
    header, comma, body = rest.partition(",")
    if not comma or len(header) > MAX_SHORT_TEXT:
        raise PayloadError("the data: URL has no comma before its data")
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    is_base64 = bool(parameters) and parameters[-1] == "base64"
    # Base64 writes 3 bytes as 4 characters, percent encoding one byte as up to 3: refuse before decoding.
    if max_bytes is not None and len(body) > 3 * max_bytes + 4:
        raise _too_large(max_bytes)
    try:
        data = unquote_to_bytes(body)
        if is_base64:
            data = base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise PayloadError("the data: URL cannot be decoded") from error
    if max_bytes is not None and len(data) > max_bytes:
        raise _too_large(max_bytes)
    return (media_type if _MIME.fullmatch(media_type) else "text/plain"), data


def _file(raw: object, rules: PayloadRules, max_bytes: int) -> UploadedFile:
    if isinstance(raw, str):
        media_type, data = parse_data_url(raw, max_bytes)
        return UploadedFile("", media_type, data)
    if not isinstance(raw, dict):
        raise PayloadError(f"expected a file, got {described(raw)}")
    if "upload" in raw:
        return _uploaded(raw["upload"], rules, max_bytes)
    url = raw.get("data")
    if not isinstance(url, str):
        raise PayloadError(f"expected a file's data as a data: URL, got {described(url)}")
    media_type, data = parse_data_url(url, max_bytes)
    declared = text_of(raw.get("type", media_type), MAX_SHORT_TEXT)
    return UploadedFile(_name(text_of(raw.get("name", ""), MAX_SHORT_TEXT)), _type(declared), data)


def _uploaded(token: object, rules: PayloadRules, max_bytes: int) -> UploadedFile:
    if rules.resolve_upload is None:
        raise PayloadError("this event takes no uploads")
    try:
        file = rules.resolve_upload(text_of(token, MAX_SHORT_TEXT))
    except LookupError as error:
        raise PayloadError("the upload is unknown or has expired; send the file again") from error
    if len(file.data) > max_bytes:
        raise _too_large(max_bytes)
    return UploadedFile(_name(file.name), _type(file.type), file.data)


def _name(name: str) -> str:
    """Return the last part of a name: handlers save files under it."""
    name = _CONTROL.sub("", name.replace("\\", "/").rpartition("/")[2])[:255]
    return "" if name in (".", "..") else name


def _type(media_type: str) -> str:
    """Return the media type without parameters, empty when it is none: browsers send an empty one too."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence if _MIME.fullmatch(essence) else ""


def _too_large(max_bytes: int) -> PayloadError:
    return PayloadError(f"the files are too large: {max_bytes} bytes are left for this event")
