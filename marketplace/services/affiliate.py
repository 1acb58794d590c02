"""A vendor's programme for affiliates, and who takes part in it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.models import Affiliate, AffiliateProgramme, AffiliateRate
from marketplace.services.transition import move
from portal.errors import Rejected
from venues.models import EventPage, Vendor
from venues.queries import works_for


def save_programme(vendor: Vendor, *, commission_bps: int, cookie_days: int, admission: str) -> AffiliateProgramme:
    """The terms of what is sold from now on; what was attributed before keeps its own."""
    terms = {"commission_bps": commission_bps, "cookie_days": cookie_days, "admission": admission}
    return AffiliateProgramme.objects.update_or_create(vendor=vendor, defaults=terms)[0]


def set_rate(event: EventPage, *, commission_bps: int | None) -> None:
    """The event's own commission: 0 takes it out of the programme, None brings the vendor's usual one back."""
    if commission_bps is None:
        AffiliateRate.objects.filter(event=event).delete()
    else:
        AffiliateRate.objects.update_or_create(event=event, defaults={"commission_bps": commission_bps})


@transaction.atomic
def join(vendor: Vendor, *, user: Any) -> Affiliate:
    """Make `user` an affiliate of `vendor`, or an applicant where the vendor chooses; twice is once.

    Raises Rejected: "own-programme" for the vendor's own people, "programme-closed".
    """
    if works_for(user, vendor):
        raise Rejected("own-programme", _("Who works for an organiser can't be its affiliate."))
    if known := Affiliate.objects.filter(vendor=vendor, user=user).first():
        return known
    programme = AffiliateProgramme.objects.filter(vendor=vendor).first()
    if programme is None or programme.admission == AffiliateProgramme.Admission.CLOSED:
        raise Rejected("programme-closed", _("This organiser takes no new affiliates."))
    at_once = programme.admission == AffiliateProgramme.Admission.OPEN
    state = Affiliate.State.ACTIVE if at_once else Affiliate.State.APPLIED
    return Affiliate.objects.get_or_create(vendor=vendor, user=user, defaults={"state": state})[0]


def accept(affiliate: Affiliate) -> bool:
    """Let an applicant in, or one back whose part had ended. False where nothing changed."""
    return move(affiliate, Affiliate.State.ACTIVE)


def end(affiliate: Affiliate) -> bool:
    """Its links and codes count no more; what they brought stays owed. False where nothing changed."""
    return move(affiliate, Affiliate.State.ENDED)
