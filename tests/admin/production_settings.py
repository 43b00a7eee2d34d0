"""The demo site as visitors have it: what is published, and not, as while debugging, the draft."""

from project.settings import *  # noqa: F403 (settings are a list of names)

DEBUG = False
ROOT_URLCONF = "tests.admin.production_urls"
