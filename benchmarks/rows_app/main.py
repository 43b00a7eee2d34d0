"""A repeater of 1,000 rows with four components each; a click changes one row in the middle."""

import streamsync_django as ss

ss.init_state(
    {"rows": {f"r{n}": {"name": f"Row {n}", "count": n, "share": n / 1000} for n in range(1000)}, "clicks": 0}
)


def change_one(state):
    state["clicks"] += 1
    state["rows"]["r500"]["count"] += 1
