"""Prints, logging and warnings of user code, routed to the log of the handler run they come from.

A context variable says whose output it is, so that two handlers in two threads never mix. Python's
`contextlib.redirect_stdout` swaps the stream of the whole process and would give one visitor's output
to another. Threads and pools that a handler starts work in a copy of its context.
"""

from __future__ import annotations

import concurrent.futures
import functools
import io
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from dataclasses import replace
from typing import Any, Final, TextIO

from streamsync_django.core import journal
from streamsync_django.core.errors import described
from streamsync_django.core.journal import EntryKind, Run, current_run

#: Longer output of one write is cut, so that a loop of prints cannot fill the log's memory.
MAX_MESSAGE = 8192

_logger = logging.getLogger("streamsync_django.application")
#: Marks a log record that names its run.
_ROUTED: Final = "streamsync_routed"


class _LineBuffer:
    """Collects what one run prints until a line is whole."""

    def __init__(self, run: Run) -> None:
        self._run = run
        #: By thread, because one print is several writes.
        self._parts: dict[int, list[str]] = {}
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        thread = threading.get_ident()
        with self._lock:
            parts = self._parts.setdefault(thread, [])
            parts.append(text)
            if "\n" not in text:
                return
            whole, _, rest = "".join(parts).rpartition("\n")
            if rest:
                self._parts[thread] = [rest]
            else:
                del self._parts[thread]
        self._send(whole)

    def flush(self) -> None:
        """Send lines that were never ended, whichever thread began them."""
        with self._lock:
            rests, self._parts = ["".join(parts) for parts in self._parts.values()], {}
        for rest in rests:
            self._send(rest)

    def _send(self, text: str) -> None:
        if text.strip():
            cut = text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…"
            self._run.write(self._run.entry("print", "Output", cut))


_buffer: ContextVar[_LineBuffer | None] = ContextVar("streamsync_output", default=None)


