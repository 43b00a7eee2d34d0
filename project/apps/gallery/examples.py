"""What the gallery shows of each component type: how it looks at first, and what "Changed" makes of it."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from streamsync_django.core.catalogue import ComponentDefinition, load_catalogue


@dataclass(frozen=True, slots=True)
class Example:
    """Contents of fields, and the bound value of an input."""

    first: dict[str, Any] = field(default_factory=dict)
    """Fields at first; the others begin with what the Builder writes into a new component."""
    changed: dict[str, Any] = field(default_factory=dict)
    value: Any = None
    changed_value: Any = None


CATALOGUE = load_catalogue()

TABLE = pd.DataFrame(
    {
        "city": ["Lisbon", "Graz", "Bergen", "Turin", "Malmö"],
        "visitors": [1204, 877, 640, 1510, 322],
        "growth": [0.12, -0.034, 0.081, 0.4, -0.2],
        "opened": pd.to_datetime(["2019-04-01", "2020-09-15", "2021-01-30", "2018-06-11", "2023-11-05"]),
    }
)
FIGURE = {
    "data": [
        {"type": "bar", "name": "2024", "x": ["Spring", "Summer", "Autumn", "Winter"], "y": [22, 35, 29, 12]},
        {"type": "bar", "name": "2025", "x": ["Spring", "Summer", "Autumn", "Winter"], "y": [25, 31, 33, 18]},
    ],
    "layout": {"title": {"text": "Orders by season"}},
}
VEGA = {
    "data": {
        "values": [{"a": name, "b": height} for name, height in zip("ABCD", (28, 55, 43, 91), strict=True)]
    },
    "mark": "bar",
    "encoding": {
        "x": {"field": "a", "type": "nominal", "title": "Group"},
        "y": {"field": "b", "type": "quantitative", "title": "Amount"},
    },
    "width": "container",
}
OPTIONS = {"pine": "Pine", "oak": "Oak", "birch": "Birch", "larch": "Larch"}
FEWER = {"pine": "Scots pine", "elm": "Elm"}
TALK = [
    {"role": "assistant", "content": "Good morning! What would you like to know?"},
    {"role": "user", "content": "How many orders are open?"},
    {
        "role": "assistant",
        "content": "**Twelve**, of which two are late.",
        "actions": [
            {"name": "Show them", "data": "late", "subheading": "Orders", "desc": "The two late ones"}
        ],
    },
]
PLACE = {"lat": "52.373", "lng": "4.893", "zoom": "11"}


EXAMPLES: dict[str, Example] = {
    "root": Example(changed={"accentColor": "#b3261e"}),
    "page": Example(changed={"pageMode": "wide"}),
    "sidebar": Example(changed={"sidebarBackgroundColor": "#eef3ff"}),
    "section": Example({"title": "A section"}, {"title": "Another title", "isCollapsible": "yes"}),
    "header": Example({"text": "Quarterly report"}, {"text": "Yearly report"}),
    "columns": Example({}, {"cssClasses": "changed"}),
    "column": Example({"title": "First column"}, {"title": "Wider column", "width": "2"}),
    "tabs": Example({}, {"accentColor": "#b3261e"}),
    "tab": Example({"name": "Overview"}, {"name": "Summary"}),
    "horizontalstack": Example({}, {"contentHAlign": "center"}),
    "separator": Example({}, {"separatorColor": "#b3261e"}),
    "steps": Example({}, {"accentColor": "#b3261e"}),
    "step": Example({"name": "Address"}, {"name": "Delivery address", "isCompleted": "yes"}),
    "text": Example(
        {"text": "Plain words, *emphasis* and `code`.", "useMarkdown": "yes"}, {"text": "Changed **words**."}
    ),
    "heading": Example({"text": "What we found"}, {"text": "What we found next", "headingType": "h3"}),
    "dataframe": Example(
        {
            "dataframe": TABLE,
            "enableSearch": "yes",
            "enableRecordAdd": "yes",
            "enableRecordUpdate": "yes",
            "enableDownload": "yes",
        },
        {"dataframe": TABLE.head(2)},
    ),
    "image": Example(
        {"src": "static/harbour.svg", "caption": "A harbour in the evening", "maxWidth": "480"},
        {"caption": "The same harbour"},
    ),
    "vegalitechart": Example({"spec": VEGA}, {"spec": {**VEGA, "mark": "line"}}),
    "plotlygraph": Example({"spec": FIGURE}, {"spec": {**FIGURE, "data": FIGURE["data"][:1]}}),
    "metric": Example(
        {
            "name": "Orders",
            "metricValue": "1,284",
            "description": "this month",
            "note": "+8 % against October",
        },
        {"metricValue": "1,022", "note": "-20 % against October"},
    ),
    "message": Example({"message": "+Saved two minutes ago"}, {"message": "-The disk is full"}),
    "videoplayer": Example({"src": "static/drops.webm", "muted": "yes"}, {"loop": "yes"}),
    "icon": Example({"icon": "search", "size": "32"}, {"icon": "home"}),
    "link": Example({"url": "#layout", "text": "To the layout page"}, {"text": "Elsewhere", "url": "#embed"}),
    "chatbot": Example(
        {"conversation": TALK, "useMarkdown": "yes"}, {"conversation": TALK[:2], "enableFileUpload": "single"}
    ),
    "tags": Example({"tags": {"wood": "Wood", "steel": "Steel"}}, {"tags": {"glass": "Glass"}}),
    "avatar": Example({"name": "Ada Byron", "caption": "Analyst"}, {"name": "Grace Murray"}),
    "annotatedtext": Example({}, {"text": [["Changed", "verb"], " text"]}),
    "jsonviewer": Example(
        {"initialDepth": "1", "copy": "yes"}, {"data": {"changed": [1, 2, 3]}, "initialDepth": "-1"}
    ),
    "progressbar": Example(
        {"label": "Copying", "value": "0.4", "displayPercentage": "yes"}, {"value": "0.75"}
    ),
    "textinput": Example({"label": "Name", "placeholder": "As in the passport"}, {}, "Ada", "Grace"),
    "textareainput": Example({"label": "Notes", "rows": "3"}, {}, "First line\nSecond line", "One line"),
    "numberinput": Example({"label": "Guests", "minValue": "0", "maxValue": "12"}, {}, 2, 7),
    "sliderinput": Example({"label": "Volume"}, {}, 30, 80),
    "dateinput": Example({"label": "Arrival"}, {}, "2026-03-01", "2026-04-15"),
    "radioinput": Example({"label": "Wood", "options": OPTIONS}, {}, "pine", "oak"),
    "checkboxinput": Example({"label": "Woods", "options": OPTIONS}, {}, ["pine"], ["oak", "larch"]),
    "dropdowninput": Example({"label": "Wood", "options": OPTIONS}, {}, "pine", "oak"),
    "fileinput": Example({"label": "Attachment", "allowMultipleFiles": "yes"}, {"label": "Other attachment"}),
    "selectinput": Example({"label": "Wood", "options": OPTIONS}, {}, "pine", "oak"),
    "multiselectinput": Example({"label": "Woods", "options": OPTIONS}, {}, ["pine"], ["oak", "larch"]),
    "ratinginput": Example({"label": "How was it?"}, {}, 3, 5),
    "switchinput": Example({"label": "Notifications"}, {}, True, False),
    "colorinput": Example({"label": "Colour"}, {}, "#4f6bed", "#2a9d6f"),
    "timeinput": Example({"label": "Departure"}, {}, "08:30", "17:45"),
    "rangeinput": Example({"label": "Price"}, {}, [20, 60], [35, 80]),
    "pdf": Example({"source": "static/two-pages.pdf"}, {"page": "2"}),
    "iframe": Example({"src": "static/embedded.html"}, {"src": "static/embedded.html?again"}),
    "googlemaps": Example(PLACE, {"zoom": "3"}),
    "mapbox": Example(PLACE, {"zoom": "3"}),
    "button": Example({"text": "Save", "icon": "save"}, {"text": "Save again"}),
    "html": Example({"htmlInside": "Written as <b>HTML</b>."}, {"htmlInside": "Other <i>HTML</i>."}),
    "repeater": Example(
        {"repeaterObject": {"a": {"desc": "Option A"}, "b": {"desc": "Option B"}}},
        {"repeaterObject": {"a": {"desc": "Changed A"}, "c": {"desc": "Option C"}}},
    ),
    "timer": Example({"intervalMs": "500", "isActive": "no"}, {"isActive": "yes"}),
    "webcamcapture": Example({}, {"buttonColor": "#b3261e"}),
    "pagination": Example(
        {"totalItems": "120", "pageSizeOptions": "10,20,50", "jumpTo": "yes"}, {"page": "4"}
    ),
    "reuse": Example({"proxyId": "reused"}, {"proxyId": "reused-too"}),
}

#: What nobody would write on purpose; a page with it goes on.
WRONG = '<img src=x onerror="alert(1)">{[broken'

#: What "Values" offers besides the examples: the content of every general field and of the binding.
FILLINGS: dict[str, Any] = {
    "none": None,
    "zero": 0,
    "empty": "",
    "empty-list": [],
    "wrong": WRONG,
    "long": "long " * 20_000,
}

#: The same for the value of an input alone.
BOUND_FILLINGS: dict[str, Any] = {"value-none": None, "value-zero": 0, "value-empty": ""}


def first_fields(definition: ComponentDefinition) -> dict[str, Any]:
    """Return every field of a type with what the gallery shows at first."""
    example = EXAMPLES[definition.type]
    return {name: example.first.get(name, field.init or "") for name, field in definition.fields.items()}
