"""Demo events put on sale in bulk can be bought like any other."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.demo_bulk import put_on_sale
from marketplace.models import EventTerms, Ticket
from marketplace.services.checkout import place_order
from marketplace.services.methods import add_method, methods_for
from marketplace.services.pay import start_payment
from tests.factories import make_event
from venues.models import EventListing, EventPage

pytestmark = pytest.mark.django_db


def test_they_are_for_sale_at_once(ada_vendor: Any, cleo_vendor: Any) -> None:
    events = [make_event(ada_vendor), make_event(ada_vendor), make_event(cleo_vendor)]
    methods = {vendor.pk: [add_method(vendor, provider="cash", title="Cash")] for vendor in (ada_vendor, cleo_vendor)}
    put_on_sale(EventPage.objects.filter(terms=None).order_by("pk"), methods)

    assert [terms.vendor for terms in EventTerms.objects.order_by("event")] == [ada_vendor, ada_vendor, cleo_vendor]
    for event, vendor in zip(events, (ada_vendor, ada_vendor, cleo_vendor), strict=True):
        kind, listing = event.ticket_types.get(), EventListing.objects.get(pk=event.pk)
        assert (listing.price_from, listing.availability) == (kind.total, "available")
        assert methods_for(event) == methods[vendor.pk]
        order = place_order(event.pk, items={kind.pk: 2}, email="ben@example.org").order
        start_payment(order, method_id=methods[vendor.pk][0].pk, return_url="")
        assert (Ticket.objects.filter(order=order).count(), kind.quotas.get().sold) == (2, 2)
