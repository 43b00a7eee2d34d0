"""Values of an author's own class that change in place and tell the state so."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .recorder import WHOLE, Element, ElementPath

_NO_LOCK: AbstractContextManager[Any] = nullcontext()


class MutableValue:
    """Base of values that report their own changes: no assignment to the state is needed.

    A method that changes the value calls `mutate` afterwards. What the browser gets is what
    ``__streamsync_value__`` returns, or ``to_dict``. Replace what the value holds rather than changing
    it in place, so that a flush in another thread meets the old content or the new one, never a half.
    """

    #: Where in the state the value is; a value may be in several places.
    _elements: tuple[Element, ...] = ()

    def mutate(self) -> None:
        """Mark the value as changed, wherever it is in a state. Does nothing outside of one."""
        for element in self._elements:
            recorder = element.recorder
            if recorder is None:
                continue
            if recorder.guard is not None:
                recorder.guard()
            with recorder.lock:
                recorder.mark(element.path, WHOLE)
                if recorder.development is not None:
                    recorder.development.assigned(element.path, self, is_copied=False)
                if recorder.watch is not None:
                    recorder.watch.changed(element.path)

    def tie(self, element: Element) -> None:
        """Note one more place this value is at; called by the state it is assigned to."""
        self._elements = (*self._elements, element)

    def untie(self, path: ElementPath) -> None:
        """Forget a place; called by the state when something else is there."""
        self._elements = tuple(element for element in self._elements if element.path != path)

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes that a copy gets: a copy is in no state yet."""
        return {name: value for name, value in vars(self).items() if name != "_elements"}
