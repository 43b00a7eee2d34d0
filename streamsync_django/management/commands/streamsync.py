"""``manage.py streamsync …``: layouts between files and the database, and what operators need."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import StreamsyncError
from streamsync_django.layouts.differences import as_text, compare
from streamsync_django.layouts.errors import UnmanagedLayout
from streamsync_django.layouts.ui_json import export_ui_json, write_atomically
from streamsync_django.locations import application_locations
from streamsync_django.management.operations import doctor
from streamsync_django.management.operations import sessions as live_sessions
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.catalogues import catalogue_of
from streamsync_django.publishing.deploying import take_over
from streamsync_django.publishing.mirror import has_changed_on_disk, read_layout, write_draft
from streamsync_django.runtime.loader import locate


class Command(BaseCommand):
    """Dispatches to one function per subcommand."""

    help = "Manage Streamsync applications: layouts, live sessions, and what is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        topics = parser.add_subparsers(dest="topic", required=True, metavar="topic")
        layout = topics.add_parser("layout", help="import, export, compare, publish, revert, prune")
        actions = layout.add_subparsers(dest="action", required=True, metavar="action")
        self._import_arguments(
            actions.add_parser("import", help="read ui.json or a .wf folder into the draft")
        )
        export = actions.add_parser("export", help="write the draft, or a revision, as ui.json")
        export.add_argument("application")
        export.add_argument(
            "--output", help="a file; without it, standard output; `-` for the application's own"
        )
        export.add_argument("--revision", type=int, help="this revision and not the draft")
        export.add_argument("--old", action="store_true", help="the form that Streamsync 0.5 reads")
        export.set_defaults(run=self._export)
        diff = actions.add_parser(
            "diff", help="what differs between two of: draft, file, published, a number"
        )
        diff.add_argument("application")
        diff.add_argument("old", nargs="?", default="published")
        diff.add_argument("new", nargs="?", default="draft")
        diff.set_defaults(run=self._diff)
        publish = actions.add_parser("publish", help="give visitors the draft, as a new revision")
        publish.add_argument("application")
        publish.add_argument("--message", default="")
        publish.set_defaults(run=self._publish)
        revert = actions.add_parser("revert", help="give visitors an earlier revision again")
        revert.add_argument("application")
        revert.add_argument("revision", type=int)
        revert.add_argument("--message", default="")
        revert.set_defaults(run=self._revert)
        prune = actions.add_parser("prune", help="forget old edits; revisions stay")
        prune.add_argument("--days", type=int, default=90)
        prune.add_argument("--keep", type=int, default=200, help="the newest so many of each stay")
        prune.set_defaults(run=self._prune)

        self._operations(topics)

    def _operations(self, topics: Any) -> None:
        """Declare what operators need."""
        topics.add_parser("doctor", help="look for what would lose or slow sessions").set_defaults(
            run=self._doctor
        )
        sessions = topics.add_parser("sessions", help="list, end, prune")
        actions = sessions.add_subparsers(dest="action", required=True, metavar="action")
        listed = actions.add_parser("list", help="live sessions, the latest active first")
        listed.add_argument("application", nargs="?")
        listed.add_argument("--limit", type=_count, default=100)
        listed.set_defaults(run=self._list_sessions)
        end = actions.add_parser(
            "end", help="end sessions for good; their pages are told within half a minute"
        )
        end.add_argument("sessions", nargs="+")
        end.set_defaults(run=self._end_sessions)
        prune = actions.add_parser("prune", help="end sessions in which nothing has happened for long")
        prune.add_argument("application", nargs="?")
        prune.add_argument("--idle", type=_seconds, default=3600, help="seconds; 3600 when not given")
        prune.set_defaults(run=self._prune_sessions)

    def _doctor(self, options: Namespace) -> None:
        findings = doctor.examine()
        styles: dict[str, Callable[[str], str]] = {
            "error": self.style.ERROR,
            "warning": self.style.WARNING,
            "info": str,
        }
        for finding in findings:
            self.stdout.write(styles[finding.level](f"{finding.level:<8}{finding.message}"))
            if finding.hint and finding.level != "info":
                self.stdout.write(f"{'':<8}{finding.hint}")
        if any(finding.level == "error" for finding in findings):
            raise CommandError("Not everything works.")

    def _list_sessions(self, options: Namespace) -> None:
        found = live_sessions.listed(options.application, options.limit)
        if not found:
            where = f" of {options.application}" if options.application else ""
            self.stdout.write(f"There are no sessions{where}.")
            return
        for line in live_sessions.lines(found):
            self.stdout.write(line)
        if len(found) == options.limit:
            self.stdout.write(f"There may be more: these are the {options.limit} latest (--limit).")

    def _end_sessions(self, options: Namespace) -> None:
        for session_id in options.sessions:
            ended = live_sessions.end(session_id)
            self.stdout.write(f"{session_id}: {'ended.' if ended else 'there is no such session.'}")

    def _prune_sessions(self, options: Namespace) -> None:
        count = live_sessions.prune(options.idle, options.application)
        self.stdout.write("1 session was ended." if count == 1 else f"{count} sessions were ended.")

    def _import_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("applications", nargs="*", help="all of them when none is named")
        parser.add_argument("--file", help="this file or folder and not the application's own")
        parser.add_argument(
            "--if-changed",
            action="store_true",
            help="for deploys: import and publish what came with the code, unless the draft was edited here",
        )
        parser.add_argument("--force", action="store_true", help="even if the draft was edited here")
        parser.add_argument("--publish", action="store_true", help="publish it too")
        parser.set_defaults(run=self._import)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the subcommand; errors are told in a sentence."""
        run: Callable[[Namespace], None] = options["run"]
        try:
            run(Namespace(**options))
        except StreamsyncError as error:
            raise CommandError(str(error)) from error

    def _import(self, options: Namespace) -> None:
        slugs = options.applications or list(application_locations())
        if options.file and len(slugs) != 1:
            raise CommandError("Name one application for that file.")
        for slug in slugs:
            folder = _folder(slug)
            if options.if_changed:
                self._tell_result(slug, take_over(slug, folder))
            else:
                self._import_one(slug, folder, options)

    def _import_one(self, slug: str, folder: Path, options: Namespace) -> None:
        tree, digest = read_layout(Path(options.file) if options.file else folder)
        for warning in tree.warnings:
            self.stderr.write(f"{slug}: {warning}")
        digest = digest if not options.file else ""
        try:
            layout = drafts.load(slug)
        except UnmanagedLayout:
            drafts.begin(slug, tree, file_digest=digest)
        else:
            if layout.draft_digest != layout.synced_digest and not options.force:
                raise CommandError(
                    f"{slug}: the draft was edited in the database. See `streamsync layout diff {slug} draft file`, "
                    "then import with --force; what is replaced stays in the edits."
                )
            drafts.replace(slug, tree, base=layout.version, file_digest=digest or None)
        self.stdout.write(f"{slug}: {len(tree)} components are the draft now.")
        if options.publish:
            self._tell_published(slug, revisions.publish(slug, message="Imported").number)

    def _tell_result(self, slug: str, result: str) -> None:
        said = {
            "begun": "imported and published.",
            "imported": "imported and published.",
            "unchanged": "unchanged.",
        }
        if result in said:
            self.stdout.write(f"{slug}: {said[result]}")
            return
        self.stderr.write(
            f"{slug}: NOT imported: the draft was edited in the database since. Compare with "
            f"`streamsync layout diff {slug} draft file`, and import in the admin or with --force --publish."
        )

    def _export(self, options: Namespace) -> None:
        slug, own = options.application, options.output == "-"
        if own and options.revision is None and not options.old:
            if not write_draft(slug, _folder(slug)):
                raise CommandError(f"{slug}: ui.json was not written; see the log above.")
            return
        tree = _tree(slug, str(options.revision) if options.revision is not None else "draft")
        text = export_ui_json(tree, "old" if options.old else "new")
        if options.output is None:
            self.stdout.write(text, ending="")
            return
        if own and has_changed_on_disk(drafts.load(slug), _folder(slug)):
            raise CommandError(f"{slug}: ui.json was changed on disk: import it first, or name another file.")
        path = _folder(slug) / "ui.json" if own else Path(options.output)
        try:
            write_atomically(path, text)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error

    def _diff(self, options: Namespace) -> None:
        old, new = _tree(options.application, options.old), _tree(options.application, options.new)
        self.stdout.write(
            as_text(compare(old, new, catalogue_of(options.application))) or "There is no difference."
        )

    def _publish(self, options: Namespace) -> None:
        revision = revisions.publish(options.application, message=options.message)
        self._tell_published(options.application, revision.number)

    def _revert(self, options: Namespace) -> None:
        revision = revisions.revert(options.application, options.revision, message=options.message)
        self._tell_published(options.application, revision.number)

    def _tell_published(self, slug: str, number: int) -> None:
        self.stdout.write(f"{slug}: visitors get revision {number}.")

    def _prune(self, options: Namespace) -> None:
        count = drafts.prune(timedelta(days=options.days), options.keep)
        self.stdout.write(f"{count} edits were forgotten.")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise ArgumentTypeError("it is a number of seconds, from 0 on")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ArgumentTypeError("it is a number from 1 on")
    return count


def _folder(slug: str) -> Path:
    locations = application_locations()
    if slug not in locations:
        raise CommandError(
            f"There is no application {slug!r}; there are: {', '.join(sorted(locations)) or 'none'}."
        )
    return locate(locations[slug])[0]


def _tree(slug: str, which: str) -> ComponentTree:
    """Return the draft, the file's layout, what is published, or a revision by number."""
    if which == "file":
        return read_layout(_folder(slug))[0]
    if which == "draft":
        return drafts.load(slug).draft.tree
    if which == "published":
        published = drafts.load(slug).published
        if published is None:
            raise UnmanagedLayout(f"{slug!r} has no published revision")
        return published.tree
    if which.isdecimal():
        return revisions.find(slug, int(which)).tree
    raise CommandError(f"{which!r} is not draft, file, published or the number of a revision.")
