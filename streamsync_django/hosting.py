"""What this process hosts: its applications, and on the server's event loop the runtime of their sessions."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.db import connections
from django.dispatch import receiver
from django.utils import timezone, translation
from django.utils.autoreload import file_changed
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from streamsync_django.conf import get_settings
from streamsync_django.connections import release_connections
from streamsync_django.core.stored import accept_pickles
from streamsync_django.layouts.desk import Desk
from streamsync_django.leaving import drain_on_sigterm, forget_sigterm
from streamsync_django.locations import application_locations, folder_of_location
from streamsync_django.models import Edit
from streamsync_django.publishing.desk import DatabaseDesk
from streamsync_django.publishing.following import DraftFollowers
from streamsync_django.publishing.mirror import write_draft
from streamsync_django.publishing.signals import draft_edited, layout_published
from streamsync_django.publishing.source import DatabaseLayouts
from streamsync_django.publishing.watching import PublicationWatch
from streamsync_django.runtime.loader import LoadedApplication, locate
from streamsync_django.runtime.registry import ApplicationRegistry
from streamsync_django.runtime.reloading import Reloader, reloads_in_place
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.stores.base import SessionStore
from streamsync_django.stores.memory import MemoryStore

#: How long after a run its thread's connections need no other look.
CONNECTIONS_ARE_FRESH_SECONDS = 1.0

_thread = threading.local()
_lock = threading.Lock()
_registry: ApplicationRegistry | None = None
_runtime: Runtime | None = None
_reloader: Reloader | None = None
_serves_sockets = False
_watch: PublicationWatch | None = None
#: The windows of this process in which drafts are edited.
_followers = DraftFollowers()
#: The sessions' store as seen by a process, or before the first socket, that has no runtime.
_store: SessionStore | None = None


def get_registry() -> ApplicationRegistry:
    """Return the applications of this process; may be called from any thread."""
    global _registry, _reloader, _watch
    with _lock:
        if _registry is None:
            locations = application_locations()
            _enter_working_directory(locations)
            _registry = ApplicationRegistry(locations, DatabaseLayouts())
            poll_seconds = get_settings().layout_poll_seconds
            _watch = PublicationWatch(_registry, poll_seconds=poll_seconds, note_draft=_followers.note)
            _watch.start()
            if get_settings().reload:
                _reloader = Reloader(_registry)
        return _registry


def get_runtime() -> Runtime:
    """Return the runtime of this process, making it on the running event loop the first time."""
    global _runtime
    loop = asyncio.get_running_loop()
    if _runtime is None or _runtime.calls.loop is not loop:
        _runtime = Runtime(
            applications=get_registry(),
            store=make_store(),
            options=get_settings().runtime_options(),
            loop=loop,
            around_handlers=around_handlers,
        )
        if _serves_sockets:
            drain_on_sigterm(_runtime, get_settings().drain_seconds)
    return _runtime


def _enter_working_directory(locations: Mapping[str, str | Path]) -> None:
    """Make one application's folder the process's working directory, for the relative paths in its code."""
    slug = get_settings().working_directory
    if slug in locations:
        os.chdir(locate(locations[slug])[0])


def existing_runtime() -> Runtime | None:
    """Return the runtime if a socket has been opened in this process, from any thread."""
    return _runtime


def serves_sockets() -> bool:
    """Tell whether this process is a server of sockets, even if none has been opened yet."""
    return _serves_sockets


def note_sockets() -> None:
    """Note that this process serves sockets: sessions, if there are any, live here."""
    global _serves_sockets
    _serves_sockets = True


def close_runtime(timeout: float = 5.0) -> None:
    """End the runtime of this process; the next socket makes a new one."""
    global _runtime
    runtime, _runtime = _runtime, None
    forget_sigterm()
    if runtime is not None:
        runtime.close(timeout)


def store_of_sessions() -> SessionStore | None:
    """Return where sessions are kept, from any thread; None where only a runtime that is not here could say."""
    global _store
    if _runtime is not None:
        return _runtime.store
    if not get_settings().keeps_sessions_outside:
        return None
    with _lock:
        if _store is None:
            _store = make_store()
        return _store if _store.is_shared else None


def open_desk(application: LoadedApplication, *, client: str, user: Any, session_key: str | None) -> Desk:
    """Return the way to an application's draft for one window of somebody who may, or may not, edit it."""
    return DatabaseDesk(
        application.slug,
        application.application.folder,
        client=client,
        user=user,
        session_key=session_key,
        followers=_followers,
    )


