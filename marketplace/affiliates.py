"""What affiliates brought and what they are owed, summed from the ledger; and what leads buyers to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import BigIntegerField, Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.models import Affiliate, Conversion, LedgerEntry, Order
from portal.shared_cache import TRACE

Account = LedgerEntry.Account
SALT = "marketplace.via"
MOST_COOKIES = 20
DAY = 86400
STATES = {
    "open": _("not paid yet"),
    "pending": _("pending"),
    "earned": _("earned"),
    "paid": _("paid"),
    "void": _("void"),
}


# ---- links


def link_of(affiliate: Affiliate, event_id: int | None = None) -> str:
    """The address that an affiliate hands out: of one event, or of all that the vendor has on."""
    where = ("via_event", [affiliate.code, event_id]) if event_id else ("via", [affiliate.code])
    return settings.BASE_URL + reverse(f"marketplace:{where[0]}", args=where[1])


def leave_trace(response: HttpResponse, affiliate: Affiliate) -> None:
    """Remember in the visitor's browser who sent it to this vendor, until the terms of today say; the last click counts."""
    lifetime = affiliate.vendor.affiliate_programme.cookie_days * DAY
    until = int(timezone.now().timestamp()) + lifetime
    response.set_cookie(
        f"{TRACE}{affiliate.vendor_id}",
        signing.dumps([affiliate.code, until], salt=SALT),
        max_age=lifetime,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def codes_in(request: HttpRequest) -> list[str]:
    """The affiliates' codes that came with a cart's form: of the page it stood on, then of links followed before."""
    stood_on = str(request.POST.get("via", ""))[:20].upper()
    traces = [value for name, value in request.COOKIES.items() if name.startswith(TRACE)][:MOST_COOKIES]
    return [code for code in (stood_on, *map(_code_in, traces)) if code.isascii() and code.isalnum()]


def _code_in(trace: str) -> str:
    try:
        code, until = signing.loads(trace, salt=SALT)
    except signing.BadSignature:
        return ""
    return str(code) if until > timezone.now().timestamp() else ""


# ---- what they brought


def over(prefix: str = "") -> Q:
    """Of ledger entries, or of what `prefix` leads to: whose event took place, so that its commission is earned."""
    return Q(**{f"{prefix}event__end__lte": timezone.now(), f"{prefix}event__canceled_at": None})


def conversions() -> QuerySet[Conversion]:
    """With `tickets`, and `owed` and `paid_out` of the commission, from the ledger; and the `state` they are in."""
    rows = Conversion.objects.select_related("affiliate__vendor", "order__event__venue").annotate(
        owed=-_booked("amount", Account.AFFILIATE),
        paid_out=-_booked("amount", Account.AFFILIATE_PAID),
        tickets=_booked("tickets"),
    )
    return rows.annotate(state=_state())


def _booked(field: str, *accounts: str) -> Any:
    of_order = LedgerEntry.objects.filter(order=OuterRef("order")).order_by().values("order")
    if accounts:
        of_order = of_order.filter(account__in=accounts)
    return Coalesce(Subquery(of_order.annotate(sum=Sum(field)).values("sum")), 0, output_field=BigIntegerField())


def _state() -> Case:
    gone = Q(sales__gt=0, refunded=F("sales"))
    free_and_gone = Q(sales=0, order__state__in=(Order.State.CANCELED, Order.State.REFUNDED))
    return Case(
        When(order__state=Order.State.PENDING, then=Value("open")),
        When(Q(order__paid_at=None) | gone | free_and_gone, then=Value("void")),
        When(~over("order__"), then=Value("pending")),
        When(paid_out__gt=0, owed__lte=0, then=Value("paid")),
        default=Value("earned"),
        output_field=CharField(),
    )


@dataclass(frozen=True)
class Balance:
    """Minor units of `currency`: not earned yet, earned and to be paid, and paid."""

    currency: str
    pending: int
    due: int
    paid: int


def earnings() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(account__in=(Account.AFFILIATE, Account.AFFILIATE_PAID))


def balances_of(affiliates: Iterable[Affiliate]) -> dict[int, list[Balance]]:
    """By affiliate's id, one for each currency, in one query."""
    owed = Q(account=Account.AFFILIATE)
    rows = (
        earnings()
        .filter(order__conversion__affiliate__in=[affiliate.pk for affiliate in affiliates])
        .order_by("currency")
        .values("order__conversion__affiliate", "currency")
        .annotate(
            pending=-Sum("amount", filter=owed & ~over(), default=0),
            due=-Sum("amount", filter=owed & over(), default=0),
            paid=-Sum("amount", filter=~owed, default=0),
        )
    )
    found: dict[int, list[Balance]] = defaultdict(list)
    for row in rows:
        balance = Balance(row["currency"], row["pending"], row["due"], row["paid"])
        found[row["order__conversion__affiliate"]].append(balance)
    return found
