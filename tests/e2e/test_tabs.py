"""Tabs that are duplicated, discarded, left and come back to, reloaded: in a real browser, with two instances."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from scripts.chromium import ARGUMENTS
from scripts.demo_site import ROOT, DemoSite
from tests.faulty_network import FaultyNetwork
from tests.patience import overload
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.browser, pytest.mark.redis]


@dataclass
class Site:
    """Two instances, and a network that gives each connection to the other one in turn."""

    plain_url: str
    #: Where reloading a page goes on with its session.
    resuming_url: str
    network: FaultyNetwork

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.network.port}"


@pytest.fixture(scope="module")
def instances(redis_server: RedisServer) -> Iterator[tuple[DemoSite, DemoSite]]:
    environment = {"REDIS_URL": redis_server.url}
    settings = {"DJANGO_SETTINGS_MODULE": "tests.e2e.resuming_settings", "PYTHONPATH": str(ROOT)}
    with DemoSite(environment) as plain, DemoSite({**environment, **settings}) as resuming:
        yield plain, resuming


@pytest.fixture
def site(instances: tuple[DemoSite, DemoSite]) -> Iterator[Site]:
    plain, resuming = instances
    with FaultyNetwork(plain.port, resuming.port) as network:
        yield Site(plain.url, resuming.url, network)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A page of a new visitor, whose other tabs are opened from it."""
    context = browser.new_context()
    context.set_default_timeout(15_000 * overload())
    yield context.new_page()
    context.close()


def open_counter(page: Page, url: str, clicks: int) -> None:
    page.goto(f"{url}/counter/")
    click(page, clicks)
    sees(page, clicks)


def click(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name="Increment").click()


def sees(page: Page, count: int) -> None:
    expect(page.get_by_text(f"Count: {count}", exact=True)).to_be_visible(timeout=15_000 * overload())


def storage_of(page: Page) -> str:
    """What the browser copies when a tab is duplicated, and keeps when it is discarded."""
    return str(page.evaluate("JSON.stringify({...sessionStorage})"))


def open_with(storage: str, page: Page, site: Site) -> Page:
    """Open the counter in another tab of the visitor that begins with this storage."""
    twin = page.context.new_page()
    twin.add_init_script(
        f"if (!window.name) Object.assign(sessionStorage, {storage}); window.name = 'restored'"
    )
    twin.goto(f"{site.url}/counter/")
    return twin


def open_after_discard(storage: str, page: Page, site: Site) -> Page:
    """Give the memory of a tab back, and open it again."""
    keeper = page.context.new_page()
    page.close()
    return open_with(storage, keeper, site)


def hide(page: Page) -> None:
    """Have the page hidden, as it is for a while before it is discarded."""
    page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


@pytest.mark.parametrize("is_secure", [True, False])
def test_a_duplicated_tab_gets_a_session_of_its_own(is_secure: bool, site: Site, visitor: Page) -> None:
    if not is_secure:  # pages without TLS have no locks
        visitor.context.add_init_script("delete Navigator.prototype.locks")
    open_counter(visitor, site.url, 2)
    twin = open_with(storage_of(visitor), visitor, site)
    sees(twin, 0)
    click(twin, 3)
    sees(twin, 3)
    click(visitor)
    sees(visitor, 3)
    # Each stays with its own, also when all sockets are lost and come to other instances.
    site.network.cut()
    for page in (visitor, twin):
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
    click(twin)
    site.network.heal()
    sees(twin, 4)
    sees(visitor, 3)
    assert storage_of(visitor) != storage_of(twin)


def test_a_window_that_an_application_opens_gets_a_session_of_its_own(site: Site, visitor: Page) -> None:
    open_counter(visitor, site.url, 1)
    with visitor.expect_popup() as popup:
        visitor.evaluate("window.open(location.href)")  # the browser itself copies the storage
    click(popup.value, 2)
    sees(popup.value, 2)
    sees(visitor, 1)


