import ast
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from streamsync_django.core.catalogue import (
    Catalogue,
    ComponentDefinition,
    load_catalogue,
    read_definition,
)
from streamsync_django.core.errors import CatalogueError

CATALOGUE = load_catalogue()

FIRST_USE_BY_MANY_THREADS = """
import sys, threading
from streamsync_django.core.catalogue import load_catalogue
sys.setswitchinterval(1e-7)
ready = threading.Barrier(32)
def load():
    ready.wait()
    load_catalogue()
threads = [threading.Thread(target=load) for _ in range(32)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""

#: Event names that never had a prefix; everything else a component sends begins with ss-.
UNPREFIXED = ("plotly-", "gmap-", "mapbox-")


def definition(**changes: object) -> str:
    base = {"type": "custom_gauge", "name": "Gauge", "category": "Other", "description": "A gauge."}
    return json.dumps(base | changes)


def test_every_public_component_type_has_a_file() -> None:
    assert len(CATALOGUE) == 57
    assert {"root", "page", "button", "repeater", "reuse", "progressbar"} <= set(CATALOGUE)
    assert "note" not in CATALOGUE


def test_the_catalogue_is_read_once() -> None:
    assert load_catalogue() is CATALOGUE


@pytest.mark.parametrize("component", CATALOGUE.values(), ids=lambda each: each.type)
class TestEachDefinition:
    def test_names_only_known_types_as_parents_and_children(self, component: ComponentDefinition) -> None:
        assert set(component.allowed_parents) - {"*"} <= set(CATALOGUE)
        assert set(component.allowed_children) - {"*", "inherit"} <= set(CATALOGUE)

    def test_explains_itself(self, component: ComponentDefinition) -> None:
        assert component.description.endswith(".")
        assert all(event.description.endswith(".") for event in component.events.values())
        assert all(
            not field.description or field.description.endswith(".") for field in component.fields.values()
        )

    def test_leaves_colours_to_the_look(self, component: ComponentDefinition) -> None:
        assert [
            key for key, field in component.fields.items() if field.type == "color" and field.default
        ] == []

    def test_has_defaults_that_its_own_types_understand(self, component: ComponentDefinition) -> None:
        for field in component.fields.values():
            for text in filter(None, (field.default, field.init)):
                if field.type in ("object", "keyValue"):
                    json.loads(text)
                elif field.type == "number":
                    float(text)
                elif field.type == "boolean":
                    assert text in ("yes", "no")
                elif field.options:
                    assert text in field.options

    def test_says_in_which_releases_a_deprecated_field_was(self, component: ComponentDefinition) -> None:
        assert all(field.deprecated == bool(field.versions) for field in component.fields.values())

    def test_has_events_with_canonical_names(self, component: ComponentDefinition) -> None:
        assert all(name.startswith(("ss-", *UNPREFIXED)) for name in component.events)

    def test_binds_at_most_one_event(self, component: ComponentDefinition) -> None:
        bindable = [name for name, event in component.events.items() if event.bindable]
        assert bindable == ([component.bindable_event] if component.bindable_event else [])

    def test_has_stubs_that_are_handlers(self, component: ComponentDefinition) -> None:
        for event in component.events.values():
            (function,) = ast.parse(event.stub).body
            assert isinstance(function, ast.FunctionDef)
            assert not function.name.startswith("_")
            wanted = {argument.arg for argument in function.args.args}
            assert wanted <= {"state", "payload"}
            assert ("payload" in wanted) == (event.payload not in ("none", "click"))


def test_events_that_pile_up_are_marked_latest() -> None:
    marked = {
        (component.type, name): event.queue
        for component in CATALOGUE.values()
        for name, event in component.events.items()
    }
    assert {name for (_, name), queue in marked.items() if queue == "latest"} == {
        "ss-change",
        "ss-number-change",
        "ss-range-change",
        "ss-tick",
        "ss-webcam",
    }
    assert marked["button", "ss-click"] == marked["textinput", "ss-change-finish"] == "all"


def test_sixteen_types_can_be_bound() -> None:
    bound = {component.type for component in CATALOGUE.values() if component.bindable_event}
    assert len(bound) == 16
    assert CATALOGUE["fileinput"].bindable_event == "ss-file-change"
    assert CATALOGUE["chatbot"].bindable_event is None


def test_shared_style_fields_become_css_variables() -> None:
    page = CATALOGUE["page"].fields
    assert page["accentColor"].css_variable
    assert not page["cssClasses"].css_variable
    assert CATALOGUE["sidebar"].fields["sidebarBackgroundColor"].css_variable


def test_fields_of_old_releases_stay() -> None:
    assert CATALOGUE["section"].fields["snapMode"].deprecated
    assert CATALOGUE["column"].fields["verticalAlignment"].versions == "≤0.2.8"
    assert not CATALOGUE["column"].fields["contentVAlign"].deprecated


def test_checks_become_bounds() -> None:
    assert (CATALOGUE["googlemaps"].fields["lat"].min, CATALOGUE["googlemaps"].fields["lat"].max) == (-90, 90)
    assert CATALOGUE["ratinginput"].fields["valueStep"].min == 0.25


def test_a_page_key_is_no_template() -> None:
    assert not CATALOGUE["page"].fields["key"].is_template
    assert CATALOGUE["page"].fields["pageMode"].is_template


def test_an_unknown_type_is_answered_with_the_nearest() -> None:
    with pytest.raises(CatalogueError) as caught:
        CATALOGUE["buton"]
    assert str(caught.value) == "there is no component type 'buton'; did you mean 'button'?"
    assert CATALOGUE.get("buton") is None
    assert "buton" not in CATALOGUE


@pytest.mark.parametrize(
    ("child", "chain", "expected"),
    [
        ("root", [], True),
        ("page", [], False),
        ("page", ["root"], True),
        ("button", ["root"], False),
        ("button", ["page", "root"], True),
        ("page", ["section", "page", "root"], False),
        ("root", ["section", "page", "root"], False),
        ("button", ["button", "page", "root"], False),
        ("sidebar", ["page", "root"], True),
        ("sidebar", ["section", "page", "root"], False),
        ("column", ["columns", "page", "root"], True),
        ("column", ["page", "root"], False),
        ("separator", ["columns", "page", "root"], True),
        ("text", ["columns", "page", "root"], False),
        ("tab", ["repeater", "tabs", "page", "root"], True),
        ("tab", ["repeater", "repeater", "tabs", "page", "root"], True),
        ("step", ["repeater", "tabs", "page", "root"], False),
        ("text", ["repeater", "page", "root"], True),
        ("text", ["repeater", "columns", "page", "root"], False),
        ("text", ["repeater", "repeater"], False),
        ("custom_gauge", ["page", "root"], True),
        ("custom_gauge", ["root"], False),
        ("text", ["custom_gauge", "page", "root"], True),
        ("nonsense", ["page", "root"], False),
        ("text", ["nonsense", "root"], False),
    ],
)
def test_a_component_fits_where_both_sides_allow_it(child: str, chain: list[str], expected: bool) -> None:
    assert CATALOGUE.fits(child, chain) is expected


def test_many_threads_may_be_the_first_to_read_it() -> None:
    processes = [
        subprocess.Popen([sys.executable, "-X", "faulthandler", "-c", FIRST_USE_BY_MANY_THREADS])
        for _ in range(6)
    ]
    assert [process.wait(60) for process in processes] == [0] * len(processes)


def test_the_shape_of_every_struct_is_learned_while_its_module_loads() -> None:
    """Two threads that are the first to use a struct crash the interpreter (msgspec 0.22)."""
    package = Path(str(files("streamsync_django")))
    calls = [
        (file.relative_to(package), node)
        for file in sorted(package.rglob("*.py"))
        if "node_modules" not in file.parts
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    late = [
        f"{file}:{call.lineno}"
        for file, call in calls
        if call.func.attr == "Decoder"
        or (call.func.attr == "decode" and any(k.arg == "type" for k in call.keywords))
    ]
    assert calls
    assert late == []


def test_custom_types_extend_the_catalogue_and_leave_the_first_alone() -> None:
    gauge = read_definition(definition(allowedParents=["section"], allowedChildren=["text"]), "gauge.json")
    extended = CATALOGUE.extended([gauge])

    assert extended["custom_gauge"] is gauge
    assert gauge.is_custom
    assert gauge.is_container
    assert len(extended) == 58
    assert "custom_gauge" not in CATALOGUE
    assert extended.fits("text", ["custom_gauge", "section"])
    assert not extended.fits("button", ["custom_gauge", "section"])
    assert not extended.fits("custom_gauge", ["page"])


def test_a_builtin_type_cannot_be_redefined() -> None:
    with pytest.raises(
        CatalogueError, match="button: `type` of a custom component must begin with 'custom_'"
    ):
        CATALOGUE.extended([CATALOGUE["button"]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "gauge.json: this is not JSON"),
        ("[" * 100_000, "gauge.json: this is not JSON"),
        ("[]", "gauge.json: Expected `object`, got `array`"),
        ("{}", "gauge.json: Object missing required field `type`"),
        (definition(colour="red"), "gauge.json: Object contains unknown field `colour`"),
        (definition(positionless="no"), "gauge.json: Expected `bool`, got `str` at `positionless`"),
        (
            definition(fields={"level": {"label": "Level", "type": "numeric"}}),
            "gauge.json: `fields.level`: Invalid enum value 'numeric' at `type`, expected one of text, number",
        ),
        (
            definition(events={"turned": {"payload": "number"}}),
            "gauge.json: `events.turned`: Object missing required field `queue`",
        ),
        (
            definition(events={"wf-turned": {"payload": "number", "queue": "latest"}}),
            "gauge.json: `events.wf-turned`: events begin with ss-, expected 'ss-turned'",
        ),
        (definition(previewField="level"), "gauge.json: `previewField` must be one of the fields"),
        (
            definition(fields={"level": {"label": "Level", "type": "number", "min": 2, "max": 1}}),
            "gauge.json: `fields.level`: `min` must not be above `max`",
        ),
        (b"\xff", "gauge.json: this is not JSON"),
    ],
)
def test_a_wrong_definition_is_told_by_file_key_and_what_was_expected(
    text: str | bytes, message: str
) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_definition(text, "gauge.json")
    assert str(caught.value).startswith(message)


def test_the_schema_lists_what_the_types_list() -> None:
    """People write definitions with the schema, the package reads them with its types."""
    schema = json.loads((files("streamsync_django") / "catalogue" / "schema.json").read_text())
    parts = {
        "ComponentDefinition": schema,
        "FieldDefinition": schema["$defs"]["field"],
        "EventDefinition": schema["$defs"]["event"],
    }
    _, own = msgspec.json.schema_components([ComponentDefinition])
    for name, described in parts.items():
        assert set(described["properties"]) == set(own[name]["properties"]), name
        assert set(described["required"]) == set(own[name]["required"]), name
        for key, value in described["properties"].items():
            if "enum" in value and key != "control":
                listed = own[name]["properties"][key]
                allowed = listed.get("enum") or listed["anyOf"][0]["enum"]
                assert set(value["enum"]) == set(allowed) - {None}, (name, key)


def test_an_empty_catalogue_holds_nothing() -> None:
    empty = Catalogue([])
    assert len(empty) == 0
    assert not empty.fits("text", ["page"])
