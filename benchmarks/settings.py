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
if os.environ.get("STREAMSYNC_BENCH_TABLES"):
    STREAMSYNC["APPS"] = {"tables": str(Path(__file__).parent / "table_app")}
