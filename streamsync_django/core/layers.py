"""Components that code puts over a layout: an application's at load, a session's while it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .components import ComponentTree
from .ui_records import Component


@dataclass(frozen=True, slots=True)
class Layer:
    """Components by id, and the ids below that are not to be shown."""

    components: Mapping[str, Component] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def over(self, tree: ComponentTree) -> ComponentTree:
        """Return the tree with this layer over it; a component of the same id hides the one below.

        The layer may be older than the tree: what has lost its parent since is left out.
        """
        if not self.components and not self.hidden:
            return tree
        merged = {key: component for key, component in tree.items() if key not in self.hidden}
        merged.update(self.components)
        return ComponentTree(_rooted(merged), tree.warnings)


def _rooted(components: Mapping[str, Component]) -> dict[str, Component]:
    """Return the components whose parents lead up to the root."""
    known: dict[str, bool] = {}
    for start in components:
        path: list[str] = []
        current: str | None = start
        while current is not None and current not in known and current in components:
            known[current] = False  # until it is seen to end at the root; a circle never does
            path.append(current)
            current = components[current].parent_id
        ends_well = current is None or known.get(current, False)
        known.update(dict.fromkeys(path, ends_well))
    return {key: component for key, component in components.items() if known[key]}
