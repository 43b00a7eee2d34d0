"""What the checks and pages send people to: `make build`."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_build_needs_no_other_command_before_it() -> None:
    plan = subprocess.run(
        ["make", "--dry-run", "build"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    steps = [line.split("scripts/")[1] for line in plan.splitlines() if "scripts/" in line]
    assert steps == ["ensure_venv.py", "ensure_node.py", "build_frontend.py"]
