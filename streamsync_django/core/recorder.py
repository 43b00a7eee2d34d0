"""What a session's state remembers between two commits: which elements were assigned."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import TYPE_CHECKING, Final, Protocol

from .mail import MailItem

if TYPE_CHECKING:

    class _ReentrantLock:
        """The standard library's; type checkers take it for final, and it is not."""

        def acquire(self) -> bool: ...
        def release(self) -> None: ...
        def _is_owned(self) -> bool: ...
        def __enter__(self) -> bool: ...

else:
    from _thread import RLock as _ReentrantLock

#: The keys from the root of a state down to an element.
ElementPath = tuple[str, ...]

#: No path at all, shared by all that have none: an empty set of one's own is as large as a small session.
NOTHING: Final[Set[ElementPath]] = frozenset()

#: The whole element has to be sent again.
WHOLE: Final = -1
#: The element is no more.
DELETED: Final = -2


class RecorderLock(_ReentrantLock):
    """A lock that one thread may take again, and that runs what was asked for once it is let go of.

    Subscriptions are an author's code: they run inside the assignment that they follow, but never under
    the lock, where a flush that another thread has begun would wait for them and they for the flush.
    """

    __slots__ = ("_after",)

    def __init__(self) -> None:
        #: Only touched by the thread that holds the lock.
        self._after: tuple[Callable[[], None], ...] = ()

    def __exit__(self, *error: object) -> None:
        calls = self._after
        if not calls:
            self.release()
            return
        self._after = ()
        self.release()
        if self._is_owned():  # an inner ``with``: the outermost one runs them
            self._after = calls + self._after
            return
        for call in calls:
            call()

    def run_after(self, call: Callable[[], None]) -> None:
        """Have the thread that holds the lock run `call` when it lets go of it."""
        self._after = (*self._after, call)


class Watcher(Protocol):
    """Follows what is assigned to a state. Called under the lock: it may only note and `run_after`."""

    def follows(self, path: ElementPath) -> bool:
        """Tell whether setting or deleting what is at `path` makes anything run."""

    def assigned(self, path: ElementPath, old: object, new: object) -> None:
        """A key was set, or deleted: `new` is None then."""

    def changed(self, path: ElementPath) -> None:
        """The value of an element was changed in place."""


class ValueWatch(Protocol):
    """Follows values that authors may change where the state cannot see it."""

    def assigned(self, path: ElementPath, original: object, *, is_copied: bool) -> None:
        """A value was assigned; of a container the state has a copy."""

    def read(self, path: ElementPath, value: object) -> None:
        """An opaque value was read, or a list, which C code can change past its methods."""

    def changed(self, path: ElementPath) -> None:
        """An element was changed where the state sees it. Called under the lock."""

    def warn(self) -> None:
        """A handler has ended: tell of what has changed unseen."""


class Recorder:
    """The marks of one session's state, and the lock under which it is changed.

    A mark is `WHOLE`, `DELETED`, or the index from which a list has only been appended to.
    Every tracked container takes `lock` for each mutation, whichever thread runs it, so that
    `take_marks` and the encoding that follows it under the same lock see one moment.
    """

    __slots__ = (
        "broken",
        "development",
        "flush",
        "guard",
        "lock",
        "mail",
        "marks",
        "on_first_mark",
        "on_mark",
        "structural",
        "watch",
    )

    def __init__(self) -> None:
        self.lock = RecorderLock()
        self.marks: dict[ElementPath, int] = {}
        #: One-time messages to the browser, oldest first.
        self.mail: list[MailItem] = []
        #: Lists and nested states in which numbers of rows have shifted, so that an index drawn before
        #: may mean another row: by removing, inserting, sorting or replacing, not by appending.
        self.structural: Set[ElementPath] = NOTHING
        #: Elements whose last value could not be sent: the next change sends them whole.
        self.broken: Set[ElementPath] = NOTHING
        #: Called before each access while set; raises when the running handler has to end.
        self.guard: Callable[[], None] | None = None
        #: Sends what has changed so far; set while the state belongs to a live session.
        self.flush: Callable[[], None] | None = None
        #: Called, under the lock, when the first mark appears after `take_marks`.
        self.on_first_mark: Callable[[], None] | None = None
        #: Called, under the lock, with each element that is changed while handlers overlap, and with its mark.
        self.on_mark: Callable[[ElementPath, int], None] | None = None
        #: Follows values that may be changed unseen, in development.
        self.development: ValueWatch | None = None
        #: Told of each assignment and change while set: mutation subscriptions and computed properties.
        self.watch: Watcher | None = None

    def mark(self, path: ElementPath, mark: int) -> None:
        """Note that the element at `path` is new, other, or gone. The caller holds the lock."""
        if not self.marks and self.on_first_mark is not None:
            self.on_first_mark()
        self.marks[path] = mark
        if self.development is not None:
            self.development.changed(path)
        if self.on_mark is not None:
            self.on_mark(path, mark)

    def mark_shifted(self, path: ElementPath) -> None:
        """Note that numbers of rows have shifted at `path`. The caller holds the lock."""
        if isinstance(self.structural, set):
            self.structural.add(path)
        else:
            self.structural = {*self.structural, path}

    def take_shifted(self) -> set[ElementPath]:
        """Return where rows have shifted since the last call, and forget it. The caller holds the lock."""
        shifted, self.structural = self.structural, NOTHING
        return shifted if isinstance(shifted, set) else set(shifted)

    def add_mail(self, item: MailItem) -> None:
        """Note a message for the browser."""
        with self.lock:
            if not self.marks and not self.mail and self.on_first_mark is not None:
                self.on_first_mark()
            self.mail.append(item)

    def mark_appended(self, path: ElementPath, start: int) -> None:
        """Note that the list at `path` has new items from `start` on. The caller holds the lock."""
        if path in self.broken:
            self.mark(path, WHOLE)
        elif path not in self.marks:
            self.mark(path, start)
        else:
            if self.development is not None:
                self.development.changed(path)
            if self.on_mark is not None:
                self.on_mark(path, start)

    def take_mail(self) -> list[MailItem]:
        """Return the mail since the last call, and forget it. The caller holds the lock."""
        mail, self.mail = self.mail, []
        return mail

    def take_marks(self) -> dict[ElementPath, int]:
        """Return the marks since the last call, and forget them. The caller holds the lock."""
        marks, self.marks = self.marks, {}
        return marks


class Element:
    """Ties the containers inside one element to the recorder; untied when the element is replaced."""

    __slots__ = ("path", "recorder")

    def __init__(self, recorder: Recorder, path: ElementPath) -> None:
        self.recorder: Recorder | None = recorder
        self.path = path
