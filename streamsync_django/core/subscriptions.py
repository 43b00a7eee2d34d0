"""Mutation subscriptions: an author's code that runs inside the assignments it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from .errors import StateError
from .handlers import Handler, invoke, running_arguments
from .recorder import ElementPath, Recorder
from .state import FIXED_TYPES, State, attach

#: How many subscriptions may trigger one another before it is taken for an endless loop.
MAX_DEPTH: Final = 128

_depth: ContextVar[int] = ContextVar("streamsync_subscription_depth", default=0)


class Reaction(Protocol):
    """What follows a path of the state: a subscription, or a computed property."""

    @property
    def paths(self) -> tuple[ElementPath, ...]:
        """The paths whose mutations trigger it."""

    @property
    def follows_below(self) -> bool:
        """Whether a mutation below one of the paths triggers it too."""

    @property
    def own_path(self) -> ElementPath | None:
        """The element it writes itself, whose mutation never triggers it."""

    def run(self, root: State, path: ElementPath, previous: object, new: object) -> None:
        """React to a mutation at `path`."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler that runs whenever the value at a path is set, replaced or changed in place."""

    path: ElementPath
    handler: Handler

    follows_below = False
    own_path = None

    @property
    def paths(self) -> tuple[ElementPath, ...]:
        return (self.path,)

    def run(self, root: State, path: ElementPath, previous: object, new: object) -> None:
        context = {"event": "mutation", "mutation": join_path(self.path)}
        invoke(
            self.handler,
            arguments_of(root, context, {"previous_value": previous, "new_value": new}),
            (),
            None,
        )


class Watch:
    """The reactions to one state's mutations.

    `assigned` and `changed` are called under the state's lock and only note; what they note runs in the
    same thread, still inside the assignment, once the lock is let go of.
    """

    def __init__(self, root: State, recorder: Recorder, reactions: Iterable[Reaction] = ()) -> None:
        self._root = root
        self._recorder = recorder
        self.reactions: tuple[Reaction, ...] = ()
        self._by_key: dict[str, list[tuple[ElementPath, Reaction]]] = {}
        #: The element last changed in place: assigning it to itself afterwards is the same mutation.
        self._changed_in_place: ElementPath | None = None
        for reaction in reactions:
            self.add(reaction)

    def add(self, reaction: Reaction) -> None:
        """Have one more reaction follow this state."""
        self.reactions = (*self.reactions, reaction)
        for path in reaction.paths:
            self._by_key.setdefault(path[0], []).append((path, reaction))

    def follows(self, path: ElementPath) -> bool:
        return any(
            followed[: len(path)] == path
            or (reaction.follows_below and path[: len(followed)] == followed and path != reaction.own_path)
            for followed, reaction in self._by_key.get(path[0], ())
        )

    def assigned(self, path: ElementPath, old: object, new: object) -> None:
        is_same, self._changed_in_place = old is new and self._changed_in_place == path, None
        if is_same:
            return
        for followed, reaction in self._by_key.get(path[0], ()):
            if path == reaction.own_path:
                continue
            if followed[: len(path)] == path:
                rest = followed[len(path) :]
                previous, value = _taken(old, rest), _follow(new, rest)
                if rest and previous is None and value is None:
                    continue
                self._react(reaction, followed, previous, value)
            elif reaction.follows_below and path[: len(followed)] == followed:
                self._react(reaction, followed, old, new)

    def changed(self, path: ElementPath) -> None:
        self._changed_in_place = path
        for followed, reaction in self._by_key.get(path[0], ()):
            if followed == path or (reaction.follows_below and path[: len(followed)] == followed):
                value = _follow(self._root, path)
                self._react(reaction, followed, value, value)

    def _react(self, reaction: Reaction, path: ElementPath, previous: object, new: object) -> None:
        self._recorder.lock.run_after(partial(self._run, reaction, path, previous, new))

    def _run(self, reaction: Reaction, path: ElementPath, previous: object, new: object) -> None:
        depth = _depth.get()
        if depth >= MAX_DEPTH:
            raise RecursionError(
                f"mutation subscriptions trigger one another without end: {join_path(path)} is {MAX_DEPTH} deep"
            )
        token, changed_in_place = _depth.set(depth + 1), self._changed_in_place
        try:
            reaction.run(self._root, path, previous, new)
        finally:
            self._changed_in_place = changed_in_place  # ``+=`` has yet to assign what it changed
            _depth.reset(token)


