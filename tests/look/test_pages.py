"""Every page of the site renders, can be read without seeing it, and carries nothing that a strict policy forbids."""

import pytest
from django.test import RequestFactory
from django.utils.html import escape
from django.views.defaults import server_error

from tests.factories import make_artist, make_event, make_image, make_venue
from tests.look.reading import Reading

pytestmark = pytest.mark.django_db
HOSTILE = "\"><script>alert(1)</script><b style='x'>"


@pytest.fixture
def event(ada_vendor):
    venue = make_venue(ada_vendor, title="Kulturwerft", summary=HOSTILE, capacity=300, transport="<p>Bus 9</p>")
    artists = [make_artist(ada_vendor, title=f"Artist {n}", summary="Loud.") for n in range(6)]
    image = make_image(ada_vendor, colour="#cc2244")
    return make_event(ada_vendor, title="Night Ferry", summary=HOSTILE, venue=venue, artists=artists, image=image)


def read(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status
    html = response.content.decode()
    assert "<script>alert" not in html
    assert response.headers["Content-Security-Policy"]
    return html, Reading(html)


def check(reading):
    assert reading.lang == "en"
    assert reading.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(reading.headings, reading.headings[1:], strict=False))
    assert reading.nameless == []
    assert len(reading.ids) == len(set(reading.ids))
    assert [image for image in reading.images if image.get("alt") is None] == []
    assert reading.inline == []


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/events/",
        "/events/?search=ferry&type=concert&city=Berlin&available=on&sort=price_asc",
        "/events/?price_min=9&price_max=3&date_from=yesterday",
        "/venues/",
        "/artists/",
        "/vendors/",
        "/account/login/",
        "/account/signup/",
        "/account/password/reset/",
    ],
)
@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
def test_a_public_page_reads_well(client, request, url, full):
    if full:
        request.getfixturevalue("event")
    check(read(client, url)[1])


def test_the_pages_of_an_event_its_venue_its_artists_and_its_vendor_read_well(client, event, ada_vendor):
    for page in (event, event.venue, event.lineup.first().artist, ada_vendor.page):
        html, reading = read(client, page.url)
        check(reading)
        assert escape(page.title) in html


@pytest.mark.parametrize(
    "name", ["account_home", "account_email", "account_change_password", "mfa_index", "usersessions_list"]
)
def test_an_account_page_reads_well(browser_of, ben, name):
    from django.urls import reverse  # the URL configuration is not there while tests are collected

    check(read(browser_of(ben), reverse(name))[1])


def test_an_event_s_page_and_card_take_the_poster_s_hue(client, event):
    event.listing.__class__.objects.filter(pk=event.pk).update(accent="#0000ff")
    assert '<body class="" data-hue="270">' in read(client, event.url)[0]
    assert 'stub" data-hue="270">' in read(client, "/events/")[0]


def test_an_active_filter_is_a_chip_that_takes_itself_off(client, event):
    html, _reading = read(client, "/events/?search=ferry&city=Berlin&page=1")
    assert 'href="?city=Berlin"' in html
    assert 'href="?search=ferry"' in html
    assert "Nothing fits" not in html
    assert "Nothing fits all of that" in read(client, "/events/?search=zzzz&city=Berlin")[0]


def test_a_filter_by_venue_says_the_venue_s_name(client, event):
    assert "</span>Kulturwerft " in read(client, f"/events/?venue={event.venue_id}")[0]


def test_a_page_that_is_not_there_has_a_way_out(client):
    html, reading = read(client, f"/nowhere/{HOSTILE}/", status=404)
    check(reading)
    assert 'href="/events/"' in html


def test_the_page_of_a_fault_needs_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    reading = Reading(response.content.decode())
    assert reading.headings == [1]
    assert reading.inline == []


def test_the_account_menu_offers_the_admin_to_those_who_work_there_alone(browser_of, ben, ada):
    assert "Manage events" not in read(browser_of(ben), "/events/")[0]
    assert "Manage events" in read(browser_of(ada), "/events/")[0]
