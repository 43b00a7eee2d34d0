"""One event: check it against the layout, bind its payload, call its handler."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from . import journal
from .application import Application
from .catalogue import Catalogue, EventDefinition
from .components import Component, ComponentTree
from .errors import (
    EventError,
    ExpressionError,
    HandlerCancelled,
    HandlerError,
    SerializationError,
    SessionError,
    StaleEvent,
    described,
)
from .expressions import assign, evaluate_field
from .files import application_folder
from .handlers import Handler, call_handler
from .payloads import NO_RULES, check_payload
from .rules import UploadResolver, rules_for
from .serializers import to_wire
from .state import State
from .targets import NodePath, Target, find_target

_logger = logging.getLogger("streamsync_django.application")

Status = Literal["ok", "failed", "stale", "rejected", "interrupted"]


class BrowserEvent(msgspec.Struct, frozen=True):
    """What a browser says happened; nothing of it is trusted."""

    number: int
    target: NodePath
    type: str
    payload: Any
    version: int
    layout: str

    @property
    def key(self) -> tuple[str, str]:
        """Events with the same key run one after another: the component and the event type."""
        return (self.target[-1][0] if self.target else "", self.type)


class Outcome(msgspec.Struct, frozen=True):
    """How an event ended, as the browser is told."""

    status: Status
    message: str | None = None
    #: What the handler returned, as JSON, where the component shows it.
    reply: bytes | None = None


class Scene(msgspec.Struct, frozen=True):
    """What an event is checked against, and what its handler may ask for."""

    application: Application
    tree: ComponentTree
    catalogue: Catalogue
    state: State
    #: The handler's other arguments by name: session, user, app, ui.
    arguments: Mapping[str, Any] = msgspec.field(default_factory=dict)
    resolve_upload: UploadResolver | None = None
    #: The most bytes that the files of one event may have together.
    max_upload_bytes: int = NO_RULES.max_bytes
    #: How many files one event may bring.
    max_upload_files: int = NO_RULES.max_files
    #: Tells whether rows at a path have shifted since a version of the session.
    rows_shifted_since: Callable[[tuple[str, ...], int], bool] | None = None
    flush: Callable[[], None] | None = None


class Prepared(msgspec.Struct, frozen=True):
    """An event that passed every check."""

    target: Target
    payload: Any
    handler: Handler | None
    binding: str | None
    event_type: str = ""


def dispatch(event: BrowserEvent, scene: Scene) -> Outcome:
    """Check, bind and call; the outcome is for the browser, details are in the log.

    Raises only what ends the session (SessionError).
    """
    try:
        prepared = prepare(event, scene)
    except StaleEvent as error:
        return Outcome("stale", str(error))
    except EventError as error:
        journal.write("warning", "Event refused", f"{error.code}: {error}")
        return Outcome("rejected", f"{error.code}: {error}")
    return perform(prepared, scene)


def prepare(event: BrowserEvent, scene: Scene) -> Prepared:
    """Return what an event leads to; nothing has run yet. Raises EventError, StaleEvent or PayloadError."""
    state = scene.state
    target = find_target(event.target, scene.tree, scene.catalogue, state, layout=event.layout)
    _refuse_moved_rows(event, target, scene)
    component = target.component
    handler_name = component.handlers.get(event.type)
    binding = component.binding
    is_bound = binding is not None and binding.event_type == event.type
    known = (
        scene.catalogue[component.type].events.get(event.type) if component.type in scene.catalogue else None
    )
    if known is None and handler_name is None and not is_bound:
        raise EventError("event.unknown-type", f"{component.type} {component.id} has no event {event.type!r}")
    if _is_disabled(component, scene, target):
        raise StaleEvent(f"component {component.id} is disabled")
    payload = _checked(event, known, target, scene)
    handler = _handler(handler_name, scene.application) if handler_name else None
    reference = binding.state_ref if binding is not None and is_bound else None
    return Prepared(target, payload, handler, reference, event.type)


def perform(prepared: Prepared, scene: Scene) -> Outcome:
    """Write the binding, then call the handler."""
    target = prepared.target
    available = {
        "state": scene.state,
        "payload": prepared.payload,
        "context": {**target.context, "target": target.component.id, "event": prepared.event_type},
        **scene.arguments,
    }
    if prepared.binding is not None:
        outcome = _bind(prepared.binding, prepared, available, scene)
        if outcome.status != "ok":
            return outcome
    if prepared.handler is None:
        return Outcome("ok")
    return run_handler(prepared.handler, available, scene, replies=_shows_replies(prepared))


def _shows_replies(prepared: Prepared) -> bool:
    """Tell a chatbot from before there were conversations in the state: it shows what its handler returns."""
    component = prepared.target.component
    return (
        component.type == "chatbot"
        and prepared.event_type in ("ss-chatbot-message", "ss-chatbot-action-click")
        and not component.content.get("conversation")
    )


def _bind(reference: str, prepared: Prepared, available: Mapping[str, Any], scene: Scene) -> Outcome:
    """Write an input's value; subscriptions to it run here, so it goes through the door of user code."""
    target = prepared.target
    refused = []

    def write() -> None:
        try:
            assign(reference, scene.state, prepared.payload, target.context, target.context_paths)
        except ExpressionError as error:
            refused.append(error)

    outcome = run_handler(Handler(f"the binding to {reference}", write, ()), available, scene, middlewares=())
    if refused:
        journal.write("error", "Binding failed", str(refused[0]))
        return Outcome("failed", "This input is bound to something that cannot be written.")
    return outcome