class _Router(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr: inside a run it writes to its log, elsewhere to the original."""

    def __init__(self, original: TextIO) -> None:
        self.original = original

    def write(self, text: str, /) -> int:
        buffer = _buffer.get()
        if buffer is None:
            return self.original.write(text)
        buffer.write(text)
        return len(text)

    def flush(self) -> None:
        if _buffer.get() is None:
            self.original.flush()

    def isatty(self) -> bool:
        return self.original.isatty()

    def fileno(self) -> int:
        return self.original.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.original.encoding

    @property
    def buffer(self) -> Any:
        return self.original.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class routed:  # noqa: N801 (called like a function, but a generator would cost each event more)
    """Send what is printed, logged and warned of within to the log of `run`."""

    __slots__ = ("_buffer", "_buffer_token", "_run", "_run_token")

    def __init__(self, run: Run) -> None:
        self._run = run
        self._buffer = _LineBuffer(run)

    def __enter__(self) -> None:
        self._buffer_token = _buffer.set(self._buffer)
        self._run_token = current_run.set(self._run)

    def __exit__(self, *error: object) -> None:
        self._buffer.flush()
        _buffer.reset(self._buffer_token)
        current_run.reset(self._run_token)


class _Routing:
    """What routing replaces in Python, once for all runtimes of this process, which begin and end in any order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._restore: list[Callable[[], None]] = []

    def begin(self) -> None:
        with self._lock:
            if self._users == 0:
                self._replace(logging.Logger, "callHandlers", _log_in_run)
                self._replace(warnings, "showwarning", _show_warning_with)
                self._replace(threading.Thread, "start", _start_in_context)
                self._replace(concurrent.futures.ThreadPoolExecutor, "submit", _submit_in_context)
            self._users += 1
            for name in ("stdout", "stderr"):  # each time: what the process writes to may have been replaced
                if not isinstance(stream := getattr(sys, name), _Router):
                    setattr(sys, name, _Router(stream))

    def end(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users > 0:
                return
            while self._restore:
                self._restore.pop()()
            for name in ("stdout", "stderr"):
                if isinstance(stream := getattr(sys, name), _Router):
                    setattr(sys, name, stream.original)

    def _replace(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        original = getattr(owner, name)
        setattr(owner, name, wrap(original))
        self._restore.append(lambda: setattr(owner, name, original))


_routing = _Routing()


def install() -> Callable[[], None]:
    """Start routing in this process; returns a function that ends it. Outside of runs nothing changes."""
    _routing.begin()
    is_over = False

    def uninstall() -> None:
        nonlocal is_over
        if not is_over:
            is_over = True
            _routing.end()

    return uninstall


def _log_in_run(call_handlers: Callable[..., None]) -> Callable[..., None]:
    """Have records that are made inside a run name it, and copy them to its log.

    Not a handler of the root logger: with one, Python takes logging for set up, and a site without a LOGGING of
    its own would not see the warnings and errors that Python otherwise prints. And not a second record: the
    author's own one reaches the server's log once, from its own logger and at its own level.
    """

    @functools.wraps(call_handlers)
    def log_in_run(logger: logging.Logger, record: logging.LogRecord) -> None:
        run = current_run.get()
        if run is None:
            call_handlers(logger, record)
            return
        if not record.name.startswith(_logger.name) and not hasattr(record, _ROUTED):
            setattr(record, _ROUTED, True)  # a queue's listener may handle it again
            _name_run(record, run)
        token = _buffer.set(None)
        try:  # a handler that writes to sys.stderr means the server's: routed, it would be in the log once more
            call_handlers(logger, record)
        finally:
            _buffer.reset(token)

    return log_in_run


def _name_run(record: logging.LogRecord, run: Run) -> None:
    """Copy a record to the log of its run, and put the run in front of its message."""
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - what does not fit its arguments is reported by Python's handlers, as ever
        message = str(record.msg)
    kind: EntryKind = "error" if record.levelno >= logging.ERROR else "log"
    if record.levelno == logging.WARNING:
        kind = "warning"
    trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else None
    entry = run.entry(kind, record.name, message[:MAX_MESSAGE], trace)
    run.write(replace(entry, is_on_server=True))
    where = f"{run.where} "
    record.msg = (where.replace("%", "%%") if record.args else where) + str(record.msg)


def _show_warning_with(show: Callable[..., None]) -> Callable[..., None]:
    return functools.partial(_show_warning, show)


def _show_warning(
    original: Callable[..., None], message: Any, category: Any, *details: Any, **more: Any
) -> None:
    run = current_run.get()
    if run is not None:
        run.write(run.entry("warning", category.__name__, str(message)))
    token = _buffer.set(None)
    try:  # Python writes warnings to stderr; routed, they would be in the log once more
        original(message, category, *details, **more)
    finally:
        _buffer.reset(token)


def _start_in_context(start: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(start)
    def start_in_context(thread: threading.Thread) -> None:
        if current_run.get() is not None:
            context, run = copy_context(), thread.run
            thread.run = lambda: context.run(_tell_if_it_fails, thread, run)  # type: ignore[method-assign]
        start(thread)

    return start_in_context


def _tell_if_it_fails(thread: threading.Thread, run: Callable[[], None]) -> None:
    """Run a handler's thread; what ends it goes to the run's log, and on to the process's `threading.excepthook`."""
    try:
        run()
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        journal.write("error", f"{thread.name} failed", described(error), trace)
        raise


def _submit_in_context(submit: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(submit)
    def submit_in_context(pool: Any, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        if current_run.get() is None:
            return submit(pool, function, *arguments, **named)
        context = copy_context()
        token_run, token_buffer = current_run.set(None), _buffer.set(None)
        try:  # a thread that the pool starts now outlives this run: it must not inherit it
            return submit(pool, context.run, function, *arguments, **named)
        finally:
            current_run.reset(token_run)
            _buffer.reset(token_buffer)

    return submit_in_context
