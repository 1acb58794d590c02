"""What affiliates meet on the site: their links, the page to join on, and what they earned."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.affiliates import STATES, balances_of, conversions, leave_trace, link_of
from marketplace.forms_affiliates import percent_of
from marketplace.models import Affiliate, AffiliatePayout, AffiliateProgramme, AffiliateRate
from marketplace.services import affiliate as services
from portal.errors import Rejected
from venues.models import EventListing, EventPage
from venues.privacy import may_see

EVENTS = 100  # the soonest ones, over all vendors of an affiliate


@never_cache
@require_safe
def via(request: HttpRequest, code: str, event_id: int | None = None) -> HttpResponse:
    """An affiliate's link. Pages are the same for everybody, so what is remembered is left in the browser alone."""
    found = Affiliate.objects.filter(code=code.upper()).select_related("vendor__affiliate_programme", "vendor__page")
    affiliate = found.first()
    if affiliate is None:
        raise Http404
    page = _event(affiliate, event_id) if event_id else affiliate.vendor.page
    if page is None or not page.live or not may_see(page, request):
        raise Http404
    response = redirect(page.get_url(request) or "/")
    response["X-Robots-Tag"] = "noindex"
    if affiliate.state == Affiliate.State.ACTIVE:
        leave_trace(response, affiliate)
    return response


def _event(affiliate: Affiliate, event_id: int) -> EventPage | None:
    return EventPage.objects.child_of(affiliate.vendor.page).filter(pk=event_id).first()


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """A vendor's terms for affiliates, and the button to become one."""
    terms = get_object_or_404(AffiliateProgramme.objects.select_related("vendor__page"), vendor__slug=slug)
    if request.method == "POST":
        try:
            services.join(terms.vendor, user=request.user)
        except Rejected as refusal:
            messages.error(request, refusal.message)
            return redirect("marketplace:affiliate_programme", slug)
        return redirect("marketplace:affiliate")
    mine = Affiliate.objects.filter(vendor=terms.vendor, user=request.user.pk).first()
    takes_new = terms.admission != AffiliateProgramme.Admission.CLOSED
    context = {"terms": terms, "mine": mine, "takes_new": takes_new, "percent": percent_of(terms.commission_bps)}
    return render(request, "marketplace/affiliates/programme.html", context)


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All that one person earns by bringing buyers: links, balances, and each order that counted."""
    mine = list(
        Affiliate.objects.filter(user=request.user.pk).select_related("vendor__affiliate_programme", "vendor__page")
    )
    page_obj = Paginator(conversions().filter(affiliate__user=request.user.pk), 25).get_page(request.GET.get("page"))
    context = {
        "memberships": _memberships(mine),
        "page_obj": page_obj,
        "rows": [(row, STATES[row.state]) for row in page_obj],  # type: ignore[attr-defined]
        "payouts": AffiliatePayout.objects.filter(affiliate__user=request.user.pk).select_related("affiliate__vendor"),
    }
    return render(request, "marketplace/affiliates/home.html", context)


def _memberships(affiliates: list[Affiliate]) -> list[dict[str, Any]]:
    """What the page shows of each, in four queries however many there are."""
    balances, events = balances_of(affiliates), _events(affiliates)
    rates = dict(
        AffiliateRate.objects.filter(event__in=[event.pk for event in events]).values_list("event", "commission_bps")
    )
    return [
        {
            "affiliate": affiliate,
            "percent": percent_of(affiliate.vendor.affiliate_programme.commission_bps),
            "link": link_of(affiliate),
            "events": [
                (listing, link_of(affiliate, listing.pk), percent_of(rates[listing.pk]) if listing.pk in rates else "")
                for listing in events
                if listing.vendor_id == affiliate.vendor_id
            ],
            "balances": balances.get(affiliate.pk, []),
        }
        for affiliate in affiliates
    ]


def _events(affiliates: list[Affiliate]) -> list[EventListing]:
    vendors = [affiliate.vendor_id for affiliate in affiliates if affiliate.state == Affiliate.State.ACTIVE]
    coming = EventListing.objects.filter(vendor_id__in=vendors, end__gt=timezone.now(), canceled=False)
    left_out = AffiliateRate.objects.filter(commission_bps=0).values("event")
    return list(coming.exclude(pk__in=left_out).order_by("start", "pk")[:EVENTS])
