"""A vendor's screen about its affiliates, under /admin/affiliates/: terms, people, what they brought, what was paid."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.affiliates import STATES, balances_of, conversions
from marketplace.forms_affiliates import PayoutForm, ProgrammeForm, RateForm, percent_of
from marketplace.models import Affiliate, AffiliatePayout, AffiliateProgramme, AffiliateRate
from marketplace.services import affiliate as services
from marketplace.services.affiliate_payout import pay_out
from portal.errors import Rejected
from venues.models import EventPage, Vendor
from venues.queries import vendor_of

ROWS = 50
COMING = 200


class AffiliatesScreen(View):
    """For people who work for a vendor, about that vendor."""

    @cached_property
    def vendor(self) -> Vendor:
        vendor = vendor_of(self.request.user)
        if vendor is None:
            raise PermissionDenied
        return vendor

    @cached_property
    def events(self) -> list[EventPage]:
        coming = EventPage.objects.child_of(self.vendor.page).filter(end__gt=timezone.now(), alias_of=None)
        return list(coming.order_by("start")[:COMING])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.vendor  # noqa: B018 - or refused
        return super().dispatch(request, *args, **kwargs)

    def back(self, message: str) -> HttpResponse:
        messages.success(self.request, message)
        return redirect("affiliates")


class IndexView(WagtailAdminTemplateMixin, AffiliatesScreen, FormView):
    template_name = "marketplace/admin/affiliates/index.html"
    form_class = ProgrammeForm
    page_title = gettext_lazy("Affiliates")
    header_icon = "group"

    @cached_property
    def programme(self) -> AffiliateProgramme | None:
        return AffiliateProgramme.objects.filter(vendor=self.vendor).first()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "programme": self.programme}

    def form_valid(self, form: ProgrammeForm) -> HttpResponse:
        services.save_programme(self.vendor, **form.cleaned_data)
        return self.back(_("The terms were saved. What was brought before keeps its own."))

    def form_invalid(self, form: ProgrammeForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        affiliates = list(Affiliate.objects.filter(vendor=self.vendor).select_related("user"))
        page = Paginator(conversions().filter(affiliate__vendor=self.vendor).select_related("affiliate__user"), ROWS)
        page_obj = page.get_page(self.request.GET.get("p"))
        balances = balances_of(affiliates)
        rates = AffiliateRate.objects.filter(event__in=self.events).select_related("event")
        return super().get_context_data(
            programme=self.programme,
            join_url=settings.BASE_URL + reverse("marketplace:affiliate_programme", args=[self.vendor.slug]),
            affiliates=[(affiliate, balances.get(affiliate.pk, [])) for affiliate in affiliates],
            rate_form=RateForm(events=self.events),
            rates=[(rate.event, percent_of(rate.commission_bps)) for rate in rates],
            rows=[(row, STATES[row.state]) for row in page_obj],  # type: ignore[attr-defined]
            page_obj=page_obj,
            payouts=AffiliatePayout.objects.filter(affiliate__vendor=self.vendor).select_related("affiliate__user")[
                :ROWS
            ],
            **kwargs,
        )


class RateView(AffiliatesScreen):
    """POST alone: one event's own commission."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RateForm(request.POST, events=self.events)
        if not form.is_valid():
            for errors in form.errors.values():
                messages.error(request, " ".join(map(str, errors)))
            return redirect("affiliates")
        event = next(event for event in self.events if event.pk == form.cleaned_data["event"])
        services.set_rate(event, commission_bps=form.cleaned_data["commission_bps"])
        return self.back(_("The commission of %(event)s was saved.") % {"event": event.title})


class AffiliateAction(AffiliatesScreen):
    """POST alone, about one of the vendor's affiliates."""

    http_method_names = ["post"]

    @cached_property
    def affiliate(self) -> Affiliate:
        return get_object_or_404(Affiliate.objects.select_related("user"), vendor=self.vendor, pk=self.kwargs["pk"])

    @property
    def name(self) -> dict[str, str]:
        return {"name": self.affiliate.user.name or self.affiliate.user.email}


class AcceptView(AffiliateAction):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.accept(self.affiliate)
        return self.back(_("%(name)s is an affiliate.") % self.name)


class EndView(AffiliateAction):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.end(self.affiliate)
        return self.back(_("%(name)s is no affiliate any more. What was earned stays owed.") % self.name)


class PaidView(AffiliateAction):
    """The vendor has paid what the page showed as due."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        affiliate, form = self.affiliate, PayoutForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("This form was incomplete. Please look again at what is due."))
            return redirect("affiliates")
        try:
            pay_out(affiliate, by=request.user, **form.cleaned_data)
        except Rejected as refusal:
            messages.error(request, refusal.message)
            return redirect("affiliates")
        return self.back(_("The payment to %(name)s is in the books.") % self.name)
