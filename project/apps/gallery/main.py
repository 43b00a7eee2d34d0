"""Gallery: every component and each of its fields, filled, emptied and changed from Python."""

import json

from examples import BOUND_FILLINGS, CATALOGUE, EXAMPLES, FILLINGS, first_fields

import streamsync_django as ss

#: How many of its last events a component shows.
REMEMBERED = 3
INSPECTED = {"name": "", "type": "", "fields": {}}

ss.init_state(
    {
        "fields": {type_: first_fields(definition) for type_, definition in CATALOGUE.items()},
        "values": {type_: example.value for type_, example in EXAMPLES.items()},
        "events": dict.fromkeys(EXAMPLES, "none yet"),
        "_told": {type_: [] for type_ in EXAMPLES},
        "chosen": dict.fromkeys(EXAMPLES, "first"),
        "inspected": INSPECTED,
        "counter": {"count": 3, "step": 1, "told": "nothing yet"},
    }
)


def echo(state, payload, context):
    """Write down what came, as this function saw it; the newest stands first."""
    type_ = _type_of(context)
    told = state["_told"][type_]
    told.insert(0, f"{context['event']} {_told(payload)}")
    del told[REMEMBERED:]
    state["events"][type_] = "\n".join(told)


def set_values(state, payload, context):
    """Give a component other values: an example's, or the same nothing in all of its fields."""
    type_ = _type_of(context)
    example = EXAMPLES[type_]
    fields = state["fields"][type_]
    if payload == "disabled":
        fields["isDisabled"] = "yes"
    elif payload in FILLINGS:
        for name in _general(type_):
            fields[name] = FILLINGS[payload]
        state["values"][type_] = FILLINGS[payload]
    else:
        for name, content in first_fields(CATALOGUE[type_]).items():
            fields[name] = content
        state["values"][type_] = example.value
        if payload == "changed":
            for name, content in example.changed.items():
                fields[name] = content
            state["values"][type_] = example.changed_value
        elif payload in BOUND_FILLINGS:
            state["values"][type_] = BOUND_FILLINGS[payload]


def inspect(state, payload):
    """List the fields of a type, each to be edited."""
    definition = CATALOGUE.get(payload or "")
    if definition is None:
        state["inspected"] = INSPECTED
        return
    contents = state["fields"][payload]
    state["inspected"] = {
        "type": payload,
        "name": definition.name,
        "fields": {
            name: {"label": field.label, "content": _as_text(contents[name])}
            for name, field in definition.fields.items()
        },
    }


def edit_field(state, payload, context):
    """Let the component show what was typed for one of its fields."""
    state["fields"][state["inspected"]["type"]][context["fieldName"]] = payload


def tell_counter(state, payload):
    state["counter"]["told"] = f"{payload!r}"


def _type_of(context):
    """Return the type that a component is about: ids are `demo-<type>` and `set-<type>`, or `root`."""
    return context["target"].rpartition("-")[2]


def _general(type_):
    return [name for name, field in CATALOGUE[type_].fields.items() if field.group == "general"]


def _as_text(content):
    if content is None or isinstance(content, str):
        return content or ""
    try:
        return json.dumps(content, ensure_ascii=False)
    except TypeError:
        return f"a {type(content).__name__}"


def _told(payload):
    """Return a payload as Python writes it, with bytes and long texts shortened."""
    if isinstance(payload, bytes):
        return f"{len(payload)} bytes"
    if isinstance(payload, dict):
        return "{" + ", ".join(f"{key!r}: {_told(value)}" for key, value in payload.items()) + "}"
    if isinstance(payload, list):
        return "[" + ", ".join(_told(item) for item in payload) + "]"
    return repr(payload)[:500]
