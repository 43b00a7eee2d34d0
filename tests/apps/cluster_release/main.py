"""An application of which each release, and each process, begins with another state."""

import os
import random

import streamsync_django as ss

RELEASE = os.environ.get("CLUSTER_RELEASE", "1")

ss.init_state({"release": RELEASE, "lucky": random.random(), "count": 0, "only": {f"in{RELEASE}": True}})


def increment(state):
    state["count"] += 1
