"""Loads applications: runs a main.py in an import namespace of its own and freezes what it declared."""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from streamsync_django.core import journal
from streamsync_django.core.application import Application, loading
from streamsync_django.core.author import Config
from streamsync_django.core.base import Base
from streamsync_django.core.components import ComponentTree
from streamsync_django.core.errors import ApplicationError
from streamsync_django.core.extensions import Extensions, read_extensions
from streamsync_django.core.files import application_folder
from streamsync_django.core.journal import LogEntry, Run
from streamsync_django.core.own_modules import NAMESPACE
from streamsync_django.runtime.output import routed

#: What the names of the original product's packages mean in a main.py.
ALIASES: Final[Mapping[str, str]] = {
    "streamsync": "streamsync_django.compat.original",
    "writer": "streamsync_django.compat.original",
}
#: Modules of a Django app that exist once per process, whoever imports them.
DJANGO_MODULES: Final = frozenset(
    {"admin", "apps", "migrations", "models", "signals", "tasks", "urls", "views"}
)
_generations = itertools.count(1)
_generation_lock = threading.Lock()


class LayoutSource(Protocol):
    """Where layouts come from: files now, the database in a site that manages them there."""

    def load(self, slug: str, folder: Path) -> ComponentTree:
        """Return the layout visitors get; raises LayoutError or ApplicationError."""

    def find(self, slug: str, folder: Path, revision: str) -> ComponentTree | None:
        """Return a layout that visitors once got, by its digest; None when it is not kept or cannot be read."""


@dataclass(frozen=True, slots=True)
class LoadedApplication:
    """An application ready to serve: its code, its layout and its frozen initial state."""

    slug: str
    application: Application
    base: Base
    tree: ComponentTree
    #: What loading printed and warned of.
    entries: tuple[LogEntry, ...] = ()
    #: The import namespace that its modules live in.
    generation: Generation = field(default_factory=lambda: Generation())
    #: Custom component types, read anew with the code.
    extensions: Extensions = field(default_factory=Extensions)

    @property
    def title(self) -> str:
        root = self.tree.get("root")
        name = root.content.get("appName") if root is not None else None
        return name or self.slug.replace("_", " ").replace("-", " ").capitalize()


def load_application(
    slug: str, location: str | Path, layouts: LayoutSource, *, before: LoadedApplication | None = None
) -> LoadedApplication:
    """Load the application at a dotted package name or folder; what it shares goes on from `before`.

    Raises ApplicationError with the author's traceback when main.py fails, LayoutError for the layout.
    """
    folder, package = locate(location)
    tree = layouts.load(slug, folder)
    entries: list[LogEntry] = []
    application = Application(slug, folder, shared=before.application.shared if before else None, layout=tree)
    generation = Generation.begin(slug, folder, package)
    try:
        with _running_main(application, Run(slug, entries.append)):
            namespace = generation.run_main()
            application.take_functions(namespace)
            application.description = (namespace.get("__doc__") or "").strip()
            base = application.make_base()
            tree = application.over(tree)
            for problem in application.find_unknown_arguments(tree):
                journal.write("warning", "A handler asks for what there is not", problem)
            extensions = read_extensions(folder)
            for problem in extensions.problems:
                journal.write("warning", "A custom component is left out", problem)
    except BaseException:
        generation.retire()
        raise
    return LoadedApplication(slug, application, base, tree, tuple(entries), generation, extensions)


def locate(location: str | Path) -> tuple[Path, str | None]:
    """Return an application's folder, and its package name where it was given by one."""
    text = str(location)
    if isinstance(location, Path) or "/" in text or "\\" in text:
        folder, package = Path(location), None
    else:
        package = text
        try:
            spec = importlib.util.find_spec(text)
        except (ImportError, ValueError) as error:
            raise ApplicationError(f"there is no package {text!r}: {error}") from error
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        if not places:
            raise ApplicationError(
                f"there is no package {text!r}; name a package, or a folder with a main.py"
            )
        folder = Path(places[0])
    if not (folder / "main.py").is_file():
        raise ApplicationError(f"{folder} has no main.py")
    return folder.resolve(), package


@contextmanager
def _running_main(application: Application, run: Run) -> Iterator[None]:
    token, folder = loading.set(application), application_folder.set(application.folder)
    try:
        with routed(run):
            yield
    except ApplicationError:
        raise
    except (Exception, SystemExit) as error:  # sys.exit() in a main.py must not end the server
        message = f"{application.slug}: main.py raised {type(error).__name__}: {error}"
        raise ApplicationError(message, traceback=_author_traceback(error, application.folder)) from error
    finally:
        application_folder.reset(folder)
        loading.reset(token)


def _author_traceback(error: BaseException, folder: Path) -> str:
    """Return the traceback from the author's first line on, without what imports modules here.

    A syntax error in main.py has no line that ran: its message, which shows the place, is all of it.
    """
    shown = traceback.TracebackException.from_exception(error)
    by_author = (number for number, line in enumerate(shown.stack) if line.filename.startswith(str(folder)))
    first = next(by_author, len(shown.stack) if isinstance(error, SyntaxError) else 0)
    kept = [line for line in shown.stack[first:] if not _is_machinery(line.filename)]
    shown.stack = traceback.StackSummary.from_list(kept)
    return "".join(shown.format() if kept else shown.format_exception_only())


def _is_machinery(filename: str) -> bool:
    return filename == __file__ or filename.startswith("<frozen importlib")


