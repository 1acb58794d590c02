"""Every page of the site renders, can be read without seeing it, and carries nothing that a strict policy forbids."""

import re
import time
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import RequestFactory
from django.utils.html import escape
from django.views.defaults import server_error

from portal.templatetags.display import browser
from tests.factories import make_artist, make_event, make_image, make_venue
from tests.look.reading import Reading
from tests.people import PASSWORD
from venues.models import EventListing

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
    "name",
    ["account_home", "account_email", "account_change_password", "mfa_index", "mfa_list_webauthn", "usersessions_list"],
)
def test_an_account_page_reads_well(browser_of, ben, name):
    from django.urls import reverse  # the URL configuration is not there while tests are collected

    check(read(browser_of(ben), reverse(name))[1])


def test_a_second_factor_is_set_up_from_pages_that_read_well(client, ben):
    EmailAddress.objects.update_or_create(user=ben, email=ben.email, defaults={"verified": True, "primary": True})
    client.post("/account/login/", {"login": ben.email, "password": PASSWORD})
    asked = client.get("/account/2fa/totp/activate/")["Location"]
    check(read(client, asked)[1])
    client.post(asked, {"password": PASSWORD})
    html, reading = read(client, "/account/2fa/totp/activate/")
    check(reading)
    secret = re.search(r'<span class="code">(\w+)</span>', html)[1]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    codes = client.post("/account/2fa/totp/activate/", {"code": code})["Location"]
    html, reading = read(client, codes)
    check(reading)
    assert len(re.findall(r"<li>[0-9a-f]{8,}</li>", html)) == 10
    for path in ("", "recovery-codes/generate/", "totp/deactivate/", "webauthn/", "webauthn/add/"):
        check(read(client, f"/account/2fa/{path}")[1])
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert "Set up an app" in read(client, "/account/2fa/")[0]


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


def test_who_sends_too_often_is_told_in_the_site_s_look(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reset_password": "1/m/ip"}
    answers = [client.post("/account/password/reset/", {"email": "ben@example.org"}) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [302, 429]
    check(Reading(answers[1].content.decode()))


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_is_told_by_its_browser_and_system(agent, name):
    assert browser(agent) == name


@pytest.mark.parametrize(
    ("sale", "badge"),
    [
        ({"availability": "few", "price_from": 900}, "Few left"),
        ({"availability": "sold_out", "price_from": 900}, "Sold out"),
        ({"availability": "available", "price_from": 900}, ""),
        ({"availability": "not_on_sale", "on_sale_at": datetime(2030, 1, 2, 9, tzinfo=UTC)}, "On sale Wed 2 Jan 2030"),
    ],
)
def test_what_one_has_to_know_of_a_sale_stands_in_the_head_of_the_event_s_page(client, event, sale, badge):
    EventListing.objects.filter(pk=event.pk).update(currency="EUR", **sale)
    head = read(client, event.url)[0].partition("</header>\n  <div")[0].partition('<header class="event-head">')[2]
    badges = [
        text for text in re.findall(r'<span class="badge[^"]*">([^<]*)</span>', head) if not text.startswith("in ")
    ]
    assert badges == ([badge] if badge else [])


def test_a_card_says_that_few_are_left(client, event):
    EventListing.objects.filter(pk=event.pk).update(currency="EUR", availability="few", price_from=900)
    assert '<span class="badge badge--warning">Few left</span>' in read(client, "/events/")[0]
    EventListing.objects.filter(pk=event.pk).update(canceled=True)
    assert "Few left" not in client.get("/events/?sort=date").content.decode()
