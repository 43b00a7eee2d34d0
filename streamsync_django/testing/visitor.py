"""A visitor of an application, for tests: does what a person does, sees what a person sees."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from django.apps import apps

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.dispatch import BrowserEvent, Outcome
from streamsync_django.core.journal import LogEntry
from streamsync_django.runtime.admission import is_admitted
from streamsync_django.runtime.ports import Visitor as Person
from streamsync_django.runtime.sessions import LiveSession
from streamsync_django.testing.browser import BrowserState, describe
from streamsync_django.testing.page import Drawn, draw
from streamsync_django.testing.stage import Stage

#: How long to wait for a handler or for something to be seen, in seconds.
PATIENCE = 5.0
#: The titles of what a page says by itself, in English.
FAILED, INTERRUPTED = "That did not work", "The server was interrupted while it worked on this"


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification the visitor was shown."""

    type: str
    title: str
    message: str


class Visitor:
    """Opens an application and uses it through the protocol's own rules, without a browser.

    `location` is the application's dotted package or folder. Each action returns once its handler has
    ended, and raises AssertionError where the page offers no such thing or the event was refused; an
    exception in a handler does not raise here (see `log` and `notifications`), as it does not for a
    visitor. With `development` the log warns of changes that the state cannot see. AssertionError, too, for a
    visitor whom the application's session verifiers refuse. Further visitors of the same application share its
    process: `visitor.another()`.
    """

    def __init__(
        self,
        location: str | Path,
        *,
        user: Any = None,
        language: str | None = None,
        timezone: str | None = None,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        development: bool = False,
        stage: Stage | None = None,
    ) -> None:
        slug = Path(str(location).replace(".", "/")).name if not isinstance(location, Path) else location.name
        self._location = location
        self._owns_stage = stage is None
        self._stage = stage or Stage(slug, location, development=development)
        self._arrived = threading.Condition()
        self._outcomes: dict[int, Outcome] = {}
        self._next_event = 1
        self._has_left = False
        #: The key of the page that is shown; None is the first.
        self.page: str | None = None
        #: What the visitor was notified of, oldest first.
        self.notifications: list[Notification] = []
        #: Files the browser was told to download: name and content.
        self.downloads: dict[str, bytes] = {}
        #: All other messages to the browser, by type, oldest first.
        self.mail: list[tuple[str, Any]] = []
        #: The application's log, from its loading on: prints, logging, warnings, errors.
        self.log: list[LogEntry] = []
        try:
            info = {"cookies": dict(cookies or {}), "headers": _lower(headers), "userinfo": {}}
            self.session: LiveSession = self._come_in(
                user, {**info, "language": language, "timezone": timezone}
            )
        except BaseException:
            if self._owns_stage:
                self._stage.close()
            raise
        self.log += self.session.application.entries
        self._stop_log = self._stage.applications.log.listen(self.log.append)
        self._browser = BrowserState(self.session.base.snapshot, self.session.binary)
        self._stage.call(self._connect)

    def _come_in(self, user: Any, info: Mapping[str, Any]) -> LiveSession:
        runtime, log = self._stage.runtime, self._stage.applications.log
        application = self._stage.applications.get(self._stage.slug)
        admitted = is_admitted(application, log, info["cookies"], info["headers"])
        assert admitted, "a session verifier of the application does not admit this visitor"
        person = Person(f"test:{secrets.token_hex(8)}", _nobody() if user is None else user)
        return self._stage.call(lambda: runtime.custody.create(application, person, info))

    # What can be done

    def click(self, name: str) -> Outcome:
        """Click what is called `name`: a button, a text, an image, a tag."""
        payload = {"ctrlKey": False, "shiftKey": False, "metaKey": False}
        drawn = self.find(name, "click", "ss-click", "ss-tag-click")
        if drawn.tags:
            return self.send(
                drawn, "ss-tag-click", next(key for key, tag in drawn.tags.items() if tag == name)
            )
        if drawn.component.handlers.get("ss-click", "").startswith("$goToPage_"):
            return self.open(drawn.component.handlers["ss-click"].removeprefix("$goToPage_"))
        if "ss-click" not in self._events_of(drawn):
            return self.send(drawn, "click", {})
        return self.send(drawn, "ss-click", payload)

    def type(self, name: str, text: str) -> Outcome:
        """Type into the input called `name` and leave it."""
        drawn = self.find(name, "ss-change", "ss-number-change", "ss-date-change", "ss-time-change")
        if "ss-number-change" in self._events_of(drawn):
            try:
                number = float(text) if text else None
            except ValueError:
                raise AssertionError(f"{name!r} takes numbers only, not {text!r}") from None
            return self.set_value(name, number)
        if "ss-change" not in self._events_of(drawn):
            return self.set_value(name, text)
        outcome = self.send(drawn, "ss-change", text)
        if "ss-change-finish" in drawn.component.handlers:
            outcome = self.send(drawn, "ss-change-finish", text)
        return outcome

    def set_value(self, name: str, value: Any) -> Outcome:
        """Give the input called `name` a value: a number, a date, a list of options, on or off."""
        drawn = self.find(name)
        event = next((event for event in self._events_of(drawn) if event in _SETTING), None)
        assert event is not None, f"{name!r} ({drawn.component.type}) is nothing that takes a value"
        return self.send(drawn, event, value)

    def choose(self, name: str, option: str) -> Outcome:
        """Choose an option, by its label or its key, in the choice called `name`."""
        drawn = self.find(name, "ss-option-change", "ss-options-change")
        offered: Mapping[str, Any] = drawn.fields.get("options") or {}
        key = next((key for key, label in offered.items() if option in (key, str(label))), None)
        assert key is not None, f"{name!r} does not offer {option!r}, but {list(offered.values())}"
        if "ss-options-change" in self._events_of(drawn):
            chosen = drawn.fields.get("bound") or []
            return self.send(drawn, "ss-options-change", [*(item for item in chosen if item != key), key])
        return self.send(drawn, "ss-option-change", key)

    def upload(
        self, name: str, files: Mapping[str, bytes], type: str = "application/octet-stream"
    ) -> Outcome:
        """Give the file input called `name` files: name and content."""
        from base64 import b64encode

        payload = [
            {"name": file_name, "type": type, "data": f"data:{type};base64,{b64encode(data).decode()}"}
            for file_name, data in files.items()
        ]
        return self.send(self.find(name, "ss-file-change"), "ss-file-change", payload)

    def open(self, page: str) -> Outcome:
        """Go to the page with this key."""
        shown = next((item for item in self._drawn_on(page) if item.component.type == "page"), None)
        assert shown is not None, "the layout has no visible page"
        assert shown.component.content.get("key") == page, f"there is no visible page {page!r}"
        self.page = page
        if "ss-page-open" in shown.component.handlers:
            return self.send(shown, "ss-page-open", page)
        return Outcome("ok")

    def tick(self) -> list[Outcome]:
        """Let every active timer on the page fire once."""
        timers = [
            item for item in self.drawn if item.component.type == "timer" and item.fields.get("isActive")
        ]
        return [
            self.send(timer, "ss-tick", None) for timer in timers if "ss-tick" in timer.component.handlers
        ]

    def send(self, drawn: Drawn | str, event: str, payload: Any = None) -> Outcome:
        """Send any event of a component (or of the one with this id) and wait for its handler to end.

        Raises AssertionError when the server refused it as one that no page could have sent.
        """
        number = self.start(drawn, event, payload)
        self._wait(lambda: number in self._outcomes, f"{event} was not answered within {PATIENCE} s")
        outcome = self._outcomes[number]
        assert outcome.status != "rejected", f"{event} was refused: {outcome.message}"
        return outcome

    def start(self, drawn: Drawn | str, event: str, payload: Any = None) -> int:
        """Send an event without waiting, and return its number; see `wait_for`."""
        if isinstance(drawn, str):
            found = [item for item in self.drawn if item.component.id == drawn]
            assert found, f"no component {drawn!r} is visible"
            drawn = found[0]
        assert not drawn.is_disabled, f"{drawn.component.id} is disabled: a page sends none of its events"
        number, self._next_event = self._next_event, self._next_event + 1
        version, layout = self._browser.version, self.session.tree.revision
        message = json.loads(json.dumps(payload))
        browser_event = BrowserEvent(number, list(drawn.target), event, message, version, layout)
        assert self._stage.call(lambda: self.session.submit(browser_event)), "too many events are waiting"
        return number

    # What can be seen

    @property
    def state(self) -> dict[str, Any]:
        """The public state as the browser has it; bytes where it has binaries."""
        return self._browser.values

    @property
    def drawn(self) -> list[Drawn]:
        """Every visible component, in reading order."""
        return self._drawn_on(self.page)

    @property
    def texts(self) -> list[str]:
        """Everything that can be read on the page."""
        return [text for item in self.drawn for text in item.texts]

    def sees(self, text: str, timeout: float = PATIENCE) -> bool:
        """Wait until `text` can be read on the page, in a component's text or in a notification.

        Raises AssertionError, with what can be read instead, after `timeout` seconds.
        """
        self._wait(lambda: self._reads(text), lambda: f"{text!r} cannot be seen among {self.texts}", timeout)
        return True

    def does_not_see(self, text: str) -> bool:
        """Tell that `text` cannot be read on the page now; raises AssertionError otherwise."""
        assert not self._reads(text), f"{text!r} can be seen"
        return True

    def wait_for(self, number: int) -> Outcome:
        """Wait for the handler of an event that was started."""
        self._wait(lambda: number in self._outcomes, f"event {number} was not answered")
        return self._outcomes[number]

    def find(self, name: str, *events: str) -> Drawn:
        """Return the one visible component called `name`, which has one of these events.

        Raises AssertionError when there is none, or several (inside repeaters, use `drawn` and `send`).
        """
        called = [item for item in self.drawn if name in item.names]
        assert called, (
            f"nothing called {name!r} is visible; there is: {sorted({n for i in self.drawn for n in i.names})}"
        )
        found = [item for item in called if not events or set(events) & self._events_of(item)]
        assert found, (
            f"{name!r} ({called[0].component.type}) has none of {', '.join(events)}, but: "
            f"{sorted(self._events_of(called[0]))}"
        )
        assert len(found) == 1, (
            f"{len(found)} components are called {name!r}: {[i.component.id for i in found]}"
        )
        return found[0]

    def another(self, **more: Any) -> Visitor:
        """Return another visitor of the same application, with a session of their own."""
        return Visitor(self._location, stage=self._stage, **more)

    def close(self) -> None:
        """Leave; once is enough."""
        if self._has_left:
            return
        self._has_left = True
        self._stop_log()
        if self._owns_stage:
            self._stage.close()
        else:
            self._stage.call(self._disconnect)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # The session's side of it, on its loop

    def wake(self) -> None:
        """There is something new in the session: take it."""
        if self._browser.version == self.session.version:
            return
        update = self.session.update_since(self._browser.version)
        with self._arrived:
            self._browser.apply(update)
            for _, item in update.mail:
                self._browser.attachments.update((binary.digest, binary) for binary in item.binaries)
                self._receive(*json.loads(item.json))
            is_told = any(json.loads(item.json)[0] == "notification" for _, item in update.mail)
            for number, outcome in update.results:
                self._outcomes[number] = outcome
                self._be_told(outcome, is_told)
            self._arrived.notify_all()
        self.session.acknowledge(update.to_version)

    def end(self, code: int) -> None:
        """The session is over."""
        with self._arrived:
            self._arrived.notify_all()

    def draw(self, tree: ComponentTree) -> None:
        """The application has another layout, which is looked up when something is next done or seen."""

    def refuse(self, numbers: Sequence[int], code: str, message: str) -> None:
        """Events were not done: they fail."""
        with self._arrived:
            self._outcomes.update((number, Outcome("rejected", message)) for number in numbers)
            self._arrived.notify_all()

    def _connect(self) -> None:
        self.session.connection = self
        self.wake()

    def _disconnect(self) -> None:
        self.session.connection = None

    def _be_told(self, outcome: Outcome, is_told: bool) -> None:
        """Notify, as the page does, of what failed or was interrupted, unless its handler has said something."""
        if outcome.status == "interrupted":
            self.notifications.append(Notification("warning", INTERRUPTED, outcome.message or ""))
        elif outcome.status == "failed" and not is_told:
            self.notifications.append(Notification("error", FAILED, outcome.message or ""))

    def _receive(self, type: str, payload: Any) -> None:
        content = self._browser.decoded(payload)
        match type:
            case "notification":
                self.notifications.append(Notification(**content))
            case "fileDownload":
                self.downloads[content["fileName"]] = content["data"]
            case "pageChange":
                self.page = content
            case _:
                self.mail.append((type, content))

    def _drawn_on(self, page: str | None) -> list[Drawn]:
        catalogue = self.session.application.extensions.catalogue
        return list(draw(self.session.tree, catalogue, self._browser.values, page))

    def _events_of(self, drawn: Drawn) -> set[str]:
        catalogue = self.session.application.extensions.catalogue
        component = drawn.component
        known: Iterable[str] = catalogue[component.type].events if component.type in catalogue else ()
        return {*known, *component.handlers}

    def _reads(self, text: str) -> bool:
        shown = [*self.texts, *(part for item in self.notifications for part in (item.title, item.message))]
        return any(text in one for one in shown)

    def _wait(
        self, condition: Callable[[], bool], problem: str | Callable[[], str], timeout: float = PATIENCE
    ) -> None:
        deadline = time.monotonic() + timeout
        with self._arrived:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    text = problem if isinstance(problem, str) else problem()
                    raise AssertionError(f"{text}; the state is {describe(self._browser.values)}")
                self._arrived.wait(left)


#: Events that give an input a value.
_SETTING = frozenset(
    {
        "ss-change",
        "ss-number-change",
        "ss-date-change",
        "ss-time-change",
        "ss-range-change",
        "ss-option-change",
        "ss-options-change",
        "ss-toggle",
        "ss-change-page",
    }
)


def _nobody() -> Any:
    """Return who somebody is that has not logged in, on a site that has users."""
    if not (apps.ready and apps.is_installed("django.contrib.auth")):
        return None
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def _lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers as applications get them: by name in lower case."""
    return {name.lower(): value for name, value in (headers or {}).items()}
