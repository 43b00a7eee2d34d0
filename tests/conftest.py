"""What every test may use; fixtures of one layer live in that layer's folder."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from scripts.postgres import find_postgres

# How fast examples are made and run says nothing on a busy machine.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

TESTS = Path(__file__).parent
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

#: marker -> (the variable that names the program, what to look for without it)
PROGRAMS = {
    "redis": ("STREAMSYNC_TEST_REDIS_SERVER", ("redis-server",)),
    "nginx": ("STREAMSYNC_TEST_NGINX", ("nginx", "/usr/sbin/nginx")),
    "postgres": ("STREAMSYNC_TEST_POSTGRES", (find_postgres() or "pg_ctl",)),
    "browser": (
        "STREAMSYNC_TEST_CHROMIUM",
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    ),
}


def find_program(marker: str) -> str | None:
    variable, names = PROGRAMS[marker]
    said = os.environ.get(variable)
    return next((path for name in ((said,) if said else names) if (path := shutil.which(name))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or in CI fail, a test whose program this machine does not have."""
    for marker, (variable, _) in PROGRAMS.items():
        if item.get_closest_marker(marker) and find_program(marker) is None:
            message = f"no program for tests marked {marker}: run `make setup-dev` or set {variable}"
            pytest.fail(message, pytrace=False) if IN_CI else pytest.skip(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give tests with real processes a second chance, and a start before the others where several run at once.

    On a busy machine their deadlines may pass unfairly: the summary names those that needed it (R), and one that
    fails twice fails. They take longest, so that what is quick fills the gaps at the end.
    """
    for item in items:
        if starts_processes(item):
            item.add_marker(pytest.mark.flaky(reruns=1))
    if hasattr(config, "workerinput"):
        slow_files = {item.path for item in items if starts_processes(item)}
        items.sort(key=lambda item: item.path not in slow_files)


def starts_processes(item: pytest.Item) -> bool:
    return any(
        item.get_closest_marker(marker) for marker in ("browser", "cluster", "packaging", "postgres", "redis")
    )


@pytest.fixture(scope="session")
def redis_server_program() -> str:
    """The path of a redis-server; only for tests marked `redis`."""
    path = find_program("redis")
    assert path is not None, "mark this test with pytest.mark.redis"
    return path


@pytest.fixture(scope="session")
def nginx_program() -> str:
    """The path of an nginx; only for tests marked `nginx`."""
    path = find_program("nginx")
    assert path is not None, "mark this test with pytest.mark.nginx"
    return path


@pytest.fixture(scope="session")
def postgres_program() -> str:
    """The path of a pg_ctl; only for tests marked `postgres`."""
    path = find_program("postgres")
    assert path is not None, "mark this test with pytest.mark.postgres"
    return path


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """The path of a Chromium; only for tests marked `browser`."""
    path = find_program("browser")
    assert path is not None, "mark this test with pytest.mark.browser"
    return path


@pytest.fixture(scope="session")
def cases_folder() -> Path:
    """The tables of cases that pytest and vitest both read."""
    return TESTS / "cases"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the test database in a file, as a site has it: in memory, threads lock each other's tables out."""
    from django.db import connections

    file = tmp_path_factory.mktemp("database") / "test.sqlite3"
    connections["default"].settings_dict["TEST"]["NAME"] = str(file)


@pytest.fixture(autouse=True)
def layouts_without_a_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests without a database take layouts from files, and no thread watch for published ones."""
    from streamsync_django.publishing import source, watching

    monkeypatch.setattr(watching.PublicationWatch, "start", lambda watch: None)
    uses_database = {"db", "transactional_db"} & set(request.fixturenames)
    if not uses_database and request.node.get_closest_marker("django_db") is None:
        monkeypatch.setattr(source, "read_rows", lambda slug=None: {})
