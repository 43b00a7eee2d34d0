"""What an operator should know about the Redis behind the sessions."""

from __future__ import annotations

import time
from typing import Any

from streamsync_django.core.errors import StoreError
from streamsync_django.stores.base import Diagnosis
from streamsync_django.stores.redis.connection import Connection
from streamsync_django.stores.redis.sentinels import Sentinels

#: An answer that takes longer is felt with every click.
SLOW_SECONDS = 0.01
#: How often the time is asked for; the quickest answer counts, for any may fall into a busy moment.
LOOKS = 5
#: How far clocks may be apart; a ticket lives for minutes.
SKEWED_SECONDS = 5.0
#: The oldest Redis whose commands the scripts use.
OLDEST_VERSION = (6, 2)


def diagnose(connection: Connection) -> list[Diagnosis]:
    """Ask Redis about itself (INFO only: hosted ones often forbid CONFIG), and its sentinels about it."""
    sentinels = _sentinels(connection.sentinels) if connection.sentinels is not None else []
    return [*sentinels, *_primary(connection)]


def _primary(connection: Connection) -> list[Diagnosis]:
    try:
        (info,) = connection.run([("INFO",)])
        latency, skew = min(_look_at_clock(connection) for _ in range(LOOKS))
    except StoreError as error:
        return [Diagnosis("error", str(error), "Is REDIS_URL right, and does the server run?")]
    found = (_version(info), _role(info), _eviction(info), _persistence(info), _memory(info))
    return [*filter(None, (*found, _clock(skew))), _latency(info, latency), _facts(info, skew)]


def _look_at_clock(connection: Connection) -> tuple[float, float]:
    """Return how long an answer took, and how far this machine's clock is ahead of the server's."""
    began = time.monotonic()
    ((seconds, microseconds),) = connection.run([("TIME",)])
    latency = time.monotonic() - began
    return latency, time.time() - latency / 2 - (int(seconds) + int(microseconds) / 1_000_000)


def _facts(info: dict[str, Any], skew: float) -> Diagnosis:
    policy = info.get("maxmemory_policy", "?")
    limit = int(info.get("maxmemory", 0))
    memory = f"{int(info.get('used_memory', 0)) / 2**20:.0f} MiB used" + (
        f" of {limit / 2**20:.0f}" if limit else ", no limit"
    )
    return Diagnosis("info", f"maxmemory-policy {policy}; {memory}; its clock is {abs(skew):.1f} s apart.")


def _sentinels(sentinels: Sentinels) -> list[Diagnosis]:
    states = sentinels.states()
    known = [state for _, state in states if state is not None]
    if not known:
        message = f"None of {len(states)} sentinels knows a primary called {sentinels.service_name!r}."
        hint = (
            "REDIS_URL names them as redis+sentinel://host:26379,…/name; do they run, and is the name right?"
        )
        return [Diagnosis("error", message, hint)]
    found = [
        Diagnosis(
            "warning",
            f"The sentinel at {place} does not know {sentinels.service_name!r}, or does not answer.",
            "It does not help with a failover: start it, or take it out of REDIS_URL.",
        )
        for place, state in states
        if state is None
    ]
    places = sorted({f"{state['ip']}:{state['port']}" for state in known})
    if len(places) > 1:
        found.append(
            Diagnosis(
                "error",
                f"Sentinels do not agree where the primary is: {', '.join(places)}.",
                "In a failover this passes; otherwise look at their logs.",
            )
        )
    if not any(int(state["num-slaves"]) for state in known):
        found.append(
            Diagnosis(
                "warning", "The primary has no replica.", "Nothing can take over when it fails: start one."
            )
        )
    counts = f"{len(known)} of {len(states)} sentinels know it, {known[0]['quorum']} decide on a failover"
    found.append(Diagnosis("info", f"The primary is {', '.join(places)}: {counts}."))
    return found


def _latency(info: dict[str, Any], seconds: float) -> Diagnosis:
    is_slow = seconds > SLOW_SECONDS
    return Diagnosis(
        "warning" if is_slow else "info",
        f"Redis {info.get('redis_version', '?')} answers in {seconds * 1000:.1f} ms.",
        "Every commit waits for one answer: put Redis near the instances.",
    )


def _clock(skew: float) -> Diagnosis | None:
    if abs(skew) < SKEWED_SECONDS:
        return None
    return Diagnosis(
        "warning",
        f"This machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} Redis's.",
        "Tickets and tokens carry the time: let NTP set the clocks of all machines.",
    )


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
        "error",
        "This Redis is a replica and takes no writes.",
        "Point REDIS_URL at the primary, or at sentinels that know it (redis+sentinel://…).",
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
    hint = "Raise maxmemory, or shorten SESSION_TTL."
    if used >= limit and info.get("maxmemory_policy", "noeviction") == "noeviction":
        return Diagnosis("error", "Redis is full and refuses what visitors do.", hint)
    share = min(100, 100 * used // limit)
    return Diagnosis(
        "warning", f"Redis is {share} % full; when it is full, it refuses what visitors do.", hint
    )
