"""Maps: MapLibre draws any style without a key; Mapbox and Google are loaded with one, or say why they are not.

The libraries of Mapbox and Google are stood in for by a few lines that keep to what their documentation promises.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from scripts.chromium import ARGUMENTS
from scripts.demo_site import DemoSite
from tests.live import button, write_application

pytestmark = pytest.mark.browser

#: Without a graphics card, on a busy machine.
TIMEOUT = 30_000

Open = Callable[..., Page]

MAIN = """
    import streamsync_django as ss

    ss.init_state({
        "heard": "nothing", "style": STYLE, "token": "", "key": "", "lat": 52.37, "lng": 4.9,
        "markers": [{"lat": 52.37, "lng": 4.9, "name": "Depot", "id": 7}],
    })

    def hear(state, payload, context):
        state["heard"] = f"{context['event']} {payload}"

    def give_token(state):
        state["token"] = "pk.mine"

    def give_bad_token(state):
        state["token"] = "pk.bad"

    def give_key(state):
        state["key"] = "my key"

    def give_other_key(state):
        state["key"] = "other key"

    def move(state):
        state["lat"], state["lng"] = -33.87, 151.2
        state["markers"] = [{"lat": -33.87, "lng": 151.2, "name": "Harbour"}, {"lat": -33.9, "lng": 151.1}]

    def lose_style(state):
        state["style"] = "static/no-such-style.json"
"""
HANDLERS = ("give_token", "give_bad_token", "give_key", "give_other_key", "move", "lose_style")
PLACE = {"lat": "@{lat}", "lng": "@{lng}", "markers": "@{markers}", "zoom": "9"}
COMPONENTS = [
    {
        "id": "mapbox",
        "type": "mapbox",
        "content": {**PLACE, "accessToken": "@{token}", "mapStyle": "@{style}"},
        "handlers": {"mapbox-marker-click": "hear", "mapbox-click": "hear"},
    },
    {
        "id": "google",
        "type": "googlemaps",
        "content": {**PLACE, "apiKey": "@{key}", "mapId": "id of mine"},
        "handlers": {"gmap-marker-click": "hear", "gmap-click": "hear"},
    },
    {"id": "heard", "type": "text", "content": {"text": "Heard: @{heard}"}},
    *(button(name, name, text=name) for name in HANDLERS),
]
#: Land is one square around Amsterdam, cut into tiles by the library's worker.
STYLE = {
    "version": 8,
    "sources": {
        "land": {
            "type": "geojson",
            "data": {
                "type": "Polygon",
                "coordinates": [[[3, 51], [7, 51], [7, 54], [3, 54], [3, 51]]],
            },
        }
    },
    "layers": [
        {"id": "sea", "type": "background", "paint": {"background-color": "#0000ff"}},
        {"id": "land", "type": "fill", "source": "land", "paint": {"fill-color": "#00ff00"}},
    ],
}

MAPBOX = """(() => {
class Map {
  constructor(options) {
    this.options = options;
    this.heard = {};
    window.mapboxMade = { accessToken: options.accessToken, style: options.style, center: options.center };
    options.container.addEventListener("click", () => this.heard.click({ lngLat: { lat: 1.5, lng: 2.5 } }));
  }
  on(event, listener) {
    this.heard[event] = listener;
    const isRefused = this.options.accessToken === "pk.bad";
    if (event === "style.load" && !isRefused) setTimeout(listener);
    if (event === "error" && isRefused)
      setTimeout(listener, 0, { error: { status: 401, message: "Unauthorized" } });
  }
  jumpTo({ center }) { if (center) window.mapboxMade.center = center; }
  addControl(control) { this.options.container.append(control.element); }
  removeControl(control) { control.element.remove(); }
  setStyle() {}
  remove() { this.options.container.replaceChildren(); }
}
class Marker {
  constructor() { this.element = document.createElement("div"); this.element.textContent = "pin"; }
  setLngLat() { return this; }
  addTo(map) { map.options.container.append(this.element); return this; }
  remove() { this.element.remove(); }
  getElement() { return this.element; }
}
class NavigationControl { constructor() { this.element = document.createElement("nav"); } }
window.mapboxgl = { Map, Marker, NavigationControl };
})();"""
GOOGLE = """(() => {
class Map {
  constructor(element, options) {
    this.element = element;
    window.googleMade = options;
    window.googleCount = (window.googleCount ?? 0) + 1;
    window.googleMap = this;
  }
  addListener(event, listener) {
    this.element.addEventListener(event, () => listener({ latLng: { toJSON: () => ({ lat: 3.5, lng: 4.5 }) } }));
  }
  setCenter(center) { window.googleMade.center = center; }
  setZoom() {}
  setMapTypeId() {}
}
class AdvancedMarkerElement {
  constructor({ map, title }) {
    this.element = document.createElement("button");
    this.element.textContent = `pin ${title}`;
    this.map = map;
  }
  set map(map) { map ? map.element.append(this.element) : this.element.remove(); }
  addListener(event, listener) {
    this.element.addEventListener(event, (given) => { given.stopPropagation(); listener(); });
  }
}
window.google = { maps: { importLibrary: async (name) => name === "maps" ? { Map } : { AdvancedMarkerElement } } };
window[new URL(document.currentScript.src).searchParams.get("callback")]();
})();"""


@pytest.fixture(scope="module")
def browser(chromium_program: str) -> Iterator[Browser]:
    """A browser that draws WebGL without a graphics card."""
    arguments = [argument for argument in ARGUMENTS if argument != "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_program,
            args=[*arguments, "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """Two applications: `maps` has a style of its own, `keyed` one of Mapbox."""
    root = tmp_path_factory.mktemp("maps")
    for slug, style in (("maps", "static/style.json"), ("keyed", "mapbox://styles/mapbox/standard")):
        folder = write_application(root / slug, f"STYLE = {style!r}\n" + textwrap.dedent(MAIN), COMPONENTS)
        (folder / "static").mkdir()
        (folder / "static" / "style.json").write_text(json.dumps(STYLE))
    folders = ",".join(f"{slug}={root / slug}" for slug in ("maps", "keyed"))
    with DemoSite({"STREAMSYNC_DEMO_EXTRA_APPS": folders}) as site:
        yield site


@pytest.fixture
def open_(browser: Browser, site: DemoSite) -> Iterator[Callable[..., Page]]:
    """Open an application under the site's policy, or as one would have it that allows Mapbox and Google."""
    contexts: list[BrowserContext] = []

    def open_(slug: str, *, is_allowed: bool = False) -> Page:
        context = browser.new_context(reduced_motion="reduce", bypass_csp=is_allowed)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        if is_allowed:
            context.route("https://api.mapbox.com/**", lambda route: _answer(route, MAPBOX))
            context.route("https://maps.googleapis.com/**", lambda route: _answer(route, GOOGLE))
        context.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation', (event) =>"
            " refused.push(`${event.violatedDirective} ${event.blockedURI}`))"
        )
        page = context.new_page()
        page.goto(f"{site.url}/{slug}/")
        expect(page.get_by_text("Heard: nothing")).to_be_visible(timeout=TIMEOUT)
        return page

    yield open_
    for context in contexts:
        context.close()


