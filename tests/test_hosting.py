"""What the process that serves a site hosts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django.fixtures import Settings

from streamsync_django.hosting import get_registry
from tests.making_apps import make_app


@pytest.fixture
def back_again() -> Iterator[None]:
    before = Path.cwd()
    yield
    os.chdir(before)


@pytest.mark.usefixtures("back_again")
def test_relative_paths_of_one_application_work(tmp_path: Path, settings: Settings) -> None:
    folder = make_app(
        tmp_path,
        "import pathlib\nimport streamsync_django as ss\nss.init_state({'x': pathlib.Path('data.txt').read_text()})",
    )
    (folder / "data.txt").write_text("from a relative path")
    settings.STREAMSYNC = {"APPS": {"app": str(folder)}, "WORKING_DIRECTORY": "app"}
    assert get_registry().get("app").base.snapshot == b'{"x":"from a relative path"}'


def test_a_working_directory_that_is_no_application_is_named(settings: Settings) -> None:
    settings.STREAMSYNC = {"APPS": {}, "WORKING_DIRECTORY": "elsewhere"}
    with pytest.raises(SystemCheckError, match=r"'elsewhere'.*\n.*Name one of the applications"):
        call_command("check")
