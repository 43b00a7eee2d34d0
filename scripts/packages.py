"""Install Python packages into .venv, and Debian packages where that is possible."""

import os
import shutil
import subprocess

from places import ROOT, VENV_PYTHON


def pip_install(*arguments: str) -> None:
    command = [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)


def pip_install_tool(name: str) -> bool:
    """Install a program from PyPI, in the version that requirements-tools.txt pins."""
    try:
        pip_install("--constraint", "requirements-tools.txt", name)
    except subprocess.CalledProcessError:
        return False
    return True


def apt_install(*names: str) -> bool:
    """Install Debian packages; False when this user or this machine cannot."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    for command in (["apt-get", "update"], install):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return True
