"""A camera: started, chosen, refused; what Python gets is the picture itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.chromium import ARGUMENTS
from scripts.demo_site import DemoSite
from tests.live import button, write_application

pytestmark = pytest.mark.browser

TIMEOUT = 20_000
MAIN = """
    import streamsync_django as ss

    ss.init_state({"told": "nothing", "pictures": 0, "pause": 0})

    def take(state, payload):
        width, height = (int.from_bytes(payload[at:at + 4], "big") for at in (16, 20))
        state["told"] = f"{type(payload).__name__} {payload[:8]!r} {width} x {height}"
        state["pictures"] += 1

    def go_on(state):
        state["pause"] = 20
"""
COMPONENTS = [
    {
        "id": "camera",
        "type": "webcamcapture",
        "content": {"refreshRate": "@{pause}"},
        "handlers": {"ss-webcam": "take"},
    },
    {"id": "told", "type": "text", "content": {"text": "Told: @{told}"}},
    {"id": "pictures", "type": "text", "content": {"text": "Pictures: @{pictures}"}},
    button("go_on", "go_on", text="Go on by itself"),
]

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium_program: str) -> Iterator[Browser]:
    """A browser with two cameras that show a test picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_program,
            args=[*ARGUMENTS, "--use-fake-device-for-media-stream=device-count=2"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder = write_application(tmp_path_factory.mktemp("apps") / "camera", MAIN, COMPONENTS)
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": f"camera={folder}"}) as site:
        yield site


@pytest.fixture
def open_(browser: Browser, site: DemoSite) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def open_(*, may_use_camera: bool = True) -> Page:
        context = browser.new_context(permissions=["camera"] if may_use_camera else [])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.goto(f"{site.url}/camera/")
        expect(page.get_by_text("Told: nothing")).to_be_visible(timeout=TIMEOUT)
        return page

    yield open_
    for context in contexts:
        context.close()


def test_a_picture_is_taken_by_hand_and_python_gets_its_bytes(open_: Open) -> None:
    page = open_()
    page.get_by_role("button", name="Start camera").click()
    expect(page.get_by_text("Pictures: 1")).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("button", name="Take a picture").click()
    expect(page.get_by_text("Pictures: 2")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text(r"Told: bytes b'\x89PNG\r\n\x1a\n' 640 x 480")).to_be_visible()
    page.get_by_role("button", name="Stop camera").click()
    expect(page.get_by_role("button", name="Start camera")).to_be_visible()
    assert page.evaluate("document.querySelector('video').srcObject.getTracks()[0].readyState") == "ended"


def test_with_a_refresh_rate_pictures_go_on_until_the_camera_is_stopped(open_: Open) -> None:
    page = open_()
    page.get_by_role("button", name="Go on by itself").click()
    page.get_by_role("button", name="Start camera").click()
    expect(page.get_by_text("Pictures: 3")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_role("button", name="Take a picture")).to_have_count(0)
    page.get_by_role("button", name="Stop camera").click()
    expect(page.get_by_text("The camera is off.")).to_be_visible()


def test_another_camera_is_chosen(open_: Open) -> None:
    page = open_()
    page.get_by_role("button", name="Start camera").click()
    devices = page.get_by_role("combobox", name="Camera")
    expect(devices.locator("option")).to_have_count(2, timeout=TIMEOUT)
    expect(page.get_by_text("Pictures: 1")).to_be_visible(timeout=TIMEOUT)
    first = devices.input_value()
    other = devices.locator("option").nth(1).get_attribute("value")
    assert other
    assert first != other
    devices.select_option(other)
    expect(page.get_by_text("Pictures: 2")).to_be_visible(timeout=TIMEOUT)
    used = "document.querySelector('video').srcObject.getVideoTracks()[0].getSettings().deviceId"
    assert page.evaluate(used) == other


def test_a_visitor_who_does_not_allow_it_is_told_so(open_: Open) -> None:
    page = open_(may_use_camera=False)
    page.get_by_role("button", name="Start camera").click()
    expect(page.get_by_text("Allow this page to use the camera")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_role("button", name="Start camera")).to_be_enabled()
    expect(page.get_by_text("Told: nothing")).to_be_visible()
