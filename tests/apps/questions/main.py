"""Questions, whose page is made by code: for everybody at the start, and for one visitor by handlers."""

import writer as wf
from writer.auth import Oidc
from writer.ui import WriterUIManager


def add_question(state, ui: WriterUIManager):
    state["count"] += 1
    number = str(state["count"])
    with ui.find("list"):
        with ui.ColumnContainer(id=f"row-{number}"):
            with ui.Column():
                ui.TextInput({"label": f"Question {number}"}, binding={"wf-change": f"answers.{number}"})
            with ui.Column():
                ui.Button({"text": f"Like {number}"}, handlers={"wf-click": like})


def like(state, context):
    state["likes"] += 1


def clear(state, ui):
    with ui.refresh_with("list"):
        ui.Text({"text": "Nothing was asked yet"})


def log_in():
    Oidc(client_id="1", client_secret="2")


wf.init_state({"count": 0, "likes": 0, "answers": {}})

with wf.init_ui() as ui:
    with ui.Page({"key": "about"}, id="about"):
        ui.Heading({"text": "Made by code"})
    with ui.find("p1"):
        ui.Text({"text": "@{likes} likes"})
