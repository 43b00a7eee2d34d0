"""Orders, as an application of early Streamsync was written: dicts, self-assignment, files, pages."""

import streamsync as ss
import suppliers
from streamsync.core import StreamsyncState, session_manager

print("Orders are open")


def _total(state: StreamsyncState):
    return sum(row["price"] * row["count"] for row in state["orders"])


def update(state):
    state["total"] = _total(state)


def add_order(state, payload):
    state["orders"] += [suppliers.order(state["form"]["name"], state["form"]["count"])]
    state["form"] = {"name": "", "count": 1}
    update(state)


def set_count(state, payload):
    state["form"]["count"] = int(payload)
    print("Payload: " + repr(payload))


def more(state, context):
    row = state["orders"][context["itemId"]]
    row["count"] += 1
    state["orders"] = state["orders"]
    state["last"] = [context["item"]["name"], context["target"], context["event"]]
    update(state)


def download(state):
    text = "\n".join(row["name"] for row in state["orders"])
    state.file_download(ss.pack_bytes(text.encode(), mime_type="text/plain"), "orders.txt")
    state.add_notification("success", "Done", "The orders are in a file.")


def broken(state):
    state["total"] = -1
    raise RuntimeError("the printer is on fire")


def show_session(state, session):
    state["who"] = session["cookies"].get("shop_user")
    state["_secret"] = session["id"]
    state.set_page("done")


def _not_banned(cookies, headers):
    return cookies.get("shop_user") != "mallory"


session_manager.add_verifier(_not_banned)

ss.init_state(
    {
        "orders": [suppliers.order("Tea", 2)],
        "form": {"name": "", "count": 1},
        "logo": ss.pack_file("static/logo.svg", mime_type="image/svg+xml"),
        "_secret": None,
        "total": 0,
    }
)
update(ss.initial_state)
