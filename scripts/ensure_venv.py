"""Make .venv and install the requirement files named on the command line."""

import subprocess
import sys
from pathlib import Path

from packages import apt_install, pip_install
from places import ROOT, STAMPS, VENV, VENV_PYTHON
from stamps import digest_of, is_done, mark_done

#: Packages that are read and never imported: what they depend on is not needed.
ALONE = ("requirements-widgets.txt",)


def main(names: list[str]) -> None:
    if not works(VENV_PYTHON):
        make_environment()
    for name in names:
        install(name)


def works(python: Path) -> bool:
    """Say whether an environment is whole: the interpreter it links to may have been removed since."""
    command = [python, "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return python.exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def make_environment() -> None:
    print(f"Making .venv with Python {sys.version.split()[0]}")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    # Debian keeps ensurepip in a package of its own.
    version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not apt_install(version) or subprocess.run(command, check=False).returncode:
        sys.exit(f"{sys.executable} cannot make virtual environments. Install {version} and try again.")


def install(name: str) -> None:
    # requirements-dev.txt includes requirements.txt, so both count for either.
    digest = digest_of(ROOT.glob("requirements*.txt"), sys.version)
    stamp = STAMPS / name
    if is_done(stamp, digest):
        return
    print(f"Installing {name}")
    try:
        pip_install(*(["--no-deps"] if name in ALONE else []), "--requirement", name)
    except subprocess.CalledProcessError:
        sys.exit(f"pip could not install {name}; its message is above.")
    mark_done(stamp, digest)


if __name__ == "__main__":
    main(sys.argv[1:])
