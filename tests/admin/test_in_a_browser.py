"""The admin and embedding in a real browser, as a plain staff user under the demo site's strict policy."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from scripts.demo_site import DemoSite
from tests.plugins.browser import OpenPage, browser, open_page

__all__ = ["browser", "open_page"]

pytestmark = pytest.mark.browser

PREPARE = """
import django; django.setup()
from pathlib import Path
from typing import Literal
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from streamsync_django.layouts.operations import Add, Update
from streamsync_django.publishing import drafts, revisions
from streamsync_django.publishing.mirror import read_layout
ada = get_user_model().objects.create_user("ada", password="secret", is_staff=True)
names = ["edit_layout", "publish_layout", "manage_sessions"]
ada.user_permissions.set(Permission.objects.filter(codename__in=names))
drafts.begin("counter", read_layout(Path("project/apps/counter"))[0])
second = [Add(id="second", type="page", parent_id="root", content={"key": "second"}),
          Add(id="more", type="text", parent_id="second", content={"text": "More"})]
drafts.edit("counter", second, base=0)
revisions.publish("counter", message="opening")
header = next(key for key, part in drafts.load("counter").draft.tree.items() if part.type == "header")
nicer = [Update(id=header, content={"text": "A nicer counter"}), Update(id="more", content={"text": "Much more"})]
drafts.edit("counter", nicer, base=1)
"""

#: How bright, of 255, an element's text is.
BRIGHTNESS = """(element) => {
    const pixel = document.createElement("canvas").getContext("2d");
    pixel.fillStyle = getComputedStyle(element).color;
    pixel.fillRect(0, 0, 1, 1);
    return pixel.getImageData(0, 0, 1, 1).data[0];
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    """The demo site with a staff user and a draft of the counter."""
    with DemoSite({"DJANGO_SETTINGS_MODULE": "tests.admin.production_settings"}) as site:
        subprocess.run(
            [sys.executable, "-c", PREPARE],
            cwd=Path(__file__).resolve().parents[2],
            env=site._environment,
            check=True,
            capture_output=True,
        )
        yield site


def log_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 900, "light"), (390, 844, "dark")])
def test_two_layouts_are_looked_at_side_by_side_before_one_is_published(
    site: DemoSite,
    open_page: OpenPage,
    width: int,
    height: int,
    scheme: Literal["light", "dark"],
) -> None:
    admin = open_page(f"{site.url}/admin/login/", width=width, height=height, scheme=scheme)
    page = admin.page
    log_in(
        page, f"{site.url}/admin/login/?next=/admin/streamsync_django/application/counter/differences/?old=1"
    )
    expect(page.get_by_text("A nicer counter").first).to_be_visible()
    expect(page.locator("iframe").first).to_be_hidden()
    page.get_by_text("Side by side").click()
    before, after = page.frame_locator("iframe").nth(0), page.frame_locator("iframe").nth(1)
    expect(before.get_by_role("heading", name="Counter", exact=True)).to_be_visible()
    expect(after.get_by_role("heading", name="A nicer counter")).to_be_visible()
    expect(page.get_by_text("Before: revision 1")).to_be_visible()
    expect(page.get_by_text("After: the draft")).to_be_visible()
    # They are live, each with a session of its own.
    after.get_by_role("button", name="Increment").click()
    expect(after.get_by_text("Count: 1", exact=True)).to_be_visible()
    expect(before.get_by_text("Count: 0", exact=True)).to_be_visible()
    left, right = (page.locator("iframe").nth(number).bounding_box() for number in (0, 1))
    assert left is not None
    assert right is not None
    is_beside = width >= 1280
    assert (left["y"] == right["y"]) is is_beside
    assert (left["x"] + left["width"] <= right["x"]) is is_beside
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The frames are as light or dark as the admin around them.
    heading = before.get_by_role("heading", name="Counter", exact=True)
    assert (heading.evaluate(BRIGHTNESS) > 128) is (scheme == "dark")
    assert not any("Content Security Policy" in error for error in admin.watched.errors)
    admin.watched.errors.clear()


def test_a_staff_user_publishes_and_a_visitor_sees_it_without_losing_the_count(
    site: DemoSite, open_page: OpenPage
) -> None:
    visitor = open_page(f"{site.url}/counter/").page
    visitor.get_by_role("button", name="Increment").click()
    expect(visitor.get_by_text("Count: 1", exact=True)).to_be_visible()
    expect(visitor.get_by_role("heading", name="Counter", exact=True)).to_be_visible()
    reader = open_page(f"{site.url}/counter/#second").page
    expect(reader.get_by_text("More", exact=True)).to_be_visible()

    admin = open_page(f"{site.url}/admin/streamsync_django/application/")
    page = admin.page
    log_in(page, page.url)
    expect(page.get_by_text("Draft ahead of revision 1")).to_be_visible()
    page.get_by_role("link", name="counter", exact=True).click()
    page.get_by_role("link", name="Publish", exact=True).click()
    expect(page.get_by_text("A nicer counter").first).to_be_visible()
    page.get_by_label("Message").fill("nicer")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Visitors get revision 2 now.")).to_be_visible()
    expect(visitor.get_by_role("heading", name="A nicer counter")).to_be_visible()
    expect(visitor.get_by_text("Count: 1", exact=True)).to_be_visible()
    expect(reader.get_by_text("Much more", exact=True)).to_be_visible()  # who was on another page still is
    expect(reader.get_by_role("heading", name="A nicer counter")).to_have_count(0)

    page.get_by_role("link", name="Live sessions").click()
    page.get_by_label("Message").fill("Closing at six")
    page.get_by_role("button", name="Show it in every open page").click()
    expect(visitor.get_by_text("Closing at six")).to_be_visible()

    # The stock admin has no icon, and the browser says so; the policy has nothing to say.
    assert not any("Content Security Policy" in error for error in admin.watched.errors)
    admin.watched.errors.clear()


def test_applications_stand_in_a_page_of_the_site_each_as_high_as_asked(open_page: OpenPage) -> None:
    with DemoSite({"DJANGO_SETTINGS_MODULE": "tests.admin.embedding_settings"}) as site:
        page = open_page(f"{site.url}/report/").page
        first = page.frame_locator("iframe").nth(0)
        first.get_by_role("button", name="Increment").click()
        expect(first.get_by_text("Count: 1", exact=True)).to_be_visible()
        second = page.frame_locator("iframe").nth(1)
        expect(second.get_by_text("Count: 0", exact=True)).to_be_visible()
        page.wait_for_function("document.querySelector('iframe').offsetHeight > 160")
        heights = page.evaluate(
            """[...document.querySelectorAll("iframe")].map((frame) =>
                [frame.offsetHeight, frame.contentDocument.documentElement.scrollHeight])"""
        )
        (automatic, content), (fixed, _) = heights
        assert abs(automatic - content) <= 8
        assert 160 < automatic < 700
        assert 222 <= fixed <= 226
