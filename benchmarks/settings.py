"""The demo site's settings, as a measured server has them: production's, and no limit on what one browser sends."""

import os

os.environ.setdefault("STREAMSYNC_DEMO_DEBUG", "0")
os.environ.setdefault("SECRET_KEY", "only-for-measuring-" * 3)

from pathlib import Path

from project.settings import *  # noqa: F403 (a variant of those settings)
from project.settings import STREAMSYNC as DEMO_STREAMSYNC

ASGI_APPLICATION = "benchmarks.asgi.application"
#: One session clicks as fast as it is answered, far beyond what a person or the default limit would do.
STREAMSYNC = {**DEMO_STREAMSYNC, "MAX_MESSAGES_PER_SECOND": 1_000_000}
# A browser measures pages: their files have hashed names and are compressed, as behind a proxy.
STATIC_ROOT = os.environ.get("STREAMSYNC_BENCH_STATIC")
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
if STATIC_ROOT:
    STREAMSYNC["APPS"] = {**DEMO_STREAMSYNC["APPS"], "rows": str(Path(__file__).parent / "rows_app")}
else:
    del STORAGES
if os.environ.get("STREAMSYNC_BENCH_TABLES"):
    STREAMSYNC["APPS"] = {"tables": str(Path(__file__).parent / "table_app")}
