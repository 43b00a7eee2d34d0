"""A small page, its application and a session: what tests of events send their events to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streamsync_django.core.application import Application
from streamsync_django.core.catalogue import load_catalogue
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import BrowserEvent, Outcome, Scene, dispatch
from streamsync_django.core.handlers import public_functions
from streamsync_django.core.journal import LogEntry, Run, current_run
from tests.session_host import OpenPage


def component(id: str, type: str, parent: str = "page", **more: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "parentId": parent, "position": 0, "content": {}, "handlers": {}, **more}


def binding(event_type: str, reference: str) -> dict[str, str]:
    return {"eventType": event_type, "stateRef": reference}


class Stage:
    """Sends events to components by id; parents are found by the layout."""

    def __init__(
        self,
        *components: Mapping[str, Any],
        state: Mapping[str, Any] | None = None,
        handlers: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        page = {"key": "main"}
        records = [
            component("root", "root", parentId=None),
            component("page", "page", "root", content=page),
            *components,
        ]
        self.tree = ComponentTree.from_records({record["id"]: record for record in records})
        self.page = OpenPage(state or {})
        self.state = self.page.state
        self.application = Application("test", Path())
        self.application.handlers = public_functions(dict(handlers or {}))
        self.flushes = 0
        self.log: list[LogEntry] = []

    def send(
        self,
        component_id: str,
        event: str = "ss-click",
        payload: Any = None,
        *,
        indexes: Mapping[str, int | str] | None = None,
        version: int | None = None,
        layout: str | None = None,
        target: list[tuple[str, int | str]] | None = None,
        **arguments: Any,
    ) -> Outcome:
        if payload is None and event == "ss-click":
            payload = {"ctrlKey": False, "shiftKey": False, "metaKey": False}
        if target is None:
            above = [item.id for item in reversed(self.tree.ancestors(component_id))]
            target = [(each, (indexes or {}).get(each, 0)) for each in (*above, component_id)]
        drawn = self.page.session.version if version is None else version
        browser_event = BrowserEvent(1, target, event, payload, drawn, layout or self.tree.revision)
        token = current_run.set(Run("test", self.log.append))
        try:
            return dispatch(browser_event, self._scene(arguments))
        finally:
            current_run.reset(token)

    def _scene(self, arguments: Mapping[str, Any]) -> Scene:
        return Scene(
            application=self.application,
            tree=self.tree,
            catalogue=load_catalogue(),
            state=self.state,
            arguments=arguments,
            rows_shifted_since=self.page.session.rows_shifted_since,
            flush=self._flush,
        )

    def _flush(self) -> None:
        self.flushes += 1
        self.page.session.flush()