class Generation:
    """One loading of an application's modules, beside earlier ones that handlers may still be running in.

    A retired generation leaves ``sys.modules`` once nothing runs in it any more; may be used from any thread.
    """

    def __init__(self, name: str = "") -> None:
        #: Where its modules are in ``sys.modules``; empty for an application made of no files.
        self.name = name
        self._lock = threading.Lock()
        self._running = 0
        self._is_retired = False

    @classmethod
    def begin(cls, slug: str, folder: Path, package: str | None) -> Generation:
        """Open a new namespace for the modules in `folder`."""
        letters = "".join(character if character.isalnum() else "_" for character in slug)
        generation = cls(f"{NAMESPACE}.g{next(_generations)}_{letters}")
        with _generation_lock:
            if NAMESPACE not in sys.modules:
                top = types.ModuleType(NAMESPACE)
                top.__path__ = []
                sys.modules[NAMESPACE] = top
                sys.meta_path.insert(0, _Finder())
        _places[generation.name] = _Place(generation.name, folder, package)
        module = types.ModuleType(generation.name)
        module.__path__ = [str(folder)]
        sys.modules[generation.name] = module
        return generation

    def run_main(self) -> dict[str, Any]:
        """Execute main.py and return its globals."""
        return vars(importlib.import_module(f"{self.name}.main"))

    def running(self) -> AbstractContextManager[None]:
        """Keep the modules while a handler of theirs runs."""
        return _Running(self)

    def enter(self) -> None:
        """One handler more runs."""
        with self._lock:
            self._running += 1

    def leave(self) -> None:
        """One handler less runs."""
        with self._lock:
            self._running -= 1
        if self._is_retired:
            self._forget_if_unused()

    def retire(self) -> None:
        """Let go of the modules as soon as no handler of theirs runs."""
        with self._lock:
            self._is_retired = True
        self._forget_if_unused()

    def _forget_if_unused(self) -> None:
        with self._lock:
            if self._running or not self._is_retired or not self.name:
                return
        for name in [
            name for name in list(sys.modules) if name == self.name or name.startswith(f"{self.name}.")
        ]:
            sys.modules.pop(name, None)
        _places.pop(self.name, None)
        top = sys.modules.get(NAMESPACE)
        if top is not None:
            vars(top).pop(self.name.rpartition(".")[2], None)


class _Running(AbstractContextManager[None]):
    """Counts one handler of a generation; not a generator function, which would cost each event more."""

    __slots__ = ("_generation",)

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def __enter__(self) -> None:
        self._generation.enter()

    def __exit__(self, *error: object) -> None:
        self._generation.leave()


@dataclass(frozen=True, slots=True)
class _Place:
    """One loaded generation of an application's modules."""

    name: str
    folder: Path
    package: str | None

    def has(self, module: str) -> bool:
        """Tell whether the folder has a module or package of that name."""
        return (self.folder / f"{module}.py").is_file() or (self.folder / module / "__init__.py").is_file()

    def has_folder(self, module: str) -> bool:
        """Tell whether `module` is a folder of modules without an ``__init__.py``: as in Python, they come last."""
        if not (self.folder / module).is_dir():
            return False
        try:
            others = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return False
        return others is None or others.origin is None


_places: dict[str, _Place] = {}


def _place_of(module: str) -> _Place | None:
    return _places.get(".".join(module.split(".")[:2]))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules of applications, below their namespace only."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        place = _place_of(fullname) if fullname.startswith(NAMESPACE) else None
        if place is None or path is None:
            return None
        inner = fullname[len(place.name) + 1 :]
        if place.package is not None and inner.partition(".")[0] in DJANGO_MODULES:
            return importlib.machinery.ModuleSpec(fullname, _Alias(f"{place.package}.{inner}"))
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, str(spec.loader.path))
        return spec


class _Alias(importlib.abc.Loader):
    """Gives a module that exists once per process another name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = importlib.import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Give the module its own spec back; it has been executed under its own name."""
        module.__spec__ = self._spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Executes a module with imports that look into the application's folder first.

    Nothing is read from or written to ``__pycache__``: there, two edits within one second look the same.
    """

    def path_stats(self, path: Any) -> Any:
        raise OSError("always compiled anew")

    def exec_module(self, module: types.ModuleType) -> None:
        place = _place_of(module.__name__)
        if place is not None:
            names = dict(vars(builtins))
            names["__import__"] = _import_into(place)
            module.__dict__["__builtins__"] = names
            if module.__name__ == f"{place.name}.main":
                module.__dict__["logger"] = Config.logger
        super().exec_module(module)


def _import_into(place: _Place) -> Callable[..., Any]:
    """Return an ``__import__`` for one application: its own modules, aliases, then everybody's."""

    def import_(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level == 0:
            first, _, rest = name.partition(".")
            if first in ALIASES and not place.has(first):
                target = f"{ALIASES[first]}.{rest}" if rest else ALIASES[first]
                builtins.__import__(target, globals, locals, fromlist or (), 0)
                return sys.modules[target if fromlist else ALIASES[first]]
            if place.has(first) or place.has_folder(first):
                builtins.__import__(f"{place.name}.{name}", globals, locals, fromlist, 0)
                return sys.modules[f"{place.name}.{name}" if fromlist else f"{place.name}.{first}"]
        return builtins.__import__(name, globals, locals, fromlist or (), level)

    return import_
