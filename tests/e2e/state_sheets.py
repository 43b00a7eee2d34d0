"""Draw every component type in each of its states on contact sheets, to be looked at.

python -m tests.e2e.state_sheets FOLDER [--types button text] [--widths 390 1280] [--schemes light dark]
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from scripts.chromium import find_chromium, launch
from scripts.demo_site import DemoSite
from scripts.make_gallery import PAGES
from tests.e2e.gallery_page import CATALOGUE, TYPES, Gallery
from tests.e2e.test_contract import USES, target_of

HANDS = ("rest", "hover", "focus", "active", "pending")
VALUES = ("disabled", "none", "zero", "empty")
#: How large one picture is at most; a component that is larger is cut.
CELL = (360, 300)
ROWS = 8
#: Longer than what is pending waits before it shows.
SHOWN_MS = 450


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--types", nargs="+", default=TYPES, choices=TYPES)
    parser.add_argument("--widths", type=int, nargs="+", default=[390])
    parser.add_argument("--schemes", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with DemoSite() as site, sync_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            sys.exit("no Chromium found: install one or name it in STREAMSYNC_TEST_CHROMIUM")
        browser = launch(playwright, executable)
        for width in arguments.widths:
            for scheme in arguments.schemes:
                for key, _ in PAGES.values():
                    types = [name for name in arguments.types if PAGES[CATALOGUE[name].category][0] == key]
                    if not types:
                        continue
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
                    )
                    page = context.new_page()
                    gallery = Gallery(page, site.url, key)
                    page.wait_for_load_state("networkidle")
                    rows = {name: draw(gallery, name) for name in types}
                    save(rows, arguments.folder, f"{key}-{width}-{scheme}")
                    context.close()
        browser.close()


def draw(gallery: Gallery, type_name: str) -> dict[str, Image.Image]:
    """Draw one type in each state it can be in."""
    page, pictures = gallery.page, {"rest": shoot(gallery, type_name)}
    demo = gallery.demo(type_name)
    uses = [(event, use) for (name, event), use in USES.items() if name == type_name and use.keys]
    target = target_of(gallery, type_name, uses[0][1]) if uses else demo
    if type_name not in ("root", "page", "sidebar") and target.bounding_box():
        target.hover(force=True)
        pictures["hover"] = shoot(gallery, type_name)
        page.mouse.down()
        pictures["active"] = shoot(gallery, type_name)
        page.mouse.move(1, 1)
        page.mouse.up()
        page.evaluate("getSelection().removeAllRanges()")
    if uses and type_name not in ("root", "page"):
        page.keyboard.press("Shift")
        target.focus()
        pictures["focus"] = shoot(gallery, type_name)
        with gallery.unanswered():
            for key in uses[0][1].keys:
                page.keyboard.press(key)
            page.wait_for_timeout(SHOWN_MS)
            pictures["pending"] = shoot(gallery, type_name)
    for values in VALUES:
        if values != "disabled" or "isDisabled" in CATALOGUE[type_name].fields:
            gallery.fill(type_name, values)
            page.wait_for_timeout(SHOWN_MS)
            pictures[values] = shoot(gallery, type_name)
    gallery.fill(type_name, "first")
    return pictures


def shoot(gallery: Gallery, type_name: str) -> Image.Image:
    """Take the picture of a component and of what is close around it."""
    demo = gallery.demo(type_name)
    box = demo.bounding_box() if demo.count() else None
    if box is None:
        return Image.new("RGB", (20, 20), "#888")
    if box["y"] < 60 or box["y"] + min(box["height"], CELL[1]) > 860:
        demo.evaluate("element => element.scrollIntoView({ block: 'center' })")
        box = demo.bounding_box() or box
    clip = {
        "x": max(0, box["x"] - 10),
        "y": max(0, box["y"] - 10),
        "width": box["width"] + 20,
        "height": min(box["height"] + 40, CELL[1]),
    }
    return Image.open(io.BytesIO(gallery.page.screenshot(clip=clip))).convert("RGB")


def save(rows: dict[str, dict[str, Image.Image]], folder: Path, name: str) -> None:
    """Put pictures on sheets: a type in each row, a state in each column."""
    names = list(rows)
    for at in range(0, len(names), ROWS):
        for part, states in (("hands", HANDS), ("values", VALUES)):
            path = folder / f"{name}-{at // ROWS + 1}-{part}.png"
            sheet({each: rows[each] for each in names[at : at + ROWS]}, states).save(path)


def sheet(rows: dict[str, dict[str, Image.Image]], states: tuple[str, ...]) -> Image.Image:
    heights = [
        max([20, *(picture.height for state, picture in row.items() if state in states)]) + 20
        for row in rows.values()
    ]
    image = Image.new("RGB", (len(states) * (CELL[0] + 6), sum(heights)), "#c8c8c8")
    pen = ImageDraw.Draw(image)
    y = 0
    for (type_name, row), height in zip(rows.items(), heights, strict=True):
        for at, state in enumerate(states):
            x = at * (CELL[0] + 6)
            pen.text((x + 2, y + 4), f"{type_name} {state}", fill="black")
            if state in row:
                picture = row[state]
                picture.thumbnail((CELL[0], 2000))
                image.paste(picture, (x, y + 18))
        y += height
    return image


if __name__ == "__main__":
    main()
