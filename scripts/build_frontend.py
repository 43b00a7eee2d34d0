"""Build the front end into static/, unless its sources are the ones built last."""

import os
import shutil
import subprocess
import sys

from places import BUILT, CATALOGUE, FRONTEND, NODE_MODULES, TOOLS_BIN
from stamps import digest_of, is_done, mark_done


def main() -> None:
    # The browser reads the catalogue too, so a changed component type is a changed source.
    sources = [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]
    sources += [path for path in FRONTEND.iterdir() if path.is_file()]
    sources += CATALOGUE.glob("*.json")
    digest = digest_of(sources)
    stamp = NODE_MODULES / ".stamps" / "build"
    if is_done(stamp, digest) and (BUILT / "renderer.js").is_file():
        return
    print("Building the front end")
    path = os.pathsep.join((str(TOOLS_BIN), os.environ["PATH"]))
    npm = shutil.which("npm", path=path)
    if npm is None:
        sys.exit("npm was not found: run `make setup` first.")
    command = [npm, "run", "--silent", "build"]
    subprocess.run(command, cwd=FRONTEND, env={**os.environ, "PATH": path}, check=True)
    mark_done(stamp, digest)


if __name__ == "__main__":
    main()