def test_a_discarded_tab_goes_on_with_its_session(site: Site, visitor: Page) -> None:
    open_counter(visitor, site.url, 2)
    page = visitor
    for count in (2, 3):  # at one instance, and at the other
        hide(page)
        page = open_after_discard(storage_of(page), page, site)
        sees(page, count)
        click(page)
        sees(page, count + 1)


def test_what_a_discarded_tab_could_not_send_is_sent_by_the_one_that_follows(
    site: Site, visitor: Page
) -> None:
    open_counter(visitor, site.url, 2)
    site.network.cut()
    expect(visitor.get_by_text("Reconnecting…")).to_be_visible()
    click(visitor, 3)
    hide(visitor)
    storage = storage_of(visitor)
    assert len(json.loads(next(iter(json.loads(storage).values())))["events"]) == 3
    site.network.heal()
    restored = open_after_discard(storage, visitor, site)
    sees(restored, 5)
    click(restored)
    sees(restored, 6)
    hide(restored)
    assert json.loads(next(iter(json.loads(storage_of(restored)).values())))["events"] == []


def test_a_page_that_was_left_is_as_it_was_when_the_visitor_comes_back(site: Site, visitor: Page) -> None:
    open_counter(visitor, site.url, 2)
    visitor.goto(f"{site.url}/")
    visitor.go_back()
    sees(visitor, 2)
    click(visitor)
    sees(visitor, 3)


def test_a_page_that_is_opened_again_or_reloaded_begins_anew(site: Site, visitor: Page) -> None:
    open_counter(visitor, site.plain_url, 2)
    visitor.reload()
    sees(visitor, 0)
    click(visitor)
    sees(visitor, 1)
    visitor.goto(f"{site.plain_url}/")
    visitor.goto(f"{site.plain_url}/counter/")
    sees(visitor, 0)


def test_with_the_setting_a_reloaded_page_goes_on(site: Site, visitor: Page) -> None:
    open_counter(visitor, site.resuming_url, 2)
    visitor.reload()
    sees(visitor, 2)
    click(visitor)
    sees(visitor, 3)


def test_a_discarded_tab_whose_session_is_gone_says_so_and_begins_anew(site: Site, visitor: Page) -> None:
    open_counter(visitor, site.url, 2)
    storage = storage_of(visitor)
    visitor.context.clear_cookies()  # to the server, whoever comes back is somebody else
    restored = open_after_discard(storage, visitor, site)
    expect(restored.get_by_text("The session of this page had ended")).to_be_visible()
    sees(restored, 0)
    click(restored)
    sees(restored, 1)


def test_a_page_that_the_browser_put_aside_wakes_up_where_it_was(
    site: Site, browser: Browser, chromium_program: str
) -> None:
    """The back-forward cache takes pages that may be stored only: this one is, as an author's own view might be."""
    keeping = browser.browser_type.launch(
        executable_path=chromium_program,
        # What the test below makes of an answer counts as another network's, which may not open local sockets.
        args=[*ARGUMENTS, "--disable-features=LocalNetworkAccessChecks"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = keeping.new_page()
    page.set_default_timeout(15_000 * overload())
    page.goto(f"{site.url}/counter/")  # for its cookies
    page.route("**/counter/", let_store)
    open_counter(page, site.url, 2)
    page.evaluate("window.isTheSame = true")
    site.network.cut()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    click(page, 2)  # asleep, it cannot send them
    site.network.heal()
    page.goto(f"{site.url}/")
    page.go_back(wait_until="commit")
    sees(page, 4)
    assert page.evaluate("window.isTheSame")
    click(page)
    sees(page, 5)
    keeping.close()


def let_store(route: Route) -> None:
    response = route.fetch()
    headers = {name: value for name, value in response.headers.items() if name != "cache-control"}
    route.fulfill(response=response, headers=headers)
