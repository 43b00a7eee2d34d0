"""The demo site, where little may be sent at once."""

from project.settings import *  # noqa: F403
from project.settings import STREAMSYNC

STREAMSYNC = {**STREAMSYNC, "MAX_MESSAGES_PER_SECOND": 40, "MAX_FRAME_BYTES": 10_000}
