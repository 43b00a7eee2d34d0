"""The demo site with one more page, which frames applications."""

from project.settings import *  # noqa: F403 (settings are a list of names)

ROOT_URLCONF = "tests.admin.embedding_urls"
X_FRAME_OPTIONS = "DENY"
