"""What tests on several instances need: quick, long, slow, appending, flooding and random handlers."""

import json
import random
import time

import streamsync_django as ss

ss.init_state(
    {
        "count": 0,
        "progress": 0,
        "long_done": 0,
        "slow_done": 0,
        "rows": [],
        "flood": "",
        "text": "",
        "tree": {"a": 1, "b": {"c": [1, 2], "d": "x"}},
        "dump": "",
    }
)
shared = ss.shared_state({"total": 0})


def increment(state):
    state["count"] += 1


def tell(state):
    """Count, and say so in a message."""
    state["count"] += 1
    state.add_notification("info", f"number {state['count']}", "")


def announce(payload):
    """Push to every session, as often as the payload says."""
    for number in range(int(payload)):
        ss.push("lab", "take_announcement", number)


def take_announcement(state, payload):
    state["rows"].append(payload)


def add_to_total(payload):
    """Add to what all share, one by one, as often as the payload says."""

    def add_one(shared):
        shared["total"] += 1

    for _ in range(int(payload)):
        shared.update(add_one)


def run_long(state):
    """Take four seconds, and say all the time how far it is."""
    for step in range(1, 41):
        state["progress"] = step
        time.sleep(0.1)
    state["long_done"] += 1


def run_slowly(state):
    time.sleep(3)
    state["slow_done"] += 1


def append_row(state):
    state["rows"].append(len(state["rows"]))


def flood(state, payload):
    """Emit as many updates of 10 KiB as the payload says."""
    padding = "x" * 10_240
    for step in range(1, int(payload) + 1):
        state["flood"] = f"{step} {padding}"
        state.flush()


def fill(state, payload):
    """Grow the state by as many KiB as the payload says."""
    state["text"] = "x" * (1024 * int(payload))


def mutate(state, payload):
    """Change the tree by a program of random steps that its seed alone decides."""
    seed, steps = json.loads(payload)
    draw = random.Random(seed)
    for _ in range(steps):
        _step(state["tree"], draw)


def dump(state):
    """Show what Python sees."""
    seen = {key: _plain(state[key]) for key in ("count", "rows", "tree")}
    state["dump"] = json.dumps(seen, sort_keys=True)


def _step(node, draw):
    keys = list(node)
    while keys and draw.random() < 0.5:
        inner = node[draw.choice(keys)]
        if not isinstance(inner, dict):
            break
        node, keys = inner, list(inner)
    key = draw.choice(("a", "b", "c", "d.e", "f g"))
    old = node[key]
    match draw.randrange(7):
        case 0:
            del node[key]
        case 1:
            node[key] = {draw.choice("abc"): draw.randrange(100)}
        case 2:
            node[key] = [draw.randrange(10) for _ in range(draw.randrange(4))]
        case 3 | 4 if isinstance(old, list):
            old.append(draw.randrange(10))
        case 5 if isinstance(old, list) and old:
            old.pop(draw.randrange(len(old)))
        case _:
            node[key] = draw.choice((None, True, 0, 1.5, "ünïcode", draw.randrange(1000)))


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
