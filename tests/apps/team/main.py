"""A team, as an application of later Writer Framework was written: schema, properties, editable table."""

import actions
import writer as wf
from writer.core import EditableDataFrame, State

CALLS = []


class Budget(State):
    total: int
    spent: int

    @wf.property(["total", "spent"])
    def left(self):
        return self.total - self.spent


class Team(wf.WriterState):
    budget: Budget
    history: list

    @wf.property("members")
    def summary(self):
        return f"{len(self['members'].df)} people"


def update_member(state: Team, payload):
    state["members"].record_update(payload)


def add_member(state: Team, payload):
    state["members"].record_add(payload)


def spent(state, context, payload):
    state["history"] += [[context["mutation"], payload["previous_value"], payload["new_value"]]]


async def ask(state, session):
    state["asked_by"] = wf.get_session().session_id == session["id"]


@wf.middleware()
def count_calls(state, context):
    CALLS.append(context["target"])
    yield
    state["calls"] = len(CALLS)


wf.init_handlers(actions)

initial_state = wf.init_state(
    {
        "budget": {"total": 100, "spent": 0},
        "members": EditableDataFrame([{"name": "Ada", "age": 36}]),
        "history": [],
    },
    schema=Team,
)
initial_state.subscribe_mutation("budget.spent", spent)
