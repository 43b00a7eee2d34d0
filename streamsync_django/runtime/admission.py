"""Asking an application's session verifiers whether a visitor may have a session."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from streamsync_django.core import journal
from streamsync_django.core.errors import HandlerError
from streamsync_django.core.journal import Run
from streamsync_django.runtime.loader import LoadedApplication
from streamsync_django.runtime.output import routed
from streamsync_django.runtime.registry import ApplicationLog


def is_admitted(
    application: LoadedApplication,
    log: ApplicationLog,
    cookies: Mapping[str, str],
    headers: Mapping[str, str],
) -> bool:
    """Return whether every verifier agrees; runs the author's code in the calling thread.

    `headers` are by name in lower case. A verifier that fails, or returns neither True nor False, admits
    nobody: the reason is in the application's log.
    """
    if not application.application.verifiers:
        return True
    with application.generation.running(), routed(Run(application.slug, log.add)):
        try:
            return application.application.admits(cookies, headers)
        except (HandlerError, ValueError) as error:
            cause = error.__cause__ or error
            trace = "".join(traceback.format_exception(cause))
            journal.write("error", "Session refused", f"{type(cause).__name__}: {cause}", trace)
            return False
