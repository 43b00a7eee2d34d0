"""Each application is loaded into an import namespace of its own."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import streamsync_django
from streamsync_django.core.application import loading
from streamsync_django.core.errors import ApplicationError, LayoutError
from streamsync_django.layouts.files import FileLayouts
from streamsync_django.runtime.loader import NAMESPACE, LoadedApplication, load_application
from tests.making_apps import make_app


def load(folder: Path | str, slug: str = "shop") -> LoadedApplication:
    return load_application(slug, folder, FileLayouts())


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))


def call(loaded: LoadedApplication, name: str) -> Any:
    return loaded.application.handlers[name].function()


def modules() -> set[str]:
    return {name for name in sys.modules if name.startswith(f"{NAMESPACE}.")}


def test_two_applications_with_equally_named_siblings_do_not_meet(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        folder = make_app(
            tmp_path,
            """
            import settings_of_mine
            from package.deep import where
            import package.deep as deep

            def who():
                import late
                return (settings_of_mine.NAME, where(), deep.NAME, late.NAME)
            """,
            name=name,
        )
        write(folder, "settings_of_mine.py", f"NAME = {name!r}")
        write(folder, "late.py", "from settings_of_mine import NAME")
        write(folder, "package/__init__.py", "")
        write(
            folder,
            "package/deep.py",
            """
            from settings_of_mine import NAME
            from . import sibling
            from .sibling import NAME as AGAIN

            def where():
                from ..late import NAME as outer
                return (sibling.NAME, AGAIN, outer)
            """,
        )
        write(folder, "package/sibling.py", f"NAME = 'sibling of {name}'")
        found.append(load(folder, name))
    for name, loaded in zip(("one", "two"), found, strict=True):
        sibling = f"sibling of {name}"
        assert call(loaded, "who") == (name, (sibling, sibling, name), name, name)
    assert "settings_of_mine" not in sys.modules
    assert "late" not in sys.modules


def test_a_folder_without_init_is_a_package_unless_somebody_else_has_the_name(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        folder = make_app(
            tmp_path,
            """
            import json
            import parts.deep.inner as inner
            from parts import where
            import parts
            import writer

            def who():
                return (inner.NAME, where.NAME, parts.where.NAME, json.dumps({}), writer.VERSION is not None)
            """,
            name=name,
        )
        write(folder, "parts/where.py", f"NAME = {name!r}")
        write(
            folder, "parts/deep/inner.py", "from parts.where import NAME\nfrom ..where import NAME as AGAIN"
        )
        write(folder, "json/notes.txt", "data, not code")
        write(folder, "writer/notes.txt", "data, not code")
        found.append(load(folder, name))
    for name, loaded in zip(("one", "two"), found, strict=True):
        assert call(loaded, "who") == (name, name, name, "{}", True)
    assert "parts" not in sys.modules


@pytest.mark.parametrize(
    "line",
    [
        "import streamsync as ss",
        "import streamsync_django as ss",
        "import streamsync; ss = streamsync",
        "from streamsync import init_state; import streamsync as ss",
    ],
)
def test_the_original_products_name_means_ours(tmp_path: Path, line: str) -> None:
    main = f"{line}\nss.init_state({{'a': 1}})\ndef handler(): return ss"
    loaded = load(make_app(tmp_path, main))
    assert call(loaded, "handler").init_state is streamsync_django.init_state
    assert loaded.base.root == {"a": 1}
    assert "streamsync" not in sys.modules


def test_the_original_products_core_has_its_state(tmp_path: Path) -> None:
    loaded = load(
        make_app(tmp_path, "from streamsync.core import StreamsyncState\ndef it(): return StreamsyncState")
    )
    assert call(loaded, "it").__name__ == "StreamsyncState"


def test_imported_functions_are_handlers_and_hidden_ones_are_not(tmp_path: Path) -> None:
    folder = make_app(tmp_path, "from actions import *\nfrom actions import _hidden\nfrom json import dumps")
    write(folder, "actions.py", "def save(): ...\ndef _hidden(): ...")
    assert set(load(folder).application.handlers) == {"save", "dumps"}


def test_what_loading_prints_is_kept(tmp_path: Path) -> None:
    from streamsync_django.runtime import output

    folder = make_app(tmp_path, "'''About it.'''\nprint('hello')")
    uninstall = output.install()
    try:
        loaded = load(folder)
    finally:
        uninstall()
    assert [(entry.kind, entry.message, entry.application) for entry in loaded.entries] == [
        ("print", "hello", "shop")
    ]
    assert loaded.application.description == "About it."
    assert loaded.title == "app"


# What is broken

BROKEN = {
    "an exception": ("x = 1\n1 / 0", "ZeroDivisionError", 'main.py", line 2'),
    "a syntax error": ("x = 1\ndef (:", "SyntaxError", 'main.py", line 2'),
    "a missing module": ("import not_there_at_all", "ModuleNotFoundError", 'main.py", line 1'),
    "a sibling that is broken": ("import sibling", "ValueError", 'sibling.py", line 1'),
    "an exit": ("import sys\nsys.exit(3)", "SystemExit", 'main.py", line 2'),
    "a wrong state": ("import streamsync as ss\nss.init_state({1: 2})", "StateError", 'main.py", line 2'),
}


@pytest.mark.parametrize(("main", "error", "where"), BROKEN.values(), ids=BROKEN)
def test_a_broken_main_says_where_and_leaves_nothing_behind(
    tmp_path: Path, main: str, error: str, where: str
) -> None:
    folder = make_app(tmp_path, main)
    write(folder, "sibling.py", "raise ValueError('in the sibling')")
    before = modules()
    with pytest.raises(ApplicationError, match=error) as caught:
        load(folder)
    assert where in caught.value.traceback
    assert error in caught.value.traceback
    assert modules() == before
    assert loading.get() is None


@pytest.mark.parametrize("main", ["x = 1\ndef (:", "import sibling"], ids=["in main.py", "in its sibling"])
def test_the_traceback_of_a_syntax_error_shows_the_author_s_lines_only(tmp_path: Path, main: str) -> None:
    folder = make_app(tmp_path, main)
    write(folder, "sibling.py", "y = (")
    with pytest.raises(ApplicationError) as caught:
        load(folder)
    files = [line for line in caught.value.traceback.splitlines() if line.startswith("  File ")]
    assert files
    assert [line for line in files if str(folder) not in line] == []


def test_after_a_fix_it_loads(tmp_path: Path) -> None:
    folder = make_app(tmp_path, "import sibling\ndef it(): return sibling.X")
    write(folder, "sibling.py", "raise ValueError")
    with pytest.raises(ApplicationError):
        load(folder)
    write(folder, "sibling.py", "X = 5")
    assert call(load(folder), "it") == 5


def test_a_folder_without_main_or_layout_is_named(tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match=r"no main\.py"):
        load(tmp_path)
    folder = make_app(tmp_path, "")
    (folder / "ui.json").write_text("{")
    with pytest.raises(LayoutError, match=r"ui\.json"):
        load(folder)
    (folder / "ui.json").unlink()
    with pytest.raises(ApplicationError, match=r"ui\.json"):
        load(folder)


@pytest.mark.parametrize("package", ["no_such_package", "no.such.package", "json.decoder", ""])
def test_a_package_that_is_none_is_named(package: str) -> None:
    with pytest.raises(ApplicationError, match="package"):
        load(package)


# Django's modules


def test_modules_of_a_django_app_exist_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_app(
        tmp_path,
        """
        from models import Thing
        from .models import Thing as relative
        from hosted_app.models import Thing as absolute

        def same():
            return Thing is relative is absolute
        """,
        name="hosted_app",
    )
    write(folder, "__init__.py", "")
    write(
        folder,
        "models.py",
        """
        import sys
        sys.times_loaded = getattr(sys, "times_loaded", 0) + 1

        class Thing: ...

        def late():
            from .sibling import NAME
            return NAME
        """,
    )
    write(folder, "sibling.py", "NAME = 5")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "times_loaded", 0, raising=False)
    loaded = load("hosted_app")
    assert call(loaded, "same")
    assert call(load("hosted_app"), "same")
    assert sys.times_loaded == 1  # type: ignore[attr-defined]
    models = sys.modules["hosted_app.models"]
    assert models.__name__ == "hosted_app.models"
    assert models.__spec__ is not None
    assert models.__spec__.name == "hosted_app.models"
    assert models.late() == 5
    for name in [name for name in sys.modules if name.partition(".")[0] == "hosted_app"]:
        del sys.modules[name]
