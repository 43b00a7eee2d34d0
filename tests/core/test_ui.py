"""Components that code makes: the methods, the rules, the layers."""

import threading

import pytest

from streamsync_django.core.application import Application, init_ui, loading
from streamsync_django.core.catalogue import load_catalogue
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.core.ui import UIError, UserInterface

LAYOUT = ComponentTree.from_records(
    {
        "root": {"id": "root", "type": "root"},
        "page": {"id": "page", "type": "page", "parentId": "root", "position": 0, "content": {"key": "main"}},
        "box": {"id": "box", "type": "section", "parentId": "page", "position": 0},
        "title": {"id": "title", "type": "text", "parentId": "box", "position": 0},
    }
)


def increment(state):
    state["count"] += 1


def _hidden():
    pass


@pytest.fixture
def application():
    return Application("shop", None, layout=LAYOUT)


@pytest.fixture
def ui(application):
    return UserInterface(lambda: LAYOUT, application.expose)


def test_a_method_per_component_type_by_its_display_name(ui):
    for definition in load_catalogue().values():
        assert callable(getattr(ui, definition.name.replace(" ", "")))
    assert {"Text", "ColumnContainer", "HTMLElement", "ReuseComponent"} <= set(dir(ui))
    with pytest.raises(AttributeError, match="create_component"):
        ui.NoSuchThing()


def test_containers_take_what_is_made_inside_them(ui):
    with ui.find("box"):
        with ui.ColumnContainer() as columns, ui.Column() as column:
            text = ui.Text({"text": "Hello"})
        last = ui.Button({"text": "Go"})
    tree = ui.component_tree
    assert tree[text.id].parent_id == column.id
    assert tree[column.id].parent_id == columns.id
    assert [child.id for child in tree.children("box")] == ["title", columns.id, last.id]
    assert tree[last.id].position == 1
    assert tree[text.id].is_code_managed
    assert text.content == {"text": "Hello"}


def test_content_becomes_text(ui):
    with ui.find("box"):
        made = ui.DataFrame({"enableSearch": True, "wrapText": "no"}, id="table")
        chosen = ui.SelectInput({"options": {"a": "A"}, "label": 3, "placeholder": None})
    assert made.content == {"enableSearch": "yes", "wrapText": "no"}
    assert chosen.content == {"options": '{"a": "A"}', "label": "3"}


def test_handlers_are_functions_or_names(ui, application):
    with ui.find("box"):
        made = ui.Button({}, handlers={"ss-click": increment}, id="b")
        named = ui.Button({}, handlers={"wf-click": "increment"})
    tree = ui.component_tree
    assert tree[made.id].handlers["ss-click"] == "test_ui.increment"
    assert application.handlers["test_ui.increment"].function is increment
    assert tree[named.id].handlers == {"ss-click": "increment"}


@pytest.mark.parametrize("function", [_hidden, lambda: None, print])
def test_a_function_without_a_name_for_it_is_refused(ui, function):
    with pytest.raises(UIError), ui.find("box"):
        ui.Button({}, handlers={"ss-click": function})


def test_bindings_and_visibility(ui):
    with ui.find("box"):
        made = ui.TextInput({}, binding={"wf-change": "name"}, visible="is_open", id="i")
    component = ui.component_tree[made.id]
    assert (component.binding.event_type, component.binding.state_ref) == ("ss-change", "name")
    assert (component.visibility.kind, component.visibility.expression) == ("custom", "is_open")
    with pytest.raises(UIError, match="one binding"), ui.find("box"):
        ui.TextInput({}, binding={"ss-change": "a", "ss-change-finish": "b"})


def test_pages_get_a_key(ui):
    page = ui.Page()
    assert (page.id, page.content["key"], page.parentId) == ("cmc-page-1", "cmc-page-1", "root")
    assert ui.Page({"key": "mine"}, id="p").content == {"key": "mine"}


