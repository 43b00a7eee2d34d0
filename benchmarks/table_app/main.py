"""A table of 1,000,000 x 20, in the initial state of nobody: a click loads it."""

import polars as pl

import streamsync_django as ss

ROWS = 1_000_000
CITIES = ("Ärhus", "paris", "Λάρισα", "東京", "Paris", "القاهرة")


def _make():
    number = pl.int_range(ROWS, eager=True)
    columns = {"id": number, "city": pl.Series(CITIES).gather(number % len(CITIES))}
    columns |= {f"price {n}": (number * (37 + n) % 100_003) / 100 for n in range(8)}
    columns |= {f"count {n}": number * (41 + n) % 99_991 for n in range(6)}
    columns |= {f"name {n}": "name " + (number * (43 + n) % 99_989).cast(pl.String) for n in range(4)}
    return pl.DataFrame(columns)


_POLARS = _make()
_MADE = {"polars": _POLARS, "pyarrow": _POLARS.to_arrow(), "pandas": _POLARS.to_pandas()}

ss.init_state({"table": None})


def load_polars(state):
    state["table"] = _MADE["polars"]


def load_pyarrow(state):
    state["table"] = _MADE["pyarrow"]


def load_pandas(state):
    state["table"] = _MADE["pandas"]
