"""Run npm in the front end's folder: the machine's own, or the one that set-up installed."""

import os
import shutil
import subprocess
import sys

from places import FRONTEND, TOOLS_BIN


def npm(*arguments: str) -> None:
    path = os.pathsep.join((str(TOOLS_BIN), os.environ["PATH"]))
    program = shutil.which("npm", path=path)
    if program is None:
        sys.exit("npm was not found: run `make setup` first.")
    outcome = subprocess.run(
        [program, *arguments], cwd=FRONTEND, env={**os.environ, "PATH": path}, check=False
    )
    if outcome.returncode:
        # npm has said why; a traceback of ours would bury it.
        sys.exit(f"npm {' '.join(arguments)} failed.")