def _answer(route: Route, script: str) -> None:
    is_script = ".css" not in route.request.url
    kind = "text/javascript" if is_script else "text/css"
    route.fulfill(body=script if is_script else "", content_type=kind)


def heard(page: Page, text: str) -> None:
    expect(page.locator("[data-streamsync-id='heard']")).to_contain_text(text, timeout=TIMEOUT)


def test_any_style_is_drawn_without_a_key_and_under_the_strictest_policy(open_: Open) -> None:
    """Land, cut into tiles by a worker, is where it should be; Python hears of markers and of the map."""
    page = open_("maps")
    canvas = page.locator("[data-streamsync-id='mapbox'] canvas")
    expect(canvas).to_be_visible(timeout=TIMEOUT)
    page.wait_for_function(
        _COLOUR_AT, arg=["[data-streamsync-id='mapbox'] canvas", [0, 255, 0]], timeout=TIMEOUT
    )
    marker = page.get_by_role("button", name="Depot")
    marker.focus()
    page.keyboard.press("Enter")
    heard(page, "mapbox-marker-click {'lat': 52.37, 'lng': 4.9, 'name': 'Depot', 'id': 7}")
    canvas.click(position={"x": 60, "y": 60})
    heard(page, "mapbox-click {'lat': 5")
    page.get_by_role("button", name="move").click()
    expect(page.get_by_role("button", name="Harbour")).to_be_visible()
    expect(marker).to_have_count(0)
    page.wait_for_function(
        _COLOUR_AT, arg=["[data-streamsync-id='mapbox'] canvas", [0, 0, 255]], timeout=TIMEOUT
    )
    assert page.evaluate("refused") == []


#: Draw the map once more into a picture: WebGL forgets what it has shown.
_COLOUR_AT = """async ([selector, wanted]) => {
  const map = document.querySelector(selector);
  const copy = document.createElement("canvas");
  copy.width = copy.height = 1;
  const context = copy.getContext("2d");
  const shot = await new Promise((resolve) => requestAnimationFrame(async () => resolve(
    await createImageBitmap(map))));
  context.drawImage(shot, map.width / 4, map.height / 4, 1, 1, 0, 0, 1, 1);
  return String([...context.getImageData(0, 0, 1, 1).data].slice(0, 3)) === String(wanted);
}"""


def test_a_style_that_is_not_there_is_said_in_place_of_the_map(open_: Open) -> None:
    page = open_("maps")
    page.get_by_role("button", name="lose_style").click()
    expect(page.get_by_text("The map's style could not be loaded")).to_be_visible(timeout=TIMEOUT)


def test_what_the_policy_forbids_or_nobody_answers_is_said_in_place_of_the_map(open_: Open) -> None:
    page = open_("keyed")
    expect(page.get_by_text("Styles of Mapbox need an access token.")).to_be_visible()
    page.get_by_role("button", name="give_token").click()
    expect(page.get_by_text("api.mapbox.com could not be reached, or this page's policy")).to_be_visible()
    expect(page.get_by_text("The map needs an API key of Google Maps.")).to_be_visible()
    page.get_by_role("button", name="give_key").click()
    expect(
        page.get_by_text("maps.googleapis.com could not be reached, or this page's policy")
    ).to_be_visible()


