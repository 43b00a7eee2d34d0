"""Pictures of Pillow."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from streamsync_django.core.files import Binary

from .naming import Simplify

#: Pillow's modes that PNG holds as they are.
PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
#: Pillow's modes that JPEG holds and browsers show.
_JPEG_MODES = frozenset({"L", "RGB"})


def pillow_image(image: Any) -> Binary:
    """Send a picture as PNG, or as JPEG when it came as one: a photograph as PNG is many times larger."""
    buffer = BytesIO()
    if image.format == "JPEG" and image.mode in _JPEG_MODES:
        image.save(buffer, format="JPEG", quality=90)
        return Binary.of("image/jpeg", buffer.getvalue())
    return Binary.of("image/png", png_bytes(image))


def png_bytes(image: Any) -> bytes:
    """Write a picture as PNG, converting colours that PNG does not know."""
    buffer = BytesIO()
    shown = image if image.mode in PNG_MODES else image.convert("RGBA" if "A" in image.mode[-1:] else "RGB")
    shown.save(buffer, format="PNG")
    return buffer.getvalue()


BY_NAME: dict[str, Simplify] = {"PIL.Image": pillow_image}
