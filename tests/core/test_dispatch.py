"""One event: checked against the layout, bound, and handed to its handler."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.core.dispatch import Outcome
from streamsync_django.core.errors import HandlerCancelled, SessionLost
from streamsync_django.core.files import FileWrapper, pack_file
from streamsync_django.core.handlers import Handler
from tests.stage import Stage, binding, component

OK = Outcome("ok")


def counting(state: Any) -> None:
    state["count"] += 1


def button(id: str = "button", handler: str = "counting", **more: Any) -> dict[str, Any]:
    return component(id, "button", handlers={"ss-click": handler}, **more)


def counter(*components: Any, **state: Any) -> Stage:
    return Stage(*(components or (button(),)), state={"count": 0, **state}, handlers={"counting": counting})


# What may be triggered


def test_an_event_calls_the_handler_that_the_layout_names() -> None:
    stage = counter()
    assert stage.send("button") == OK
    assert stage.state["count"] == 1


REFUSED: list[tuple[str, Any, str]] = [
    ("a component that does not exist", [("root", 0), ("page", 0), ("forged", 0)], "event.unknown-component"),
    ("a wrong parent", [("root", 0), ("button", 0)], "event.target"),
    ("a path that does not begin at the root", [("page", 0), ("button", 0)], "event.target"),
    ("no path", [], "event.target"),
    ("a parent twice", [("root", 0), ("page", 0), ("page", 0), ("button", 0)], "event.target"),
]


@pytest.mark.parametrize(("target", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_forged_path_is_refused(target: Any, code: str) -> None:
    stage = counter()
    outcome = stage.send("button", target=target)
    assert outcome.status == "rejected"
    assert (outcome.message or "").startswith(code)
    assert stage.state["count"] == 0
    assert "Event refused" in [entry.title for entry in stage.log]


def test_an_event_type_that_nobody_declared_is_refused() -> None:
    stage = counter()
    outcome = stage.send("button", "ss-forged")
    assert (outcome.message or "").startswith("event.unknown-type")
    assert stage.state["count"] == 0


def test_an_event_of_the_type_without_handler_or_binding_is_fine_and_does_nothing() -> None:
    stage = counter(component("button", "button"))
    assert stage.send("button") == OK
    assert stage.state["count"] == 0


def test_the_message_cannot_name_a_handler() -> None:
    stage = counter(component("button", "button"))
    assert stage.send("button", "counting").status == "rejected"
    assert stage.send("button", payload={"handler": "counting"}).status != "failed"
    assert stage.state["count"] == 0


@pytest.mark.parametrize("name", ["_hidden", "module._hidden", "missing", "__init__"])
def test_a_hidden_or_missing_function_never_runs_even_if_the_layout_names_it(name: str) -> None:
    ran: list[int] = []

    def hidden() -> None:
        ran.append(1)

    stage = Stage(button(handler=name))
    if name != "missing":
        stage.application.handlers[name] = Handler.of(name, hidden)
    outcome = stage.send("button")
    assert (outcome.message or "").startswith("event.unknown-handler")
    assert ran == []


def test_what_the_browser_does_by_itself_has_no_handler_here() -> None:
    assert Stage(button(handler="$goToPage_other")).send("button") == OK


@pytest.mark.parametrize(
    "visible",
    [
        False,
        {"expression": False, "binding": "", "reversed": False},
        {"expression": "custom", "binding": "shown", "reversed": False},
        {"expression": "custom", "binding": "other", "reversed": True},
    ],
)
def test_hidden_components_are_stale_and_so_is_all_inside(visible: Any) -> None:
    stage = counter(
        button(visible=visible),
        component("section", "section", visible=visible),
        button("inner", parent="section") if False else {**button("inner"), "parentId": "section"},
        shown=0,
        other=1,
    )
    assert stage.send("button").status == "stale"
    assert stage.send("inner").status == "stale"
    assert stage.state["count"] == 0
    assert stage.log == []


def test_a_disabled_button_is_stale() -> None:
    stage = counter(button(content={"isDisabled": "@{locked}"}), locked="yes")
    assert stage.send("button").status == "stale"
    stage.state["locked"] = "no"
    assert stage.send("button") == OK
    assert stage.state["count"] == 1


def test_what_an_old_layout_drew_is_stale_rather_than_forged() -> None:
    stage = counter()
    path = [("root", 0), ("page", 0), ("removed", 0)]
    assert stage.send("button", target=path, layout="an older one").status == "stale"
    moved = [("root", 0), ("button", 0)]
    assert stage.send("button", target=moved, layout="an older one").status == "stale"


# Payloads and bindings


def test_a_payload_that_does_not_fit_runs_nothing() -> None:
    slider = component(
        "slider",
        "sliderinput",
        content={"minValue": "0", "maxValue": "10"},
        binding=binding("ss-number-change", "value"),
        handlers={"ss-number-change": "counting"},
    )
    stage = counter(slider, value=5)
    for forged in (11, -1, "7", [], {"a": 1}, True):
        assert stage.send("slider", "ss-number-change", forged).status == "rejected"
    assert (stage.state["value"], stage.state["count"]) == (5, 0)


def test_a_binding_is_written_before_the_handler_of_the_same_event_runs() -> None:
    seen = []

    def look(state: Any, payload: Any) -> None:
        seen.append((state["name"], payload))

    field = component(
        "field", "textinput", binding=binding("ss-change", "name"), handlers={"ss-change": "look"}
    )
    stage = Stage(field, state={"name": ""}, handlers={"look": look})
    assert stage.send("field", "ss-change", "Ada") == OK
    assert seen == [("Ada", "Ada")]


def test_a_binding_answers_to_its_own_event_only() -> None:
    field = component("field", "textinput", binding=binding("ss-change", "name"))
    stage = Stage(field, state={"name": ""})
    assert stage.send("field", "ss-change-finish", "Ada") == OK
    assert stage.state["name"] == ""


@pytest.mark.parametrize("reference", ["_secret", "user._secret", "__class__", "count.deeper", "text.x"])
def test_a_binding_never_writes_what_is_private_or_has_no_parts(reference: str) -> None:
    field = component(
        "field", "textinput", binding=binding("ss-change", reference), handlers={"ss-change": "counting"}
    )
    stage = counter(field, user={}, _secret="old", text="text")
    assert stage.send("field", "ss-change", "new").status == "failed"
    assert stage.state == {"count": 0, "user": {}, "_secret": "old", "text": "text"}
    assert stage.log[-1].title == "Binding failed"


# What happens in a handler


def test_arguments_come_by_name() -> None:
    seen: dict[str, Any] = {}

    def handler(session: Any, state: Any, context: Any, payload: Any, user: Any, mine: int = 5) -> None:
        seen.update(session=session, state=state, context=context, payload=payload, user=user, mine=mine)

    stage = Stage(button(handler="handler"), handlers={"handler": handler})
    assert stage.send("button", session={"id": "s"}, user="ada") == OK
    assert seen["state"] is stage.state
    assert (seen["session"], seen["user"], seen["mine"]) == ({"id": "s"}, "ada", 5)
    assert seen["context"]["target"] == "button"


def test_a_parameter_nobody_gives_fails_with_the_names_there_are() -> None:
    def handler(satte: Any) -> None: ...

    stage = Stage(button(handler="handler"), handlers={"handler": handler})
    assert stage.send("button").status == "failed"
    assert "'satte'" in stage.log[-1].message
    assert "state, payload, context" in stage.log[-1].message


@pytest.mark.parametrize(
    "error", [ValueError("broken"), SystemExit(1), asyncio.CancelledError(), RecursionError()]
)
def test_an_exception_is_logged_with_its_traceback_and_earlier_mutations_are_kept(
    error: BaseException,
) -> None:
    def handler(state: Any) -> None:
        state["before"] = 1
        raise error

    stage = Stage(button(handler="handler"), handlers={"handler": handler})
    outcome = stage.send("button")
    assert outcome.status == "failed"
    assert "broken" not in (outcome.message or "")
    assert stage.page.sent() == {"set": {"before": 1}}
    assert stage.log[-1].kind == "error"
    assert "in handler" in (stage.log[-1].traceback or "")


def test_sys_exit_ends_the_handler_only() -> None:
    stage = Stage(button(handler="leave"), handlers={"leave": lambda: sys.exit(3)})
    assert stage.send("button").status == "failed"


def test_a_generator_sends_at_each_yield() -> None:
    seen = []

    def handler(state: Any) -> Iterator[None]:
        for number in range(3):
            state["progress"] = number
            yield
            seen.append(stage.page.seen())
        state["progress"] = "done"

    stage = Stage(button(handler="handler"), handlers={"handler": handler})
    assert stage.send("button") == OK
    assert seen == [{"set": {"progress": number}} for number in range(3)]
    assert stage.page.sent() == {"set": {"progress": "done"}}


def test_async_handlers_and_async_generators_run_to_their_end() -> None:
    async def handler(state: Any) -> None:
        await asyncio.sleep(0)
        state["async"] = True

    async def steps(state: Any) -> AsyncIterator[None]:
        for number in range(2):
            state["step"] = number
            yield
        await asyncio.sleep(0)

    stage = Stage(
        button("one", "handler"), button("two", "steps"), handlers={"handler": handler, "steps": steps}
    )
    assert stage.send("one") == OK
    assert stage.send("two") == OK
    assert stage.flushes == 2
    assert stage.state == {"async": True, "step": 1}


def test_a_cancelled_handler_ends_as_interrupted_and_a_lost_session_ends_it_all() -> None:
    def cancelled() -> None:
        raise HandlerCancelled("cancelled")

    def lost() -> None:
        raise SessionLost("lost")

    stage = Stage(
        button("one", "cancelled"), button("two", "lost"), handlers={"cancelled": cancelled, "lost": lost}
    )
    assert stage.send("one").status == "interrupted"
    with pytest.raises(SessionLost):
        stage.send("two")


def test_middlewares_run_around_the_handler_in_the_order_declared() -> None:
    said: list[str] = []

    def outer(state: Any) -> Iterator[None]:
        said.append("outer in")
        yield
        said.append("outer out")

    def inner() -> Iterator[None]:
        said.append("inner in")
        try:
            yield
        finally:
            said.append("inner out")

    def handler() -> None:
        said.append("handler")
        raise ValueError

    stage = Stage(button(handler="handler"), handlers={"handler": handler})
    stage.application.middlewares = [Handler.of("outer", outer), Handler.of("inner", inner)]
    assert stage.send("button").status == "failed"
    assert said == ["outer in", "inner in", "handler", "inner out"]


# Chatbots from before conversations were kept in the state


def chatbot(handler: Any, **content: str) -> Stage:
    handlers = {"ss-chatbot-message": "answer", "ss-chatbot-action-click": "answer"}
    bot = component("bot", "chatbot", handlers=handlers, content=content)
    return Stage(bot, button(handler="answer"), handlers={"answer": handler})


def test_an_old_chatbot_gets_a_plain_text_and_shows_what_its_handler_returns() -> None:
    stage = chatbot(lambda payload: {"text": f"You said {payload}", "actions": []})
    outcome = stage.send("bot", "ss-chatbot-message", {"role": "user", "content": "Hi"})
    assert outcome == Outcome("ok", reply=b'{"text":"You said Hi","actions":[]}')
    assert stage.send("bot", "ss-chatbot-message", "Hi").reply == outcome.reply
    assert stage.send("bot", "ss-chatbot-action-click", "go").reply == b'{"text":"You said go","actions":[]}'


def test_no_other_component_is_told_what_a_handler_returns() -> None:
    stage = chatbot(lambda payload: payload, conversation="@{messages}")
    message = {"role": "user", "content": "Hi"}
    assert stage.send("bot", "ss-chatbot-message", message) == OK
    assert stage.send("button") == OK


def test_a_reply_that_cannot_be_sent_is_in_the_log() -> None:
    stage = chatbot(lambda: object())
    assert stage.send("bot", "ss-chatbot-message", "Hi") == OK
    assert [entry.title for entry in stage.log] == ["answer returned what cannot be sent"]


# Where files are looked for


def test_a_handlers_relative_paths_start_at_the_applications_folder(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "logo.svg").write_bytes(b"<svg/>")

    def show(state: Any) -> None:
        packed.append(pack_file("static/logo.svg"))
        state.import_stylesheet("own", "/static/logo.svg?2")
        state.import_stylesheet("the site's", "/static/other.css")

    packed: list[FileWrapper] = []
    stage = Stage(button(handler="show"), handlers={"show": show})
    stage.application.folder = tmp_path
    assert stage.send("button") == OK
    assert packed[0].binary().data == b"<svg/>"
    assert [item.payload["path"] for item in stage.state.mail] == ["static/logo.svg?2", "/static/other.css"]