def run_handler(
    handler: Handler,
    available: Mapping[str, Any],
    scene: Scene,
    *,
    middlewares: Sequence[Handler] | None = None,
    replies: bool = False,
) -> Outcome:
    """Call a handler; its exception becomes an outcome and an entry in the log.

    The application's middlewares run around it unless others are given. With `replies` the outcome
    carries what it returned.
    """
    around = scene.application.middlewares if middlewares is None else middlewares
    folder = application_folder.set(scene.application.folder)
    try:
        returned = call_handler(handler, available, middlewares=around, flush=scene.flush)
    except HandlerCancelled:
        return Outcome("interrupted", "The action was cancelled.")
    except SessionError:
        raise
    except HandlerError as error:
        cause = error.__cause__ or error
        trace = "".join(traceback.format_exception(cause))
        if not journal.write("error", f"{handler.name} failed", described(cause), trace):
            _logger.error("%s failed", handler.name, exc_info=cause)
        return Outcome("failed", "Something went wrong while handling this action.")
    finally:
        application_folder.reset(folder)
    return (
        Outcome("ok", reply=_reply(handler, returned)) if replies and returned is not None else Outcome("ok")
    )


def _reply(handler: Handler, returned: Any) -> bytes | None:
    try:
        return to_wire(returned).json
    except SerializationError as error:
        journal.write("error", f"{handler.name} returned what cannot be sent", str(error))
        return None


def _refuse_moved_rows(event: BrowserEvent, target: Target, scene: Scene) -> None:
    """A repetition's number means nothing once rows have shifted since the page drew them."""
    if scene.rows_shifted_since is None:
        return
    for source in target.sources:
        if scene.rows_shifted_since(source, event.version):
            raise StaleEvent(f"the rows of {'.'.join(source)} have shifted since version {event.version}")


def _is_disabled(component: Component, scene: Scene, target: Target) -> bool:
    text = component.content.get("isDisabled")
    if not text or component.type not in scene.catalogue:
        return False
    definition = scene.catalogue[component.type].fields.get("isDisabled")
    return definition is not None and evaluate_field(text, definition, scene.state, target.context) in (
        True,
        "yes",
    )


def _checked(event: BrowserEvent, known: EventDefinition | None, target: Target, scene: Scene) -> Any:
    component = target.component
    if known is not None:
        kind: str = known.payload
    elif component.type.startswith("custom_") or "-" in event.type:
        kind = "raw"
    else:
        kind = "native"
    rules = rules_for(
        kind,
        component,
        scene.catalogue,
        scene.state,
        target.context,
        scene.resolve_upload,
        scene.max_upload_bytes,
        scene.max_upload_files,
    )
    return check_payload(kind, event.payload, rules)


def _handler(name: str, application: Application) -> Handler | None:
    """Return the handler a layout names; what the browser does by itself (``$goToPage_…``) has none."""
    if name.startswith("$"):
        return None
    handler = application.handlers.get(name)
    if handler is None or name.rpartition(".")[2].startswith("_"):
        raise EventError(
            "event.unknown-handler", f"the layout names a handler {name!r} that main.py does not have"
        )
    return handler