def test_mapbox_is_loaded_with_the_token_and_python_hears_of_clicks(open_: Open) -> None:
    page = open_("keyed", is_allowed=True)
    page.get_by_role("button", name="give_token").click()
    component = page.locator("[data-streamsync-id='mapbox']")
    component.get_by_role("button", name="Depot").click()
    heard(page, "mapbox-marker-click {'lat': 52.37, 'lng': 4.9, 'name': 'Depot', 'id': 7}")
    expect(component.locator("nav")).to_have_count(1)
    component.locator(".ss-map__canvas").click(position={"x": 5, "y": 300})
    heard(page, "mapbox-click {'lat': 1.5, 'lng': 2.5}")
    page.get_by_role("button", name="move").click()
    expect(component.get_by_role("button", name="Harbour")).to_be_visible()
    expect(component.get_by_text("pin")).to_have_count(2)
    assert page.evaluate("mapboxMade") == {
        "accessToken": "pk.mine",
        "style": "mapbox://styles/mapbox/standard",
        "center": [151.2, -33.87],
    }


def test_a_token_that_mapbox_refuses_is_said_in_place_of_the_map(open_: Open) -> None:
    page = open_("keyed", is_allowed=True)
    component = page.locator("[data-streamsync-id='mapbox']")
    page.get_by_role("button", name="give_bad_token").click()
    expect(component.get_by_text("Mapbox does not accept this map's access token.")).to_be_visible()
    expect(component.locator(".ss-map__canvas")).to_be_hidden()
    page.get_by_role("button", name="give_token").click()
    expect(component.get_by_role("button", name="Depot")).to_be_visible()
    expect(component.get_by_text("does not accept")).to_have_count(0)


def test_google_is_loaded_with_the_key_and_python_hears_of_clicks(open_: Open) -> None:
    page = open_("keyed", is_allowed=True)
    with page.expect_request("https://maps.googleapis.com/**") as asked:
        page.get_by_role("button", name="give_key").click()
    assert "key=my+key" in asked.value.url
    component = page.locator("[data-streamsync-id='google']")
    component.get_by_role("button", name="pin Depot").click()
    heard(page, "gmap-marker-click {'lat': 52.37, 'lng': 4.9, 'name': 'Depot', 'id': 7}")
    component.locator(".ss-map__canvas").click(position={"x": 5, "y": 300})
    heard(page, "gmap-click {'lat': 3.5, 'lng': 4.5}")
    page.get_by_role("button", name="move").click()
    expect(component.get_by_role("button", name="pin Harbour")).to_be_visible()
    assert page.evaluate("googleMade.center") == {"lat": -33.87, "lng": 151.2}
    page.evaluate("gm_authFailure()")
    expect(page.get_by_text("Google does not accept this map's API key.")).to_be_visible()


def test_only_the_newest_wish_for_a_map_of_google_is_drawn(open_: Open) -> None:
    """The place changes while the library is loaded, and the key after it."""
    page, held = open_("keyed", is_allowed=True), Held()
    page.route("https://maps.googleapis.com/**", held.take)
    component = page.locator("[data-streamsync-id='google']")
    page.get_by_role("button", name="give_key").click()
    page.get_by_role("button", name="move").click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    held.next(page).fulfill(body=GOOGLE, content_type="text/javascript")
    expect(component.get_by_role("button", name="pin Harbour")).to_be_visible()
    assert page.evaluate("[googleCount, googleMade.center]") == [1, {"lat": -33.87, "lng": 151.2}]
    page.get_by_role("button", name="give_other_key").click()
    expect(component.get_by_text("This page has loaded Google Maps with another API key")).to_be_visible()
    page.get_by_role("button", name="give_key").click()
    expect(component.get_by_role("button", name="pin Harbour")).to_be_visible()
    assert held.routes == []


def test_another_key_is_tried_when_google_could_not_be_asked_with_the_first(open_: Open) -> None:
    page, held = open_("keyed", is_allowed=True), Held()
    page.route("https://maps.googleapis.com/**", held.take)
    component = page.locator("[data-streamsync-id='google']")
    page.get_by_role("button", name="give_key").click()
    page.get_by_role("button", name="give_other_key").click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    held.next(page).abort()
    second = held.next(page)
    assert "key=other+key" in second.request.url
    second.fulfill(body=GOOGLE, content_type="text/javascript")
    expect(component.get_by_role("button", name="pin Depot")).to_be_visible()
    expect(component.get_by_text("could not be")).to_have_count(0)


class Held:
    """Requests that wait until a test answers them."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def take(self, route: Route) -> None:
        self.routes.append(route)

    def next(self, page: Page) -> Route:
        """Wait for a request, and return it to be answered."""
        for _ in range(200):
            if self.routes:
                return self.routes.pop(0)
            page.wait_for_timeout(50)
        raise AssertionError("nothing was asked for")
