"""Settings of the demo site: complete on one laptop, steered by environment variables elsewhere.

| variable                   | meaning                                                  | default            |
|----------------------------|----------------------------------------------------------|--------------------|
| REDIS_URL                  | sessions and channel layer in Redis, or behind Sentinel  | in this process    |
| SECRET_KEY                 | must be set when debugging is off                        | a development key  |
| STREAMSYNC_DEMO_DEBUG      | 0 switches debugging off                                 | 1                  |
| STREAMSYNC_DEMO_HOSTS      | host names, separated by commas                          | this machine only  |
| STREAMSYNC_DEMO_ORIGINS    | trusted origins (https://…), separated by commas         | none               |
| STREAMSYNC_DEMO_DATABASE   | path of the SQLite file                                  | db.sqlite3         |
| STREAMSYNC_DEMO_EXTRA_APPS | more applications: slug=folder, separated by commas      | none               |
"""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _listed(variable: str) -> list[str]:
    """Return the comma-separated items of an environment variable."""
    return [item.strip() for item in os.environ.get(variable, "").split(",") if item.strip()]


DEBUG = os.environ.get("STREAMSYNC_DEMO_DEBUG", "1") != "0"
SECRET_KEY = os.environ.get("SECRET_KEY", "development-only-" * 4 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("STREAMSYNC_DEMO_DEBUG is 0: set SECRET_KEY to a long random text.")

ALLOWED_HOSTS = _listed("STREAMSYNC_DEMO_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = _listed("STREAMSYNC_DEMO_ORIGINS")

INSTALLED_APPS = [
    "daphne",  # first: it makes runserver speak WebSocket
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "streamsync_django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "project.security.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("STREAMSYNC_DEMO_DATABASE", str(BASE_DIR / "db.sqlite3")),
        "OPTIONS": {
            # Writers take turns from their first statement on instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "timeout": 10,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STREAMSYNC: dict[str, Any] = {
    "APPS": {
        "hello": "project.apps.hello",
        "counter": "project.apps.counter",
        "gallery": "project.apps.gallery",
        **dict(pair.split("=", 1) for pair in _listed("STREAMSYNC_DEMO_EXTRA_APPS")),
    },
}

CHANNEL_LAYERS: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}
if REDIS_URL := os.environ.get("REDIS_URL"):
    from streamsync_django.stores.redis.address import channel_layer_host

    STREAMSYNC["REDIS_URL"] = REDIS_URL
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [channel_layer_host(REDIS_URL)]},
    }

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "project" / "static"]

SECURE_REFERRER_POLICY = "same-origin"
# The gallery's IFrame shows a page of the site's own.
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_SAMESITE = "Lax"
if not DEBUG:
    # A proxy in front speaks TLS and says so; it must overwrite this header of its clients.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# What handlers print is INFO, which Python's logging leaves out unless it is asked for.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"streamsync_django.application": {"handlers": ["console"], "level": "INFO"}},
}
