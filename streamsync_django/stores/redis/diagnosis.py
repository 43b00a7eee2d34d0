"""What an operator should know about the Redis behind the sessions."""

from __future__ import annotations

from typing import Any

from streamsync_django.core.errors import StoreError
from streamsync_django.stores.base import Diagnosis
from streamsync_django.stores.redis.connection import Connection

#: The oldest Redis whose commands the scripts use.
OLDEST_VERSION = (6, 2)


def diagnose(connection: Connection) -> list[Diagnosis]:
    """Ask Redis about itself (INFO only: hosted ones often forbid CONFIG)."""
    try:
        (info,) = connection.run([("INFO",)])
    except StoreError as error:
        return [Diagnosis("error", str(error), "Is REDIS_URL right, and does the server run?")]
    return [
        finding
        for finding in (_version(info), _role(info), _eviction(info), _persistence(info), _memory(info))
        if finding is not None
    ]


def _version(info: dict[str, Any]) -> Diagnosis | None:
    version = str(info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= OLDEST_VERSION:
        return None
    return Diagnosis("error", f"Redis {version} is too old.", "Sessions need Redis 6.2 or newer.")


def _role(info: dict[str, Any]) -> Diagnosis | None:
    if info.get("role", "master") == "master":
        return None
    return Diagnosis(
        "error", "This Redis is a replica and takes no writes.", "Point REDIS_URL at the primary."
    )


def _eviction(info: dict[str, Any]) -> Diagnosis | None:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return None
    return Diagnosis(
        "warning",
        f"Redis may throw away parts of live sessions when memory runs short (maxmemory-policy {policy}).",
        "Set maxmemory-policy to noeviction; a full store then refuses writes, and users are told.",
    )


def _persistence(info: dict[str, Any]) -> Diagnosis | None:
    if info.get("aof_enabled"):
        return None
    return Diagnosis(
        "warning",
        "A restart of Redis loses what was written since its last snapshot (appendonly is off).",
        "Set appendonly yes: sessions then survive a restart of Redis.",
    )


def _memory(info: dict[str, Any]) -> Diagnosis | None:
    limit, used = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if not limit or used < 0.9 * limit:
        return None
    return Diagnosis(
        "warning",
        f"Redis uses {used} of its {limit} bytes; commits are refused when it is full.",
        "Raise maxmemory, or shorten SESSION_TTL.",
    )
