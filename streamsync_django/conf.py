"""The site's settings of this package, in one place, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from streamsync_django.runtime.options import RuntimeOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsyncSettings:
    """What ``settings.STREAMSYNC`` may hold, in lower case here and in upper case there."""

    apps: Mapping[str, str] = field(default_factory=dict)
    """Applications by the name in their address: a dotted package, or a folder with main.py and ui.json."""
    working_directory: str = ""
    """The application whose folder is this process's working directory, so that its relative paths work."""
    redis_url: str = ""
    """Where sessions are kept; empty keeps them in this process, which must then be the only one."""
    store: str = ""
    """What makes a store of your own in place of Redis, as a dotted path; see docs/deployment.md."""
    key_prefix: str = "streamsync"
    """What Redis keys begin with."""
    session_ttl: float = 3600.0
    """Seconds a session lives after its last activity; an open page counts as activity."""
    flush_interval_ms: int = 50
    """The shortest time between two patches while a handler runs."""
    serial_grace_ms: int = 50
    """How long a running handler keeps the session's other events waiting."""
    max_workers: int = 1100
    """The most handlers that run at once in one process."""
    max_running_per_session: int = 8
    """The most handlers of one session that run at once."""
    max_sessions: int = 10_000
    """The most sessions one process keeps in memory."""
    max_sessions_per_visitor: int = 100
    """The most sessions one visitor has in one process; those whose page was left end for new ones."""
    hibernate_after: float = 60.0
    """Seconds after which a session without a browser leaves memory; Redis gives it back when it is used."""
    store_pickle: bool = False
    """Whether values that Redis could not give back otherwise are pickled, signed with SECRET_KEY; see docs/security.md."""
    drain_seconds: float = 10.0
    """Seconds that running handlers have to end after SIGTERM, before the process goes."""
    ticket_ttl: float = 300.0
    """Seconds from drawing a page to opening its socket; later the page asks for a new ticket by itself."""
    hello_timeout: float = 10.0
    """Seconds an opened socket has to say who it is."""
    max_frame_bytes: int = 1024 * 1024
    """The largest message a browser may send."""
    max_frame_depth: int = 64
    """How deep lists and objects in a message may be nested."""
    max_messages_per_second: int = 200
    """How many messages a second a browser may send, on average over a few seconds."""
    metrics_token: str = ""
    """What a scraper of /-/metrics/ sends as its bearer token; members of the staff need none."""
    development: bool = field(default_factory=lambda: bool(settings.DEBUG))
    """Whether the log warns authors of changes that the state cannot see; follows DEBUG."""
    reload: bool = field(default_factory=lambda: bool(settings.DEBUG))
    """Whether changed code and layouts of applications replace the running ones; follows DEBUG."""
    max_upload_bytes: int = 200 * 1024 * 1024
    """The most bytes that the files of one upload may have together."""
    max_upload_files: int = 100
    """The most files that a visitor may send at once."""
    max_session_upload_bytes: int = 400 * 1024 * 1024
    """The most bytes of uploads that may wait for their event in one session."""
    upload_ttl: float = 3600.0
    """Seconds an uploaded file waits for the event that brings it to a handler."""
    resume_on_reload: bool = False
    """Whether reloading a page goes on with its session instead of starting a new one."""
    write_layouts: bool = field(default_factory=lambda: bool(settings.DEBUG))
    """Whether accepted edits of layouts are also written to ui.json; follows DEBUG."""
    layout_poll_seconds: float = field(
        default_factory=lambda: 5.0 if _given().get("REDIS_URL") or _given().get("STORE") else 1.0
    )
    """Seconds between two looks at the database for what other processes did to layouts; with Redis they wake each other."""
    pin_revisions: bool = False
    """Whether open pages keep the layout they began with when another is published."""
    edit_code: bool = field(default_factory=lambda: bool(settings.DEBUG))
    """Whether code may be edited in the browser at all, by those who have the permission; follows DEBUG."""
    access: Mapping[str, Any] = field(default_factory=dict)
    """Who may open, edit, publish … an application, by the name in its address; see docs/permissions.md."""

    @property
    def keeps_sessions_outside(self) -> bool:
        """Whether sessions are kept where other processes may find them."""
        return bool(self.redis_url or self.store)

    def runtime_options(self) -> RuntimeOptions:
        """Return the part of the settings that the runtime takes."""
        return RuntimeOptions(**{item.name: getattr(self, item.name) for item in fields(RuntimeOptions)})


@cache
def get_settings() -> StreamsyncSettings:
    """Return the site's settings; unknown and wrong ones are left out here and named by a system check."""
    given = getattr(settings, "STREAMSYNC", {})
    return StreamsyncSettings(
        **{name: value for name, value in _known(given).items() if not wrong_type(name, value)}
    )


def unknown_names(given: Mapping[str, Any]) -> list[str]:
    """Return the names in ``settings.STREAMSYNC`` that mean nothing."""
    names = {item.name.upper() for item in fields(StreamsyncSettings)}
    return [str(name) for name in given if name not in names]


def wrong_type(name: str, value: object) -> str | None:
    """Return what the setting of this (lower case) name should be instead of `value`, or None if it fits."""
    default = getattr(_DEFAULTS, name)
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "True or False"
    if isinstance(default, int | float):
        fits = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        return None if fits else "a number above 0"
    if isinstance(default, str):
        return None if isinstance(value, str) else "text"
    return None if isinstance(value, Mapping) else "a dict"


def _given() -> Mapping[str, Any]:
    given = getattr(settings, "STREAMSYNC", {})
    return given if isinstance(given, Mapping) else {}


def _known(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    names = {item.name for item in fields(StreamsyncSettings)}
    return {str(name).lower(): value for name, value in given.items() if str(name).lower() in names}


_DEFAULTS = StreamsyncSettings()


@receiver(setting_changed)
def _forget(*, setting: str, **_: object) -> None:
    if setting in ("STREAMSYNC", "DEBUG"):
        get_settings.cache_clear()
