"""Demo data: what there is of it, and that loading it again changes nothing."""

from __future__ import annotations

import colorsys
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import call_command
from django.utils.timezone import now
from wagtail.images import get_image_model

from home.models import HomePage
from marketplace.models import EventTerms, Order, Ticket
from portal.accounts.models import User
from venues.models import ArtistPage, EventListing, EventPage, EventType, Vendor, VenuePage

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.timeout(900)]

HOURS = timedelta(hours=14)  # that a day can begin earlier or later elsewhere


def counts() -> dict[str, int]:
    """Rows by table, of every model of ours and of the pages and pictures below them."""
    labels = {"venues", "marketplace", "home", "accounts", "outbox", "wagtailcore", "wagtailimages"}
    models = [model for model in apps.get_models() if model._meta.app_label in labels]
    return {model._meta.label: model._default_manager.count() for model in models}


def test_what_it_loads_and_that_loading_it_again_changes_nothing(settings: Any, tmp_path: Any, client: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("seed_demo")
    who_and_where()
    events_of_all_types_and_states()
    pictures_are_drawn_for_each()
    orders_are_there()
    for address in ("/", "/events/", EventListing.objects.earliest("start").path):
        assert client.get(address).status_code == 200

    call_command("seed_demo", scale=2)
    assert (EventPage.objects.count(), EventListing.objects.count(), EventTerms.objects.count()) == (400, 400, 400)
    assert not EventListing.objects.filter(end__gt=now(), canceled=False, currency="").exists()

    before = counts()
    call_command("seed_demo", scale=2)
    assert counts() == before


def who_and_where() -> None:
    addresses = EmailAddress.objects.filter(verified=True, primary=True).values_list("email", flat=True)
    assert set(addresses) == set(User.objects.values_list("email", flat=True))
    assert (Vendor.objects.count(), ArtistPage.objects.live().count(), VenuePage.objects.live().count()) == (3, 40, 12)
    places = set(VenuePage.objects.values_list("city", "timezone"))
    assert (len(places), len({city for city, _zone in places}), len({zone for _city, zone in places})) == (4, 4, 4)
    assert HomePage.objects.get().picks.count() == 8


def events_of_all_types_and_states() -> None:
    rows = EventListing.objects.all()
    assert len(rows) == EventPage.objects.live().count() == 200
    assert {row.type for row in rows} == set(EventType.objects.values_list("slug", flat=True))
    upcoming = [row for row in rows if row.end > now() and not row.canceled]
    states = {row.availability for row in upcoming if row.on_sale_at is None}
    assert states >= {"available", "few", "sold_out"}
    for some in (
        [row for row in upcoming if row.on_sale_at],
        [row for row in rows if row.canceled],
        [row for row in rows if row.end < now()],
        [row for row in upcoming if row.price_from == 0],
    ):
        assert len(some) > 4
    days = max(row.start for row in rows) - min(row.start for row in rows)
    assert timedelta(days=178) - HOURS < days < timedelta(days=181) + HOURS


def pictures_are_drawn_for_each() -> None:
    """No poster twice, none of them grey, and their colours are many."""
    posters = [event.image for event in EventPage.objects.select_related("image")]
    assert len({poster.get_file_hash() for poster in posters}) == 200
    accents = list(EventListing.objects.values_list("accent", flat=True))
    saturation = [
        colorsys.rgb_to_hsv(*(int(accent[place : place + 2], 16) / 255 for place in (1, 3, 5)))[1] for accent in accents
    ]
    assert min(saturation) > 0.1
    assert sorted(saturation)[10] > 0.25
    assert len(set(accents)) > 60
    assert not [page for model in (VenuePage, ArtistPage) for page in model.objects.filter(image=None)]
    photos = get_image_model().objects.filter(title__endswith=", 1").count()
    assert photos == EventPage.objects.filter(end__lt=now()).count()


def orders_are_there() -> None:
    assert Ticket.objects.count() > Order.objects.count() > 300
    assert {"pending", "paid"} <= set(Order.objects.values_list("state", flat=True))
    assert Order.objects.filter(user__email="ben@example.org").exists()
