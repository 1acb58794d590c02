"""Reads that several callers share: whose is it, and what's on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Case, F, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.utils.timezone import now
from wagtail.models import Page

from portal import money
from venues import extensions
from venues.models.listing import EventListing
from venues.models.vendor import Vendor
from venues.search import matching

if TYPE_CHECKING:
    from venues.models import EventPage

Narrow = Callable[[QuerySet[EventListing], Any], QuerySet[EventListing]]

# Digits of a currency's minor unit, and the currencies that have others.
USUAL = money.exponent("")
UNUSUAL = {
    digits: [code for code, own in money.EXPONENTS.items() if own == digits] for digits in set(money.EXPONENTS.values())
}
# Names of fields, "-" first for falling order; an event without a price comes last both ways.
SORTS: dict[str, tuple[str, ...]] = {
    "date": ("start", "pk"),
    "-date": ("-start", "-pk"),
    "price_asc": ("price_from", "start", "pk"),
    "price_desc": ("-price_from", "start", "pk"),
    "popularity": ("-popularity", "start", "pk"),
    "newest": ("-published_at", "-pk"),
}


def vendor_of(user: Any) -> Vendor | None:
    """The vendor that `user` works for."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Vendor.objects.filter(memberships__user=user).select_related("page", "collection", "group").first()


def vendor_of_page(page: Page) -> Vendor | None:
    """Whose `page` is: that of the VendorPage at it or above it."""
    paths = [page.path[: depth * page.steplen] for depth in range(1, page.depth + 1)]
    return Vendor.objects.filter(page__path__in=paths).select_related("page").first()


def vendor_of_event(event: EventPage) -> Vendor:
    """The vendor that publishes `event`: events live below their vendor's page, and nowhere else."""
    return Vendor.objects.select_related("page").get(page__path=event.path[: -event.steplen])


def works_for(user: Any, vendor: Vendor) -> bool:
    return vendor.memberships.filter(user=user).exists() if user.is_authenticated else False


def browse(params: Mapping[str, Any]) -> QuerySet[EventListing]:
    """What's on, filtered and sorted: the one query of the site's lists and the API's.

    `params` are cleaned values under the names of GET /events; what is missing, None or empty does not filter.
    `amount_min` and `amount_max` are prices in whole units of each event's currency, as people type them.
    Upcoming only (by end), unless `date_from` says otherwise.
    """
    listings = EventListing.objects.all()
    for name, narrow in FILTERS.items():
        value = params.get(name)
        if value is not None and value is not False and value != "":  # a price of 0 does filter
            listings = narrow(listings, value)
    if not params.get("date_from"):
        listings = listings.filter(end__gt=now())
    return listings.order_by(*map(_order, SORTS[params.get("sort") or "date"]))


def _order(name: str) -> OrderBy:
    field = F(name.lstrip("-"))
    nulls = {"nulls_last": True} if name.endswith("price_from") else {}
    return field.desc(**nulls) if name.startswith("-") else field.asc(**nulls)


def _amount(lookup: str, rounding: str) -> Narrow:
    """A bound of the price in whole units: 20 are 2,000 cents of a euro, and 20 yen."""

    def minor(amount: Decimal, digits: int) -> Value:
        return Value(int(amount.scaleb(digits).to_integral_value(rounding)))

    def narrow(listings: QuerySet[EventListing], amount: Decimal) -> QuerySet[EventListing]:
        cases = [When(currency__in=codes, then=minor(amount, digits)) for digits, codes in UNUSUAL.items()]
        bound = Case(*cases, default=minor(amount, USUAL), output_field=BigIntegerField())
        return listings.filter(**{f"price_from__{lookup}": bound})

    return narrow


def _available(listings: QuerySet[EventListing], _value: bool) -> QuerySet[EventListing]:
    on_sale = (EventListing.Availability.AVAILABLE, EventListing.Availability.FEW)
    return listings.filter(availability__in=on_sale, canceled=False)


FILTERS: dict[str, Narrow] = {
    "search": matching,
    "type": lambda listings, value: listings.filter(type=value),
    "price_min": lambda listings, value: listings.filter(price_from__gte=value),
    "price_max": lambda listings, value: listings.filter(price_from__lte=value),
    "amount_min": _amount("gte", ROUND_CEILING),
    "amount_max": _amount("lte", ROUND_FLOOR),
    "date_from": lambda listings, value: listings.filter(last_day__gte=value),
    "date_to": lambda listings, value: listings.filter(first_day__lte=value),
    "venue": lambda listings, value: listings.filter(venue_id=value),
    "artist": lambda listings, value: listings.filter(artist_links__artist_id=value),
    "city": lambda listings, value: listings.filter(city__iexact=value),
    "vendor": lambda listings, value: listings.filter(vendor_id=value),
    "available": _available,
    "free": lambda listings, _value: listings.filter(price_from=0),
}


def with_badges(listings: Sequence[EventListing]) -> Sequence[EventListing]:
    """Give each of `listings` its `badges`: one query at most for each source, none for a card."""
    for listing in listings:
        listing.badges = []
    if listings:
        by_id = {listing.pk: listing for listing in listings}
        for source in extensions.badges:
            for event_id, badges in source(listings).items():
                by_id[event_id].badges.extend(badges)
    return listings
