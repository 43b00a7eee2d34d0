"""Whose doing a log line is: for the site's own LOGGING, whichever logger the line comes from."""

from __future__ import annotations

import logging

from streamsync_django.core.journal import current_run


class HandlerRunFilter(logging.Filter):
    """Gives each record `%(streamsync)s`: application, session and event of the handler run it was made in.

    It lets every record pass; outside of handler runs the text is empty. Lines of the database or of a library
    that a handler uses are told apart by it, too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Note the run. To be set on a handler: a logger's filters do not see its children's records."""
        run = current_run.get()
        if run is None:
            record.streamsync = ""
        elif run.session is None:
            record.streamsync = f"[{run.application}] "
        else:
            record.streamsync = f"[{run.application} session={run.session[:8]} event={run.event}] "
        return True
