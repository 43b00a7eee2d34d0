import os

import polars as pl

import streamsync_django as ss

ROWS = int(os.environ.get("TEST_ROWS", 1_000_000))
CITIES = ("Ärhus", "paris", "Λάρισα", "東京", "Paris", "القاهرة")


def make():
    number = pl.int_range(ROWS, eager=True)
    columns = {"id": number, "city": pl.Series(CITIES).gather(number % len(CITIES))}
    columns |= {f"price {n}": (number * (37 + n) % 100_003) / 100 for n in range(8)}
    columns |= {f"count {n}": number * (41 + n) % 99_991 for n in range(6)}
    columns |= {f"name {n}": "name " + (number * (43 + n) % 99_989).cast(pl.String) for n in range(4)}
    return pl.DataFrame(columns)


MADE = make()

ss.init_state({"table": None, "last": "nothing yet"})


def load(state):
    state["table"] = ss.EditableDataFrame(MADE)


def load_other(state):
    state["table"] = ss.EditableDataFrame(MADE.with_columns(pl.col("id") + 1))


def load_few(state):
    state["table"] = ss.EditableDataFrame(MADE.head(60))


def update(state, payload):
    state["table"].record_update(payload)
    state["last"] = f"updated {payload['record_index']} to {payload['record']['city']}"


def act(state, payload):
    state["last"] = f"{payload['action']} {payload['record_index']}"
