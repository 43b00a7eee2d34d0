"""``manage.py streamsync doctor``: what would lose, slow or strand sessions, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings

from streamsync_django.conf import get_settings
from streamsync_django.core.errors import ApplicationError, LayoutError, StoreError
from streamsync_django.hosting import get_registry, make_store
from streamsync_django.locations import application_locations
from streamsync_django.stores.base import Diagnosis
from streamsync_django.transport.layer_check import round_trip

_IN_MEMORY: Final = "channels.layers.InMemoryChannelLayer"
#: Layers that wait in a blocking read, which a client's own timeout would end again and again.
_BLOCKING: Final = "channels_redis.core.RedisChannelLayer"
#: A round trip over the layer that takes longer delays pushes more than the poll that makes up for it.
_SLOW_SECONDS: Final = 1.0


def examine() -> list[Diagnosis]:
    """Look at applications, store and channel layer; nothing raises, whatever is wrong is a finding."""
    return [*_applications(), *_store(), *_layer()]


def _applications() -> Iterator[Diagnosis]:
    registry = get_registry()
    for slug in application_locations():
        try:
            registry.get(slug)
        except (ApplicationError, LayoutError) as error:
            yield Diagnosis(
                "error", f"{slug} cannot be loaded: {error}", "Its page shows developers the traceback."
            )
        else:
            yield Diagnosis("info", f"{slug} loads.")


def _store() -> Iterator[Diagnosis]:
    try:
        store = make_store()
    except StoreError as error:
        yield Diagnosis("error", str(error), "See docs/deployment.md.")
        return
    except Exception as error:  # noqa: BLE001 (a site's own store raises what it will; all of it is a finding)
        message = f"STREAMSYNC['STORE'] makes no store: {type(error).__name__}: {error}"
        yield Diagnosis("error", message, "It is called without arguments, and returns the store.")
        return
    try:
        yield from store.diagnose()
    finally:
        store.close()


def _layer() -> Iterator[Diagnosis]:
    configured: Mapping[str, Any] = getattr(settings, "CHANNEL_LAYERS", {}).get("default", {})
    backend = configured.get("BACKEND", "")
    if not get_settings().keeps_sessions_outside:
        return
    if not backend or backend == _IN_MEMORY:
        yield Diagnosis(
            "warning",
            "The channel layer reaches this process only: news reach other instances by polling, a second late.",
            "Use channels_redis.core.RedisChannelLayer for CHANNEL_LAYERS['default'].",
        )
        return
    if backend == _BLOCKING and not all(
        _waits(host) for host in configured.get("CONFIG", {}).get("hosts", ())
    ):
        yield Diagnosis(
            "warning",
            "The channel layer's connections may time out while they only wait for messages.",
            "Write each of its hosts as {'address': url, 'socket_timeout': None}.",
        )
    try:
        seconds = asyncio.run(round_trip())
    except Exception as error:  # noqa: BLE001 (layers raise what their servers do; all of it is a finding)
        yield Diagnosis(
            "error",
            f"The channel layer does not work: {str(error) or type(error).__name__}",
            "Look at CHANNEL_LAYERS.",
        )
        return
    level = "warning" if seconds > _SLOW_SECONDS else "info"
    yield Diagnosis(level, f"A message takes {seconds * 1000:.1f} ms over the channel layer.")  # type: ignore[arg-type]


def _waits(host: object) -> bool:
    return isinstance(host, Mapping) and "socket_timeout" in host and host["socket_timeout"] is None
