"""The wheel in somebody else's project: an empty environment, the README's lines, a click in a browser."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.plugins.browser import OpenPage, browser, open_page

__all__ = ["browser", "open_page"]

pytestmark = [pytest.mark.packaging, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60

#: What a site adds when it goes public: below a path of its host, its files named by their content.
PRODUCTION = """
from .settings import *

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
FORCE_SCRIPT_NAME = "/below"
STATIC_URL = "/below/static/"
STATIC_ROOT = BASE_DIR / "collected"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
MIDDLEWARE = [MIDDLEWARE[0], "whitenoise.middleware.WhiteNoiseMiddleware", *MIDDLEWARE[1:]]
"""


@dataclass(frozen=True)
class Project:
    """A Django project and the environment it runs in."""

    folder: Path
    programs: Path

    def run(self, program: str, *arguments: str, **settings: str) -> str:
        """Run one of the environment's programs, and return what it prints."""
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def environment(self, **settings: str) -> dict[str, str]:
        """Return an environment in which nothing leads to this repository."""
        mine = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "VIRTUAL_ENV", "REDIS_URL")
        return {key: value for key, value in os.environ.items() if key not in mine} | settings

    @contextmanager
    def serving(self, address: str, *command: str, **settings: str) -> Iterator[str]:
        """Run a server until the end of the block, and give the address below which it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        url = f"http://127.0.0.1:{port}{address}"
        with (self.folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [self.programs / command[0], *(part.replace("PORT", port) for part in command[1:])],
                cwd=self.folder,
                env=self.environment(**settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(url, server, self.folder / "server.log")
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """What somebody has who followed the README."""
    assert (ROOT / "streamsync_django/static/streamsync/renderer.js").is_file(), "run `make build` first"
    folder = tmp_path_factory.mktemp("elsewhere")
    python, programs = folder / "env/bin/python", folder / "env/bin"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("streamsync_django-*.whl")
    install = [*pip, "--python", python, "install", "--no-compile", "--constraint", ROOT / "requirements.txt"]
    subprocess.run([*install, wheel, "whitenoise==6.12.0"], check=True)

    Project(folder, programs).run("django-admin", "startproject", "mysite")
    project = Project(folder / "mysite", programs)
    lines, commands = readme()
    for file, text in lines.items():
        with (project.folder / file).open("a") as opened:
            opened.write(f"\n{text}")
    for command in commands:
        if "runserver" not in command:
            project.run(*command)
    (project.folder / "mysite/production.py").write_text(PRODUCTION)
    return project


def readme() -> tuple[dict[str, str], list[list[str]]]:
    """Return the lines that the README wants at the end of each file, and its commands."""
    text = (ROOT / "README.md").read_text().partition("## Add it to your Django project")[2]
    python, shell = re.findall(r"```(?:python|sh)\n(.*?)```", text, re.DOTALL)[:2]
    parts = re.split(r"^# (mysite/\w+\.py)$", python, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)), [
        line.partition("#")[0].split() for line in shell.splitlines()
    ]


def wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except (urllib.error.URLError, OSError) as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{url}: {error}\n{log.read_text()}") from error
            time.sleep(0.2)


def count_to_two(page: Page) -> None:
    button = page.get_by_role("button", name="Increment")
    button.click()
    expect(page.get_by_text("Count: 1", exact=True)).to_be_visible()
    button.click()
    expect(page.get_by_text("Count: 2", exact=True)).to_be_visible()


def test_the_readmes_lines_make_a_project_that_counts(project: Project, open_page: OpenPage) -> None:
    assert set(readme()[0]) == {"mysite/settings.py", "mysite/urls.py", "mysite/asgi.py"}
    assert "no issues" in project.run("python", "manage.py", "check", "--fail-level", "WARNING")
    serve = next(command for command in readme()[1] if "runserver" in command)
    with project.serving("/live/hello/", *serve, "--noreload", "PORT") as url:
        count_to_two(open_page(url).page)


def test_it_counts_below_a_path_with_hashed_files_and_without_debugging(
    project: Project, open_page: OpenPage
) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "mysite.production"}
    project.run("python", "manage.py", "collectstatic", "--no-input", **settings)
    project.run("python", "manage.py", "streamsync", "layout", "import", "--if-changed", **settings)
    daphne = ("daphne", "-b", "127.0.0.1", "-p", "PORT", "mysite.asgi:application")
    with project.serving("/below/live/hello/", *daphne, **settings) as url:
        visit = open_page(url)
        count_to_two(visit.page)
        sources = visit.page.eval_on_selector_all("script[src]", "all => all.map(one => one.src)")
        assert all(re.search(r"/below/static/streamsync/renderer\.[0-9a-f]{12}\.js$", one) for one in sources)
        with urllib.request.urlopen(url.replace("live/hello/", "admin/"), timeout=10) as admin:
            assert "/below/static/admin/css/base." in admin.read().decode()


def test_an_application_begun_by_the_command_passes_its_own_test(project: Project) -> None:
    code = "import test_hello; test_hello.test_the_button_counts()"
    project.run("python", "-c", code, PYTHONPATH="mysite/hello", DJANGO_SETTINGS_MODULE="mysite.settings")


def test_the_wheel_has_what_the_package_reads_and_not_its_sources(project: Project) -> None:
    (installed,) = project.programs.parent.glob("lib/python*/site-packages/streamsync_django")
    for name in subprocess.run(
        ["git", "ls-files", "streamsync_django"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines():
        path = Path(name).relative_to("streamsync_django")
        if path.parts[0] != "frontend" and (ROOT / name).exists():
            assert (installed / path).is_file(), name
    assert not (installed / "frontend").exists()
    assert (installed / "static/streamsync/renderer.js").is_file()
