"""The demo site, where a reloaded page goes on with its session."""

from project.settings import *  # noqa: F403
from project.settings import STREAMSYNC

STREAMSYNC = {**STREAMSYNC, "RESUME_ON_RELOAD": True}
