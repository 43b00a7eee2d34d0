"""The editor's desk over the database: what `layouts.desk` promises, for one window of one application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import Error

from streamsync_django.connections import release_connections
from streamsync_django.layouts.desk import NotAllowed, SharedEdit, WholeDraft
from streamsync_django.layouts.errors import LayoutsUnavailable, OutdatedEdit, UnmanagedLayout
from streamsync_django.layouts.operations import read_operations
from streamsync_django.models import Edit
from streamsync_django.permissions import current_user, may
from streamsync_django.publishing import drafts
from streamsync_django.publishing.following import DraftFollowers
from streamsync_django.publishing.mirror import read_layout

#: A window that is further behind is given the whole draft.
MAX_BEHIND: Final = 200


@contextmanager
def _asking() -> Iterator[None]:
    """Ask the database from a thread that no request ends, and say of its failures what they mean."""
    try:
        yield
    except Error as error:
        raise LayoutsUnavailable(f"the database did not answer: {error}") from error
    finally:
        release_connections()


class DatabaseDesk:
    """A window's way to the draft of one application; implements `layouts.desk.Desk`.

    `client` names the window: its own earlier edits are no conflict. `user` is whom the connection came
    with, `session_key` where to look up who that is now.
    """

    def __init__(
        self,
        slug: str,
        folder: Path,
        *,
        client: str,
        user: Any,
        session_key: str | None,
        followers: DraftFollowers,
    ) -> None:
        self._slug = slug
        self._folder = folder
        self._client = client
        self._user = user
        self._session_key = session_key
        self._followers = followers

    def whole(self) -> WholeDraft:
        """Return the draft; of an application that has none yet, its ui.json becomes it."""
        with _asking():
            editor = self._editor_now()
            try:
                draft = drafts.load(self._slug).draft
            except UnmanagedLayout:
                tree, digest = read_layout(self._folder)
                drafts.begin(self._slug, tree, file_digest=digest, author=editor)
                draft = drafts.load(self._slug).draft
            return WholeDraft(draft.version, draft.tree.to_records())

    def since(self, version: int) -> list[SharedEdit]:
        """Return the edits after `version`, oldest first; OutdatedEdit when they are too many or not all known."""
        with _asking():
            self._editor_now()
            layout = drafts.load(self._slug)
            edits = list(layout.edits.filter(version__gt=version).order_by("version")[: MAX_BEHIND + 1])
            versions = [edit.version for edit in edits]
            is_gapless = versions == list(range(version + 1, version + 1 + len(versions)))
            newest = version + len(versions)
            if (
                not is_gapless
                or newest < layout.version
                or version > layout.version
                or len(edits) > MAX_BEHIND
            ):
                raise OutdatedEdit(version, layout.version)
            return [self._shared(edit) for edit in edits]

    def edit(self, operations: bytes, *, base: int, key: str) -> SharedEdit:
        """Apply operations (JSON) that build on version `base`, all or none; the same key is applied once."""
        with _asking():
            editor = self._editor_now()
            edit = drafts.edit(
                self._slug,
                read_operations(operations),
                base=base,
                author=editor,
                client=self._client,
                key=key,
            )
            return self._shared(edit)

    def follow(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called when the draft may have changed; returns what ends it."""
        return self._followers.follow(self._slug, wake)

    def _editor_now(self) -> Any:
        editor = current_user(self._session_key, self._user)
        if editor is None or not may(editor, "edit", self._slug):
            raise NotAllowed(f"you may not edit the layout of {self._slug!r}")
        return editor

    def _shared(self, edit: Edit) -> SharedEdit:
        who = edit.as_past().who
        key = (edit.key or "") if edit.client == self._client else ""
        return SharedEdit(edit.version, who, edit.created, edit.operations, key)
