"""Whom an order is owed to: decided once, kept with the terms of that moment, and never for one's own purchases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.translation import gettext as _

from marketplace.models import Affiliate, AffiliateRate, Conversion, EventTerms, Order
from portal.accounts.models import User
from portal.errors import Rejected

Source = Conversion.Source


@dataclass(frozen=True)
class Referral:
    """The affiliate who brought a buyer, and what was agreed at that moment."""

    affiliate_id: int
    commission_bps: int
    source: str


@dataclass(frozen=True)
class Person:
    """Who buys; `user` is None for guests."""

    email: str
    user: Any


def clicked(terms: EventTerms, codes: Sequence[str], person: Person) -> dict[str, Any] | None:
    """The referral, to be kept with the cart, of the first of `codes` that is good for the event; others are ignored."""
    if not codes:
        return None
    found = {affiliate.code: affiliate for affiliate in _active(terms).filter(code__in=codes)}
    affiliate = next((found[code] for code in codes if code in found), None)
    bps = _rate(terms, affiliate)
    if affiliate is None or not bps or is_own(affiliate, person):
        return None
    return asdict(Referral(affiliate.pk, bps, Source.LINK))


def typed(terms: EventTerms, code: str, person: Person, *, source: str) -> Referral:
    """The referral of a code that somebody gave on purpose. Raises Rejected: "unknown-affiliate", "self-referral"."""
    affiliate = _active(terms).filter(code=code.strip().upper()).first()
    bps = _rate(terms, affiliate)
    if affiliate is None or not bps:
        text = _("This is not a code of an affiliate for this event.")
        raise Rejected("unknown-affiliate", text, status=422, field="affiliate")
    if is_own(affiliate, person):
        text = _("This code is for others: nobody earns by their own purchase.")
        raise Rejected("self-referral", text, status=422, field="affiliate")
    return Referral(affiliate.pk, bps, source)


def kept(frozen: Mapping[str, Any], person: Person) -> Referral | None:
    """What a cart holds, unless it turns out that the affiliate buys for themselves."""
    referral = Referral(**frozen)
    affiliate = Affiliate.objects.select_related("vendor").get(pk=referral.affiliate_id)
    return None if is_own(affiliate, person) else referral


def record(order: Order, referral: Referral) -> Conversion:
    """In the order's own transaction; the key admits one for an order."""
    return Conversion.objects.create(order=order, **asdict(referral))


def is_own(affiliate: Affiliate, person: Person) -> bool:
    """Whether the affiliate would earn by buying: the same account or address, or the vendor's own people."""
    staff = set(affiliate.vendor.memberships.values_list("user_id", flat=True))
    if affiliate.user_id in staff:
        return True
    people = {affiliate.user_id, *staff}
    return (person.user is not None and person.user.pk in people) or _plain(person.email) in _addresses(people)


def _addresses(people: set[int]) -> set[str]:
    """All that these accounts are known by."""
    own = User.objects.filter(pk__in=people).values_list("email", flat=True)
    more = EmailAddress.objects.filter(user__in=people).values_list("email", flat=True)
    return {_plain(address) for address in own.union(more)}


def _plain(address: str) -> str:
    """Without what mail servers ignore: ben+second@example.org is Ben."""
    name, at, host = address.strip().lower().rpartition("@")
    return name.partition("+")[0] + at + host


def _active(terms: EventTerms) -> Any:
    active = Affiliate.objects.filter(vendor=terms.vendor_id, state=Affiliate.State.ACTIVE)
    return active.select_related("vendor__affiliate_programme")


def _rate(terms: EventTerms, affiliate: Affiliate | None) -> int:
    """The commission of today in basis points; 0 for an event that takes no part."""
    if affiliate is None:
        return 0
    own = AffiliateRate.objects.filter(event=terms.event_id).first()
    return own.commission_bps if own else affiliate.vendor.affiliate_programme.commission_bps
