"""System checks: what is wrong with the settings or the installation, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - the name that Django gives it
from django.utils.module_loading import import_string

from streamsync_django.conf import get_settings, unknown_names, wrong_type
from streamsync_django.core.errors import ApplicationError
from streamsync_django.permissions import ACTIONS, problem_of
from streamsync_django.runtime.loader import locate
from streamsync_django.views import front_end_is_built


@register()
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that STREAMSYNC holds known names with values that fit."""
    given = getattr(settings, "STREAMSYNC", {})
    if not isinstance(given, dict):
        return [
            Error("STREAMSYNC is not a dict.", hint='Write STREAMSYNC = {"APPS": {…}}.', id="streamsync.E001")
        ]
    unknown = set(unknown_names(given))
    found: list[CheckMessage] = [
        Warning(
            f"STREAMSYNC has no setting {name!r}.",
            hint="See docs/settings.md for the names.",
            id="streamsync.W001",
        )
        for name in sorted(unknown)
    ]
    for name, value in given.items():
        wanted = None if name in unknown else wrong_type(name.lower(), value)
        if wanted is not None:
            message = f"STREAMSYNC[{name!r}] is {value!r}."
            found.append(Error(message, hint=f"It has to be {wanted}.", id="streamsync.E002"))
    return found


@register()
def check_applications(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that each application named in the settings is where it is said to be."""
    found: list[CheckMessage] = []
    for slug, location in get_settings().apps.items():
        try:
            locate(location)
        except ApplicationError as error:
            hint = "Name a package, or a folder, that has a main.py and a ui.json."
            found.append(Error(f"STREAMSYNC application {slug!r}: {error}", hint=hint, id="streamsync.E003"))
    place = get_settings().working_directory
    if place and place not in get_settings().apps:
        hint = "Name one of the applications in APPS."
        found.append(Error(f"STREAMSYNC['WORKING_DIRECTORY'] is {place!r}.", hint=hint, id="streamsync.E006"))
    return found


@register()
def check_redis(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that REDIS_URL can be used; whether the server answers is the doctor's question."""
    url = get_settings().redis_url
    if not url:
        return []
    try:
        from streamsync_django.stores.redis.address import parse
    except ImportError as error:
        hint = "Install streamsync_django[redis], or leave REDIS_URL empty for sessions in one process."
        return [Error(f"STREAMSYNC['REDIS_URL'] is set: {error}.", hint=hint, id="streamsync.E007")]
    try:
        parse(url)
    except ValueError as error:  # without the address, which may hold a password
        hint = "Write redis://host:6379/0, or redis+sentinel://host:26379,host:26379/mymaster/0."
        message = f"STREAMSYNC['REDIS_URL'] cannot be used: {error}."
        return [Error(message, hint=hint, id="streamsync.E007")]
    return []


@register()
def check_store(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that a site's own store can be made; whether it answers is the doctor's question."""
    path = get_settings().store
    if not path:
        return []
    problem = None
    try:
        if not callable(import_string(path)):
            problem = f"{path} cannot be called"
    except Exception as error:  # noqa: BLE001 (a module fails as it will while it is imported)
        problem = f"{type(error).__name__}: {error}"
    if get_settings().redis_url:
        problem = "REDIS_URL names a store too; only one of them can have the sessions"
    if problem is None:
        return []
    hint = "Name a class or function that returns the store, as in 'shop.stores.SessionStore'; see docs/deployment.md."
    return [Error(f"STREAMSYNC['STORE'] is {path!r}: {problem}.", hint=hint, id="streamsync.E008")]


@register()
def check_metrics(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that what METRICS_TOKEN asks for can be served."""
    if not get_settings().metrics_token or find_spec("prometheus_client") is not None:
        return []
    hint = "pip install streamsync_django[metrics], or leave METRICS_TOKEN empty."
    message = "STREAMSYNC['METRICS_TOKEN'] is set, and prometheus-client is not installed."
    return [Warning(message, hint=hint, id="streamsync.W004")]


@register()
def check_access(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the rules of ACCESS can be followed; one that cannot lets nobody in."""
    found: list[CheckMessage] = []
    for slug, entry in get_settings().access.items():
        rules = entry if isinstance(entry, Mapping) else {"open": entry}
        for action, rule in rules.items():
            problem = problem_of(rule) if action in ACTIONS else f"there is no action {action!r}"
            if problem is not None:
                message = f"STREAMSYNC['ACCESS'][{slug!r}]: {rule!r}: {problem}."
                found.append(Error(message, hint="See docs/permissions.md.", id="streamsync.E005"))
    return found


@register(Tags.staticfiles)
def check_front_end(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the browser's part has been built."""
    if front_end_is_built():
        return []
    hint = "In a checkout run `make build`; an installed package brings it along."
    return [Warning("The front end of streamsync_django is not built.", hint=hint, id="streamsync.W002")]


@register(Tags.compatibility)
def check_server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that sockets can be served, and that one process is not taken for many."""
    found: list[CheckMessage] = []
    if not getattr(settings, "ASGI_APPLICATION", None):
        hint = (
            'Set ASGI_APPLICATION = "yourproject.asgi.application" and put "daphne" first in INSTALLED_APPS.'
        )
        found.append(Error("Live pages need an ASGI application.", hint=hint, id="streamsync.E004"))
    if not settings.DEBUG and not get_settings().keeps_sessions_outside:
        hint = 'Set STREAMSYNC["REDIS_URL"] to serve from several processes, or keep to exactly one.'
        message = "Sessions are kept in this process only: they end with it, and no other process has them."
        found.append(Warning(message, hint=hint, id="streamsync.W003"))
    return found
