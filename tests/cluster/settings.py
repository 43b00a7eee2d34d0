"""Settings of the instances under test: the demo site as in production, steered by CLUSTER_SETTINGS (JSON)."""

import json
import os

from project.settings import *  # noqa: F403
from project.settings import BASE_DIR, CHANNEL_LAYERS, REDIS_URL, SECRET_KEY
from project.settings import STREAMSYNC as DEMO_STREAMSYNC

__all__ = ["SECRET_KEY"]

#: What every visitor's request names; as behind a load balancer, no instance's own address.
SITE = "cluster.test"

DEBUG = False
ALLOWED_HOSTS = [SITE]
SECURE_PROXY_SSL_HEADER = None
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = False
STREAMSYNC = {
    **DEMO_STREAMSYNC,
    "APPS": {
        "lab": str(BASE_DIR / "tests" / "apps" / "cluster_lab"),
        "release": str(BASE_DIR / "tests" / "apps" / "cluster_release"),
    },
    "RELOAD": False,
    **({"REDIS_URL": REDIS_URL} if REDIS_URL else {}),
    **json.loads(os.environ.get("CLUSTER_SETTINGS", "{}")),
}
if layer := os.environ.get("CLUSTER_LAYER"):
    CHANNEL_LAYERS = {"default": {**CHANNEL_LAYERS["default"], "BACKEND": layer}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
