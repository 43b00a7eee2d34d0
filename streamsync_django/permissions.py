"""Who may do what with an application: one function, asked at every door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, Literal, get_args

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, load_backend
from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from streamsync_django.conf import get_settings
from streamsync_django.connections import release_connections

_logger = logging.getLogger(__name__)

Action = Literal["open", "edit", "publish", "code", "logs", "sessions"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

EVERYONE: Final = "everyone"
LOGIN: Final = "login"
STAFF: Final = "staff"
#: The entry of ACCESS for applications without one of their own.
ANY_APPLICATION: Final = "*"

#: What counts where the settings say nothing.
DEFAULTS: Final[Mapping[Action, str]] = {
    "open": EVERYONE,
    "edit": "streamsync_django.edit_layout",
    "publish": "streamsync_django.publish_layout",
    "code": "streamsync_django.edit_code",
    "logs": "streamsync_django.see_logs",
    "sessions": "streamsync_django.manage_sessions",
}


def may_open(user: Any, slug: str) -> bool:
    """Tell whether a user, or somebody anonymous, may open an application."""
    return may(user, "open", slug)


def sees_logs(user: Any, slug: str) -> bool:
    """Tell whether a user's page shows what the application prints and fails with; while debugging, all do."""
    return settings.DEBUG or may(user, "logs", slug)


def may(user: Any, action: Action, slug: str) -> bool:
    """Tell whether a user may do something with an application; a rule that fails says no."""
    user = AnonymousUser() if user is None else user
    if action == "code" and not get_settings().edit_code:
        return False
    rule = rule_for(action, slug)
    try:
        return _follows(rule, user, slug)
    except Exception:  # a rule may be anybody's code: whatever is wrong with it, it lets nobody in
        _logger.exception("the rule %r for %s of %s failed, and so refuses", rule, action, slug)
        return False


def rule_for(action: Action, slug: str) -> object:
    """Return the rule in force: the application's own, the one for all, or the default."""
    access = get_settings().access
    for name in (slug, ANY_APPLICATION):
        entry = access.get(name)
        if isinstance(entry, Mapping):
            if action in entry:
                return entry[action]
        elif entry is not None and action == "open":
            return entry
    return DEFAULTS[action]


def needs_checking(user: Any, slug: str) -> bool:
    """Tell whether a connection has to be asked who it is: not where everyone is let in, and anonymously."""
    return rule_for("open", slug) != EVERYONE or (user is not None and bool(user.is_authenticated))


def problem_of(rule: object) -> str | None:
    """Return what is wrong with a rule of the settings, or None."""
    if callable(rule) or rule in (EVERYONE, LOGIN, STAFF) or (isinstance(rule, str) and _is_permission(rule)):
        return None
    if not isinstance(rule, str):
        return "it has to be text or a function"
    try:
        return None if callable(import_string(rule)) else "it is not a function"
    except ImportError as error:
        return f"it is neither {EVERYONE!r}, {LOGIN!r}, {STAFF!r}, a permission of an installed app, nor importable: {error}"


def current_user(session_key: str | None, user: Any) -> Any:
    """Return the user of a connection as the database has them now, or None once they are logged out.

    Somebody anonymous stays so. The session is only read: renewing its hash is left to requests, which can
    set the cookie that goes with it. May be called from any thread.
    """
    if user is None or not user.is_authenticated:
        return AnonymousUser()
    try:
        session: Any = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        backend = session.get(BACKEND_SESSION_KEY)
        if session.get(SESSION_KEY) != user._meta.pk.value_to_string(user) or not backend:
            return None
        if backend not in settings.AUTHENTICATION_BACKENDS:
            return None
        now = load_backend(backend).get_user(user.pk)
        return now if now is not None and _fits(now, session.get(HASH_SESSION_KEY, "")) else None
    finally:
        release_connections()


def may_stay(session_key: str | None, user: Any, slug: str) -> bool:
    """Tell whether a connection that was let in would be let in again; while nobody can tell, it stays."""
    try:
        now = current_user(session_key, user)
        return now is not None and may_open(now, slug)
    except Error as error:
        _logger.warning("connections to %s could not be checked again: %s", slug, error)
        return True
    finally:
        release_connections()


def still_sees_logs(session_key: str | None, user: Any, slug: str) -> bool:
    """Tell whether a connection may be shown the log, as things stand now; while nobody can tell, it may not."""
    if settings.DEBUG:
        return True
    try:
        now = current_user(session_key, user)
        return now is not None and sees_logs(now, slug)
    except Error:
        return False
    finally:
        release_connections()


def _follows(rule: object, user: Any, slug: str) -> bool:
    if rule == EVERYONE:
        return True
    if rule == LOGIN:
        return bool(user.is_authenticated and user.is_active)
    if rule == STAFF:
        return bool(user.is_active and getattr(user, "is_staff", False))
    if isinstance(rule, str) and _is_permission(rule):
        return _has_permission(user, rule, slug)
    function: Callable[[Any, str], object] = import_string(rule) if isinstance(rule, str) else rule  # type: ignore[assignment]
    return bool(function(user, slug))


def _has_permission(user: Any, permission: str, slug: str) -> bool:
    """Ask for the permission in general, then for this application: some backends know it per object."""
    if user.has_perm(permission):
        return True
    if not user.is_active or settings.AUTHENTICATION_BACKENDS == [
        "django.contrib.auth.backends.ModelBackend"
    ]:
        return False
    from streamsync_django.models import Application

    application = Application.objects.filter(slug=slug).first()
    return application is not None and bool(user.has_perm(permission, application))


def _is_permission(rule: str) -> bool:
    label, dot, name = rule.partition(".")
    return bool(dot) and "." not in name and label in apps.app_configs


def _fits(user: Any, session_hash: str) -> bool:
    if not hasattr(user, "get_session_auth_hash"):
        return True
    hashes = [user.get_session_auth_hash()]
    if hasattr(user, "get_session_auth_fallback_hash"):
        hashes += user.get_session_auth_fallback_hash()
    return any(constant_time_compare(session_hash, each) for each in hashes)
