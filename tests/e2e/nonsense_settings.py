"""The demo site with debugging off, so that visitors are no developers, except of one application."""

from project.settings import *  # noqa: F403
from project.settings import STREAMSYNC

DEBUG = False
ROOT_URLCONF = "tests.e2e.nonsense_urls"
STREAMSYNC = {**STREAMSYNC, "ACCESS": {"developed": {"logs": "everyone"}}}
