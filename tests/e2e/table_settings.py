"""The demo site with an application that shows a table of a million rows."""

from project.settings import *  # noqa: F403
from project.settings import BASE_DIR, STREAMSYNC

STREAMSYNC = {**STREAMSYNC, "APPS": {"million": str(BASE_DIR / "tests" / "apps" / "million")}}