def test_positions(ui):
    with ui.Page(id="p"):
        assert ui.Sidebar().position == -2
        assert ui.Text().position == 0
        assert ui.Text(position=7).position == 7
        assert ui.Text().position == 8


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda ui: ui.Text({}), "inside of a container"),
        (lambda ui: ui.Section({}), "may not be placed in 'root'"),
        (lambda ui: ui.Text({}, parentId="title"), "may not be placed in 'title'"),
        (lambda ui: ui.Text({}, parentId="nowhere"), "there is no component 'nowhere'"),
        (lambda ui: ui.Column({}, parentId="box"), "may not be placed in 'box'"),
        (lambda ui: ui.create_component("buton", parentId="box"), "did you mean 'button'"),
        (lambda ui: ui.Section({}, parentId="box", id="box"), "inside itself"),
        (lambda ui: ui.Text({}, parentId="box", id=""), "not empty"),
        (lambda ui: ui.Text({}, parentId="box", visible=3), "visible"),
        (lambda ui: ui.find("nobody"), "there is no component 'nobody'"),
        (lambda ui: ui.delete_component("title"), "Builder"),
        (lambda ui: ui.parent("title", 0), "level"),
        (lambda ui: ui.find("title").__enter__(), "holds no components"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_named(ui, make, problem):
    with pytest.raises(LayoutError, match=problem):
        make(ui)
    assert ui.component_tree == LAYOUT


def test_an_id_is_taken_once_in_a_layer_and_may_hide_one_below(ui):
    with ui.find("box"):
        ui.Heading({"text": "New"}, id="title")
        with pytest.raises(UIError, match="already"):
            ui.Text({}, id="title")
    assert ui.component_tree["title"].type == "heading"
    assert LAYOUT["title"].type == "text"


def test_custom_components_are_made_by_their_type(ui):
    with ui.find("box"):
        assert ui.create_component("custom_map", {"zoom": 3}).type == "custom_map"


def test_ancestors(ui):
    assert [ui.parent("title"), ui.parent("title", 2), ui.parent("title", 3), ui.parent("title", 4)] == [
        "box",
        "page",
        "root",
        None,
    ]
    assert ui.root.id == "root"


def test_refreshing_clears_what_code_made_and_keeps_the_rest(ui):
    with ui.find("box"), ui.Section():
        old = ui.Text()
    with ui.refresh_with("box"):
        new = ui.Text()
    assert [child.id for child in ui.component_tree.children("box")] == ["title", new.id]
    assert old.id not in ui.component_tree
    assert new.id != old.id, "an event of the page drawn before must not reach another component"


def test_a_session_lies_over_the_application_which_lies_over_the_layout(application):
    with application.ui.find("box"):
        shared = application.ui.Text(id="shared")
    tree = application.over(LAYOUT)
    first, second = (UserInterface(lambda: tree, application.expose) for _ in range(2))
    with first.refresh_with("box"):
        own = first.Text()
    assert own.id in first.component_tree
    assert shared.id not in first.component_tree
    assert shared.id in second.component_tree
    assert own.id not in second.component_tree
    assert shared.id not in LAYOUT


def test_what_has_lost_its_parent_in_a_newer_layout_is_left_out(application):
    with application.ui.find("box"), application.ui.Section():
        application.ui.Text()
    without_box = {key: record for key, record in LAYOUT.to_records().items() if key not in ("box", "title")}
    smaller = ComponentTree.from_records(without_box)
    assert application.over(smaller) == smaller


def test_browsers_see_what_was_made_once_it_is_published(ui):
    with ui.find("box"):
        made = ui.Text()
    assert made.id not in ui.published_tree
    assert ui.has_news
    assert ui.publish()
    assert made.id in ui.published_tree
    assert not ui.publish()


def test_what_is_open_in_one_thread_is_not_in_another(ui):
    failures = []

    def make():
        try:
            ui.Text()
        except UIError as error:
            failures.append(error)

    with ui.find("box"):
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
    assert len(failures) == 1


def test_equal_code_makes_equal_layouts_on_every_instance():
    revisions = set()
    for _ in range(2):
        application = Application("shop", None, layout=LAYOUT)
        with application.ui.Page():
            application.ui.Text({"text": "Hello"})
        revisions.add(application.over(LAYOUT).revision)
    assert len(revisions) == 1


def test_init_ui_belongs_to_a_main_py(application):
    with pytest.raises(ApplicationError):
        init_ui()
    token = loading.set(application)
    try:
        with init_ui() as ui, ui.Page(id="extra"):
            ui.Text()
    finally:
        loading.reset(token)
    assert "extra" in application.over(LAYOUT)
