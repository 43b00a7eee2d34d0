"""Where the set-up finds and puts things."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
VENV_PYTHON = VENV_BIN / "python"
STAMPS = VENV / ".stamps"
#: Programs that set-up put into the environment: first on the PATH of every make target.
TOOLS_BIN = VENV / "tools" / "bin"
FRONTEND = ROOT / "streamsync_django" / "frontend"
NODE_MODULES = FRONTEND / "node_modules"
CATALOGUE = ROOT / "streamsync_django" / "catalogue"
BUILT = ROOT / "streamsync_django" / "static" / "streamsync"
