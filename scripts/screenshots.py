"""Draw the pictures of the documentation and of the home page's cards, from the running demo site.

python scripts/screenshots.py                   docs/images/ and project/static/project/pictures/
python scripts/screenshots.py --review FOLDER   every page at every width, light and dark, to look at
python scripts/screenshots.py --gallery         every component, on a phone and a desk, light and dark, in .cache/gallery/
"""

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chromium import find_chromium, launch
from demo_site import ROOT, DemoSite
from make_gallery import PAGES
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = ROOT / "docs" / "images"
#: Where git does not look.
GALLERY = ROOT / ".cache" / "gallery"
PICTURES = ROOT / "project" / "static" / "project" / "pictures"
#: Cards are many and each visitor of the home page loads them all.
PICTURE_BYTES = 60 * 1024
PICTURE_SIZE = (640, 400)

#: A sheet made by script: the site's policy refuses style elements.
HIDE_LOG = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".ss-log { display: none }");
    document.adoptedStyleSheets.push(sheet);
}"""

#: Name, address and the tab to open before looking, for --review.
VIEWS = (
    ("home", "/", None),
    ("login", "/login/", None),
    ("not-found", "/nowhere/at/all/", None),
    ("counter", "/counter/", None),
    ("hello-charts", "/hello/", None),
    ("hello-table", "/hello/", "Table"),
    ("hello-records", "/hello/", "Records"),
    ("hello-replay", "/hello/", "Replay"),
    ("hello-layout", "/hello/", "Layout"),
    ("hello-almanac", "/hello/#almanac", None),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--review", type=Path, metavar="FOLDER", help="draw every page at every width instead"
    )
    parser.add_argument(
        "--gallery",
        type=Path,
        nargs="?",
        const=GALLERY,
        metavar="FOLDER",
        help="draw every component of the gallery instead",
    )
    parser.add_argument("--widths", type=int, nargs="+", default=[390, 768, 1280, 1920])
    arguments = parser.parse_args()
    with DemoSite() as site, sync_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            sys.exit("no Chromium found: install one or name it in STREAMSYNC_TEST_CHROMIUM")
        browser = launch(playwright, executable)
        if arguments.review:
            review(browser, site, arguments.review, arguments.widths)
        elif arguments.gallery:
            draw_gallery(browser, site, arguments.gallery)
        else:
            draw_documentation(browser, site)
            draw_cards(browser, site)
        browser.close()


def draw_documentation(browser: Browser, site: DemoSite) -> None:
    """Draw the README's picture of the hello application, light and dark."""
    for scheme in ("light", "dark"):
        with opened(browser, f"{site.url}/hello/", scheme=scheme, width=1280, height=680) as page:
            save(page.screenshot(), IMAGES / f"hello{suffix(scheme)}.png", colours=256)


def draw_cards(browser: Browser, site: DemoSite) -> None:
    """Draw one picture for each of the demo's own applications, light and dark."""
    for folder in sorted((ROOT / "project" / "apps").iterdir()):
        if not (folder / "ui.json").exists():
            continue
        # A small application is looked at from nearer, so that it fills its picture.
        width = 1280 if (folder / "ui.json").stat().st_size > 10_000 else 400
        for scheme in ("light", "dark"):
            address = f"{site.url}/{folder.name}/"
            with opened(browser, address, scheme=scheme, width=width, height=width * 5 // 8, scale=2) as page:
                target = PICTURES / f"{folder.name}{suffix(scheme)}.png"
                save(page.screenshot(), target, colours=256, size=PICTURE_SIZE, at_most=PICTURE_BYTES)


def review(browser: Browser, site: DemoSite, folder: Path, widths: list[int]) -> None:
    """Draw every view at every width, whole pages, for somebody to look at."""
    for name, address, tab in VIEWS:
        for width in widths:
            for scheme in ("light", "dark"):
                with opened(browser, site.url + address, scheme=scheme, width=width, height=900) as page:
                    if tab is not None:
                        page.get_by_role("tab", name=tab).click()
                        settle(page)
                    path = folder / f"{name}-{width}-{scheme}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=path, full_page=True)


def draw_gallery(browser: Browser, site: DemoSite, folder: Path) -> None:
    """Draw the card of every component, and its page's first screen, for somebody to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, _ in PAGES.values():
        for device, width in (("phone", 390), ("desk", 1280)):
            for scheme in ("light", "dark"):
                address = f"{site.url}/gallery/#{key}"
                with opened(browser, address, scheme=scheme, width=width, height=900) as page:
                    page.screenshot(path=folder / f"page-{key}-{device}-{scheme}.png")
                    for card in page.locator("[data-streamsync-id^='card-']:visible").all():
                        name = (card.get_attribute("data-streamsync-id") or "").partition("-")[2]
                        card.scroll_into_view_if_needed()
                        card.screenshot(path=folder / f"{name}-{device}-{scheme}.png")


@contextmanager
def opened(
    browser: Browser, url: str, *, scheme: str, width: int, height: int, scale: int = 1
) -> Iterator[Page]:
    """Open an address and wait until nothing on it moves any more."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        # Drawn finer than shown: a picture that is made smaller afterwards stays sharp.
        device_scale_factor=scale,
    )
    page = context.new_page()
    page.goto(url)
    settle(page)
    yield page
    context.close()


def settle(page: Page) -> None:
    """Wait for lazily loaded parts and for charts that are drawn when their library has come."""
    page.wait_for_load_state("networkidle")
    if page.locator("[class*=plotly]:visible").count():
        page.locator(".js-plotly-plot .main-svg:visible").first.wait_for()
    # While debugging, everybody is a developer and has the log at hand; visitors never see it.
    page.evaluate(HIDE_LOG)
    page.wait_for_timeout(600)


def save(
    picture: bytes, path: Path, *, colours: int, size: tuple[int, int] | None = None, at_most: int = 0
) -> None:
    """Write a picture with a palette, with fewer colours until it has at most so many bytes."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if size is not None:
        image = image.resize(size, Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if not at_most or path.stat().st_size <= at_most or colours <= 16:
            break
        colours //= 2
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")


def suffix(scheme: str) -> str:
    return "-dark" if scheme == "dark" else ""


if __name__ == "__main__":
    main()
