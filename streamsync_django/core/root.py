"""The root of a session's state: the state, and what a handler says to its browser through it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from . import journal, subscriptions
from .errors import StateError
from .files import BytesWrapper, FileWrapper, application_folder
from .mail import MailItem
from .state import State

_logger = logging.getLogger("streamsync_django.application")


class StreamsyncState(State):
    """The state a handler receives, with the messages that can be sent to its browser.

    Subclass it to annotate the keys of an application's state and pass the class to `init_state`.
    """

    __slots__ = ("_initial_mail",)
    _initial_mail: list[MailItem]

    @property
    def user_state(self) -> State:
        """The state itself; kept for applications that reach it by this name."""
        return self

    @property
    def mail(self) -> list[MailItem]:
        """Messages that have not been sent yet, oldest first."""
        if self._recorder is not None:
            return self._recorder.mail
        try:
            return self._initial_mail
        except AttributeError:
            object.__setattr__(self, "_initial_mail", [])
            return self._initial_mail

    def add_mail(self, type: str, payload: object) -> None:
        """Send a message of any type to the browser, once."""
        item = MailItem(type, payload)
        if self._recorder is not None:
            self._recorder.add_mail(item)
        else:
            self.mail.append(item)

    def clear_mail(self) -> None:
        """Forget the messages that have not been sent yet."""
        self.mail.clear()

    def add_notification(
        self, type: Literal["info", "success", "warning", "error"], title: str, message: str
    ) -> None:
        """Show the visitor a notification."""
        self.add_mail("notification", {"type": type, "title": str(title), "message": str(message)})

    def add_log_entry(self, type: str, title: str, message: str, code: str | None = None) -> None:
        """Add an entry to the application's log and to the server's."""
        level = logging.getLevelNamesMapping().get(type.upper(), logging.INFO)
        if level >= logging.ERROR:
            kind: journal.EntryKind = "error"
        else:
            kind = "warning" if level >= logging.WARNING else "info"
        if not journal.write(kind, str(title), str(message), code):
            _logger.log(level, "%s: %s", title, message)

    def file_download(self, data: bytes | BytesWrapper | FileWrapper, file_name: str) -> None:
        """Have the browser download `data` as a file.

        Raises StateError unless data is bytes or what `pack_file` or `pack_bytes` returned.
        """
        if not isinstance(data, bytes | bytearray | memoryview | BytesWrapper | FileWrapper):
            raise StateError(
                f"file_download takes bytes, pack_bytes() or pack_file(), not {type(data).__name__}"
            )
        self.add_mail("fileDownload", {"data": data, "fileName": str(file_name)})

    def open_url(self, url: str) -> None:
        """Open `url` in a new browser tab."""
        self.add_mail("openUrl", str(url))

    def set_page(self, active_page_key: str) -> None:
        """Show the page with this key."""
        self.add_mail("pageChange", str(active_page_key))

    def set_route_vars(self, route_vars: Mapping[str, str | None]) -> None:
        """Merge variables into the URL's hash; None removes one."""
        self.add_mail("routeVarsChange", dict(route_vars))

    def import_stylesheet(self, stylesheet_key: str, path: str) -> None:
        """Add, or replace, a stylesheet; `path` is relative to the application's page."""
        self.add_mail("importStylesheet", {"stylesheetKey": stylesheet_key, "path": _own_file(path)})

    def import_script(self, script_key: str, path: str) -> None:
        """Add, or replace, a script; `path` is relative to the application's page."""
        self.add_mail("importScript", {"scriptKey": script_key, "path": _own_file(path)})

    def import_frontend_module(self, module_key: str, specifier: str) -> None:
        """Import an ES module into the page, for `call_frontend_function`."""
        self.add_mail("importModule", {"moduleKey": module_key, "specifier": _own_file(specifier)})

    def call_frontend_function(self, module_key: str, function_name: str, args: Sequence[Any]) -> None:
        """Call a function that an imported frontend module exports."""
        payload = {"moduleKey": module_key, "functionName": function_name, "args": list(args)}
        self.add_mail("functionCall", payload)

    def subscribe_mutation(
        self, path: str | Iterable[str], handler: Callable[..., Any], initial_triggered: bool = False
    ) -> None:
        r"""Have `handler` run whenever the value at a path is set, replaced, deleted or changed in place.

        It runs inside the assignment, before the next line does, and asks for arguments by name as any
        handler: `context` is ``{"event": "mutation", "mutation": path}`` and `payload`
        ``{"previous_value": …, "new_value": …}`` (after a change in place both are the same object). With
        `initial_triggered` it also runs once now, with ``{"event": "init"}`` and an empty payload. A dot
        inside a key is written ``\.``. Declared on what `init_state` returns it follows every session; on a
        session's state, that session for as long as this process keeps it.

        Raises StateError (a ValueError) when the states above the path do not exist, and, inside the
        assignment, RecursionError when subscriptions trigger one another more than 128 deep.
        """
        subscriptions.subscribe(self, path, handler, initial_triggered)

    def flush(self) -> None:
        """Send what has changed so far to the browser now, while the handler goes on."""
        recorder = self._recorder
        if recorder is None:
            return
        if recorder.guard is not None:
            recorder.guard()
        if recorder.flush is not None:
            recorder.flush()

    def get_clone(self) -> StreamsyncState:
        """Return a copy that belongs to no session."""
        clone = type(self)(self.to_raw_state())
        for reaction in subscriptions.reactions_of(self):
            subscriptions.watch_of(clone).add(reaction)
        return clone


def _own_file(path: str) -> str:
    """Return `/static/x.css` as relative to the application if the file is its own, not the site's.

    Where an application had a server for itself, its files were found at the server's root.
    """
    folder = application_folder.get()
    if folder is None or not path.startswith("/static/"):
        return path
    return path[1:] if (folder / path[1:].partition("?")[0]).is_file() else path