def _follow(value: object, path: ElementPath) -> Any:
    """Return what is at `path` in a value, without copying anything; None where there is nothing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = dict.get(value, key)
    return value


def _taken(value: object, path: ElementPath) -> Any:
    """Return what was at `path` in a value that has been replaced, as the session's own: a handler may change it."""
    for key in path:
        if isinstance(value, State):
            value = value[key]
        elif isinstance(value, dict):
            value = dict.get(value, key)
        else:
            return None
    return value


def arguments_of(root: State, context: object, payload: object) -> dict[str, Any]:
    """Return what code that a mutation triggers may ask for: what the running handler may, and these."""
    running = running_arguments.get()
    around: dict[str, Any] = {"session": None, "user": None, "app": None, "ui": None}
    if running is not None and running.get("state") is root:
        around.update(running)
    return {**around, "state": root, "context": context, "payload": payload}


def watch_of(root: State) -> Watch:
    """Return what follows a state, beginning now if nothing did."""
    recorder = root._recorder
    if recorder is None:
        recorder = Recorder()
        recorder.mail.extend(getattr(root, "_initial_mail", ()))
        attach(root, recorder)
    if not isinstance(recorder.watch, Watch):
        recorder.watch = Watch(root, recorder)
    return recorder.watch


def reactions_of(root: State) -> tuple[Reaction, ...]:
    """Return what follows a state; the sessions made of it are followed alike."""
    recorder = root._recorder
    return recorder.watch.reactions if recorder is not None and isinstance(recorder.watch, Watch) else ()


def follow_as(root: State, known: Iterable[Reaction], new: Iterable[Reaction]) -> None:
    """Have a session's state be followed by what its application declares now, instead of what it did.

    What the session's own handlers subscribed to goes on.
    """
    recorder = root._recorder
    if recorder is None:
        return
    before = tuple(known)
    with recorder.lock:
        own = [reaction for reaction in reactions_of(root) if reaction not in before]
        reactions = [*new, *own]
        recorder.watch = Watch(root, recorder, reactions) if reactions else None


def subscribe(
    root: State, path: str | Iterable[str], handler: Callable[..., Any], initial_triggered: bool
) -> None:
    """Have `handler` run at each mutation of the paths; see `StreamsyncState.subscribe_mutation`."""
    if not callable(handler):
        raise StateError(f"subscribe_mutation takes a function, not {type(handler).__name__}: {handler!r}")
    declared = Handler.of(getattr(handler, "__name__", "subscription"), handler)
    paths = [split_path(text) for text in _texts(path)]
    for keys in paths:
        if type(dict.get(root, keys[0])) in FIXED_TYPES:
            raise _not_followed(keys)
        _check_parents(root, keys)
    watch = watch_of(root)
    for keys in paths:
        watch.add(Subscription(keys, declared))
    if initial_triggered:
        invoke(declared, arguments_of(root, {"event": "init"}, {}), (), None)


def refuse_following(root: State, key: str) -> None:
    """Raise StateError where anything follows what is below a key that all sessions share."""
    for reaction in reactions_of(root):
        for path in reaction.paths:
            if path[0] == key:
                raise _not_followed(path)


def _not_followed(path: ElementPath) -> StateError:
    return StateError(
        f"cannot follow {join_path(path)!r}: what all sessions share changes outside of them; "
        "let the handler that changes it do what is to follow"
    )


def _texts(path: str | Iterable[str]) -> Iterator[str]:
    return iter((path,) if isinstance(path, str) else path)


def _check_parents(root: State, path: ElementPath) -> None:
    node: object = root
    for depth, key in enumerate(path[:-1]):
        node = dict.get(node, key) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise StateError(
                f"cannot follow {join_path(path)!r}: there is no nested state "
                f"{join_path(path[: depth + 1])!r}; give it a value in init_state first"
            )


def split_path(text: str) -> ElementPath:
    r"""Return the keys of a path; a dot that belongs to a key is written ``\.``.

    Raises StateError for an empty path, and for one with an empty key.
    """
    if not isinstance(text, str):
        raise StateError(f"a path is text, such as 'cart.items', not {type(text).__name__}: {text!r}")
    keys = [key.replace("\0", ".") for key in text.replace("\\.", "\0").split(".")]
    if not all(keys):
        raise StateError(f"{text!r} is not a path: write the keys with a dot between them")
    return tuple(keys)


def join_path(path: ElementPath) -> str:
    """Return a path as text, dots inside of keys escaped."""
    return ".".join(key.replace(".", "\\.") for key in path)
