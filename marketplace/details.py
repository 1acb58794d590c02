"""What GET /events/{id} says of tickets."""

from __future__ import annotations

from marketplace.answers import SalesDetails
from marketplace.api.events import types_of
from marketplace.api.methods import represent_public
from marketplace.models import EventTerms
from marketplace.policy import policy_lines
from marketplace.services.methods import methods_for
from venues.models import EventPage


def event_details(event: EventPage) -> SalesDetails:
    terms = EventTerms.objects.filter(event=event).first()
    if terms is None:
        return {}
    types, _sales = types_of(event)
    lines = policy_lines(terms.refund_policy, start=event.start, zone=event.zone)
    return {
        "ticket_types": types,
        "payment_methods": [represent_public(method) for method in methods_for(event)],
        "policies": {"refunds": terms.refund_policy, "refunds_text": lines, "max_per_order": terms.max_per_order},
    }
