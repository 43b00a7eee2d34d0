"""Pigeons: what the original demo's layout expects of a main.py, with data of our own.

The layout itself is not ours and not here: a test copies it beside this file from the folder that
STREAMSYNC_TEST_LAYOUTS names.
"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

import streamsync_django as ss

ROLES = ["leader", "developer", "data expert", "designer", "security expert"]
COLOURS = ["grey", "white", "blue", "brown"]
NAMES = [
    "Ada", "Basil", "Cleo", "Dot", "Edgar", "Fern", "Gus", "Hazel", "Ivo", "Juno",
    "Kit", "Luna", "Milo", "Nell", "Otto", "Pip", "Quill", "Rosa", "Sol", "Tilly",
]  # fmt: skip

STORY = """Every morning at six the flock meets on the roof of the old exchange.

Ada reads the weather aloud, Basil hands out crumbs, and then they go to work: the whole town's network\
 runs through the cables below, and somebody has to keep the cats away from it."""


def _make_pigeons():
    random = np.random.default_rng(2012)
    length = random.normal(30, 2.4, len(NAMES)).clip(25, 35)
    return pd.DataFrame(
        {
            "name": NAMES,
            "role": random.choice(ROLES, len(NAMES)),
            "feather_color": random.choice(COLOURS, len(NAMES)),
            "length_cm": length.round(1),
            "weight_g": (length * 14.5 + random.normal(0, 30, len(NAMES))).clip(300, 600).round(),
        }
    ).set_index("name")


PIGEONS = _make_pigeons()


def update(state):
    """Bring everything that depends on the two sliders up to date."""
    chosen = PIGEONS[
        (PIGEONS["length_cm"] >= state["filter"]["min_length"])
        & (PIGEONS["weight_g"] >= state["filter"]["min_weight"])
    ]
    state["main_df"] = chosen
    _update_metrics(state, chosen)
    state["role_chart"] = _role_chart(chosen)
    state["scatter_chart"] = _scatter_chart(chosen)


def handle_timer_tick(state):
    names = PIGEONS.sample(5).index
    state["random_df"] = pd.DataFrame({"pgcf": np.random.default_rng().random(5).round(4)}, index=names)


def handle_story_download(state):
    state.file_download(ss.pack_bytes(state["story"]["text"].encode(), "text/plain"), "story.txt")


def _update_metrics(state, pigeons):
    metrics = state["metrics"]
    if pigeons.empty:
        for name in ("average_weight", "average_length", "average_bmi", "diversity"):
            metrics[name], metrics[f"{name}_note"] = 0, "No pigeons"
        return
    weight, length = pigeons["weight_g"].mean(), pigeons["length_cm"].mean()
    bmi = (pigeons["weight_g"] / 1000 / (pigeons["length_cm"] / 100) ** 2).mean()
    diversity = pigeons["role"].nunique() / len(ROLES)
    metrics["average_weight"], metrics["average_weight_note"] = round(weight), _verdict(weight < 450)
    metrics["average_length"], metrics["average_length_note"] = round(length), _verdict(length < 32)
    metrics["average_bmi"], metrics["average_bmi_note"] = round(bmi, 2), _verdict(bmi < 5)
    metrics["diversity"], metrics["diversity_note"] = round(diversity, 1), _verdict(diversity > 0.5)


def _verdict(is_fine):
    return "+Acceptable" if is_fine else "-Worth a look"


def _role_chart(pigeons):
    counts = pigeons["role"].value_counts()
    figure = go.Figure(go.Bar(x=counts.index, y=counts, marker={"color": "#2fa0c6"}))
    return figure.update_layout(xaxis_title="role", yaxis_title="pigeons")


def _scatter_chart(pigeons):
    figure = go.Figure()
    for role, members in pigeons.groupby("role"):
        figure.add_scatter(x=members["length_cm"], y=members["weight_g"], name=role, mode="markers")
    return figure.update_layout(xaxis_title="length in cm", yaxis_title="weight in g")


initial_state = ss.init_state(
    {
        "filter": {"min_length": 25, "min_weight": 300},
        "metrics": {},
        "hue_rotation": 180,
        "story": {"text": STORY},
        "highlighted_members": {
            "ada": {"name": "Ada", "role": "leader", "specialty": "reading clouds"},
            "dot": {"name": "Dot", "role": "developer", "specialty": "very small programs"},
            "quill": {"name": "Quill", "role": "designer", "specialty": "feathered edges"},
        },
    }
)
update(initial_state)
handle_timer_tick(initial_state)