def look_at_layouts_soon() -> None:
    """Look at the database before the next poll is due: another instance says that a layout has changed."""
    if _watch is not None:
        _watch.wake()


def make_store() -> SessionStore:
    """Return the store the settings ask for."""
    settings = get_settings()
    if not settings.keeps_sessions_outside:
        return MemoryStore(max_sessions=settings.max_sessions)
    accept_pickles(_pickle_keys() if settings.store_pickle else ())
    if settings.store:
        make: Callable[[], SessionStore] = import_string(settings.store)
        return make()
    from streamsync_django.stores.redis import RedisStore

    return RedisStore(settings.redis_url, prefix=settings.key_prefix)


def _pickle_keys() -> list[bytes]:
    """Return what stored pickles are signed with: the secret key, and the ones before it to read older ones."""
    secrets = [django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac("streamsync_django.store_pickle", "", secret, algorithm="sha256").digest()
        for secret in secrets
    ]


@contextmanager
def around_handlers(session: LiveSession) -> Iterator[None]:
    """Make a handler's surroundings those of a request: language, time zone, database connections.

    Language and time zone end with the context that the executor gives each run. A coroutine's queries, and all else
    that `sync_to_async` runs, get a thread of this run's: asgiref would use one for the whole process, where they
    wait for each other and nobody closes connections.
    """
    if time.monotonic() - getattr(_thread, "checked_at", 0.0) > CONNECTIONS_ARE_FRESH_SECONDS:
        release_connections()
    language, zone = session.info.get("language"), session.info.get("timezone")
    if language is not None:
        translation.activate(language)
    if zone is not None:
        timezone.activate(zone)
    sensitive = ThreadSensitiveContext()
    SyncToAsync.thread_sensitive_context.set(sensitive)
    try:
        yield
    finally:
        release_connections()
        _thread.checked_at = time.monotonic()
        executor = SyncToAsync.context_to_thread_executor.pop(sensitive, None)
        if executor is not None:
            executor.submit(connections.close_all)
            executor.shutdown(wait=False)


@receiver(file_changed)
def hold_off_restart(*, file_path: Path, **_: object) -> bool:
    """Keep Django's development server from restarting for a file whose change is taken in place."""
    if not get_settings().reload:
        return False
    folders = [folder_of_location(location) for location in application_locations().values()]
    return any(folder is not None and reloads_in_place(Path(file_path), folder) for folder in folders)


@receiver(layout_published)
def _take_layout(**_: object) -> None:
    """Show what was published in this process at once; other processes see it at their next look."""
    if _watch is not None:
        _watch.look()


@receiver(draft_edited)
def _take_edit(*, slug: str, edit: Edit, **_: object) -> None:
    """Tell the windows that edit the same draft; where the site is being developed, write ui.json and show it."""
    _followers.note(slug, edit.version)
    folder = (
        folder_of_location(application_locations().get(slug, "")) if get_settings().write_layouts else None
    )
    if folder is not None:
        write_draft(slug, folder)
    if _watch is not None and django_settings.DEBUG:
        _watch.look()


@receiver(setting_changed)
def _forget(*, setting: str, **_: object) -> None:
    global _registry, _reloader, _watch, _store
    if setting in ("STREAMSYNC", "INSTALLED_APPS"):
        for thread in (_reloader, _watch):
            if thread is not None:
                thread.close()
        _registry = _reloader = _watch = None
        _store = None
