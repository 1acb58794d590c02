"""The pages in a real browser: nothing overflows, nothing jumps, few requests, and no script is needed to find an event."""

import pytest

from tests.factories import make_artist, make_event, make_image, make_ticket_type, make_venue

pytestmark = pytest.mark.browser
WIDTHS = (390, 1440)
MAX_REQUESTS, MAX_SHIFT = 25, 0.02
WATCH_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
TOO_WIDE = """
  document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => `${element.tagName} ${element.className}`)
"""


@pytest.fixture
def event(site, ada_vendor):
    venue = make_venue(ada_vendor, title="Gesellschaftshaus am Donaudampfschifffahrtsplatz", city="Berlin")
    image, artists = make_image(ada_vendor), [make_artist(ada_vendor, title="Unpronounceablewithoutabreak " * 2)]
    title = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz: a musical"
    event = make_event(ada_vendor, title=title, venue=venue, artists=artists, image=image)
    make_ticket_type(event, name="Standing room behind the pillar on the left", price=123_456_00, fee=100)
    return event


def test_long_words_fit_every_screen_and_nothing_jumps(page, event):
    page.add_init_script(WATCH_SHIFTS)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for url in (
            "/",
            "/events/",
            "/events/?search=nothing",
            event.url,
            event.venue.url,
            f"/events/{event.pk}/embed/",
            f"/embed/events/{event.pk}/",
            "/account/signup/",
            "/nowhere/",
        ):
            page.goto(url)
            page.wait_for_load_state("networkidle")
            assert page.evaluate(TOO_WIDE) == [], (url, width)
            assert page.evaluate("window.shift") <= MAX_SHIFT, (url, width)


def test_a_page_takes_few_requests_and_nothing_from_elsewhere(page, event, site):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    for url in ("/events/", event.url):
        requests.clear()
        page.goto(url)
        page.wait_for_load_state("networkidle")
        assert len(requests) <= MAX_REQUESTS
        assert [request for request in requests if not request.startswith((site.url, "data:"))] == []


def test_filters_work_on_a_phone_without_scripts(browser, event, site):
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/events/")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("City").fill("berlin")
    page.get_by_role("button", name="Show events").click()
    page.wait_for_url("**city=berlin**")
    assert page.get_by_role("heading", level=2).all_inner_texts() == [event.title]
    page.get_by_role("link", name="Remove filter: City: berlin").click()
    page.wait_for_url(lambda url: "city=berlin" not in url)
    context.close()


def test_the_theme_that_was_chosen_stays(page, event):
    page.goto("/events/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_label("Theme").select_option("dark")
    dark = page.evaluate(ground)
    assert dark != light
    page.goto(event.url)
    assert page.evaluate(ground) == dark
