"""Find a PostgreSQL server by its pg_ctl: Debian keeps these programs out of the PATH, one folder per release."""

import os
import shutil
from pathlib import Path


def find_postgres(*more: Path) -> str | None:
    """Return the path of a pg_ctl that has its initdb and postgres beside it, the newest release first."""
    releases = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_release, reverse=True)
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *map(str, releases), *map(str, more)]
    for folder in filter(None, folders):
        programs = [shutil.which(name, path=folder) for name in ("pg_ctl", "initdb", "postgres")]
        if all(programs):
            return programs[0]
    return None


def _release(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0
