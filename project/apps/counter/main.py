"""Counter: the smallest application, a button and the number it has counted."""

import streamsync_django as ss

ss.init_state({"count": 0})


def increment(state):
    state["count"] += 1
