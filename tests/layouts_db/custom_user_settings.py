"""The demo site's settings with a user model of its own, keyed by UUID."""

import os

from project.settings import *  # noqa: F403 (settings are a list of names)
from project.settings import INSTALLED_APPS as DEMO_APPS

INSTALLED_APPS = [*DEMO_APPS, "tests.layouts_db.custom_user"]
AUTH_USER_MODEL = "custom_user.Member"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("STREAMSYNC_TEST_FILE", ":memory:"),
    }
}
