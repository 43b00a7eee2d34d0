"""Build the front end into static/, unless its sources are the ones built last."""

from npm import npm
from places import BUILT, CATALOGUE, FRONTEND, NODE_MODULES
from stamps import digest_of, is_done, mark_done


def main() -> None:
    # The browser reads the catalogue too, so a changed component type is a changed source.
    sources = [path for name in ("src", "vite") for path in (FRONTEND / name).rglob("*") if path.is_file()]
    sources += [path for path in FRONTEND.iterdir() if path.is_file()]
    sources += CATALOGUE.glob("*.json")
    digest = digest_of(sources)
    stamp = NODE_MODULES / ".stamps" / "build"
    if is_done(stamp, digest) and (BUILT / "renderer.js").is_file():
        return
    print("Building the front end")
    # Vite would list each of thousands of files it wrote, and push what matters off the screen.
    npm("run", "--silent", "build", "--", "--logLevel", "warn")
    mark_done(stamp, digest)


if __name__ == "__main__":
    main()
