"""A vendor's screens about what its events sell, under /admin/market/. They parse, call a service, and render."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.figures import figures_of
from marketplace.forms_market import QuotaForm, RefundSteps, TermsForm, TypeForm, policy_of, steps_of
from marketplace.models import EventTerms, Quota, TicketType
from marketplace.policy import policy_lines
from marketplace.services import inventory
from marketplace.services.methods import choose_methods
from marketplace.services.type_places import own_quota, save_type
from portal.dates import zone_of
from portal.errors import Rejected
from venues.models import EventPage
from venues.queries import vendor_of, vendor_of_event

UPCOMING = 100


class Screen(WagtailAdminTemplateMixin):
    header_icon = "tag"
    request: HttpRequest
    kwargs: dict[str, Any]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": reverse("market"), "label": _("Tickets")}]


class IndexView(Screen, TemplateView):
    """The vendor's coming events, and what they have sold."""

    template_name = "marketplace/admin/market/index.html"
    page_title = gettext_lazy("Tickets")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vendor = vendor_of(self.request.user)
        if vendor is None and not self.request.user.is_superuser:
            raise PermissionDenied
        events = EventPage.objects.filter(end__gt=timezone.now(), alias_of=None).order_by("start")
        if vendor is not None:
            events = events.child_of(vendor.page)
        rows = [(event, figures_of(event)) for event in events.select_related("venue")[:UPCOMING]]
        return super().get_context_data(rows=rows, **kwargs)


class EventScreen(Screen):
    """A screen of one event. Times are on the wall clock of its venue. Somebody else's event is not there."""

    @cached_property
    def event(self) -> EventPage:
        event = EventPage.objects.filter(pk=self.kwargs["event_id"], alias_of=None).select_related("venue").first()
        if event is None:
            raise Http404
        if not self.request.user.is_superuser and vendor_of(self.request.user) != vendor_of_event(event):
            raise Http404
        return event

    @cached_property
    def terms(self) -> EventTerms:
        return inventory.ensure_terms(self.event)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with timezone.override(zone_of(self.event.zone)):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        event = {"url": reverse("market_event", args=[self.event.pk]), "label": self.event.title}
        here = [{"url": "", "label": self.get_page_title()}] if self.get_page_title() != self.event.title else []
        return [*super().get_breadcrumbs_items(), event, *here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(event=self.event, terms=self.terms, zone=self.event.zone, **kwargs)

    def back(self, message: str = "") -> HttpResponse:
        if message:
            messages.success(self.request, message)
        return redirect("market_event", self.event.pk)


class EventView(EventScreen, TemplateView):
    template_name = "marketplace/admin/market/event.html"

    def get_page_title(self) -> str:
        return self.event.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        policy = policy_lines(self.terms.refund_policy, start=self.event.start, zone=self.event.zone)
        return super().get_context_data(figures=figures_of(self.event), policy=policy, **kwargs)


class FormScreen(EventScreen, FormView):
    template_name = "marketplace/admin/market/form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            message = self.save(form)
        except Rejected as refusal:
            form.take(refusal)
            return self.form_invalid(form)
        return self.back(message)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def save(self, form: Any) -> str:
        """Do what the form says; the message that tells of it. Raises Rejected."""
        raise NotImplementedError


class AddTypeView(FormScreen):
    form_class = TypeForm
    page_title = gettext_lazy("Add a ticket type")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "event": self.event, "currency": self.terms.currency}

    def save(self, form: TypeForm) -> str:
        data = form.cleaned_data
        kind = inventory.add_ticket_type(
            self.event, capacity=data["capacity"], quotas=data.get("quotas", ()), **form.changes()
        )
        return _("%(name)s was added.") % {"name": kind.name}


class TypeView(FormScreen):
    form_class = TypeForm

    @cached_property
    def kind(self) -> TicketType:
        return _of(self.event, TicketType, self.kwargs["pk"])

    def get_page_title(self) -> str:
        return self.kind.name

    def get_form_kwargs(self) -> dict[str, Any]:
        owned = {"kind": self.kind, "own": own_quota(self.kind)}
        return {**super().get_form_kwargs(), "event": self.event, "currency": self.terms.currency, **owned}

    def save(self, form: TypeForm) -> str:
        data = form.cleaned_data
        save_type(self.kind, capacity=data["capacity"], shared=list(data.get("quotas", ())), **form.changes())
        return _("%(name)s was saved.") % {"name": self.kind.name}


class ArchiveTypeView(EventScreen, View):
    """POST alone: archive, or restore what was archived."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        kind = _of(self.event, TicketType, kwargs["pk"])
        if kind.archived_at:
            inventory.restore_ticket_type(kind)
            return self.back(_("%(name)s can be sold again.") % {"name": kind.name})
        inventory.archive_ticket_type(kind)
        return self.back(_("%(name)s is no longer sold. Tickets already sold stay valid.") % {"name": kind.name})


class AddQuotaView(FormScreen):
    form_class = QuotaForm
    page_title = gettext_lazy("Add shared places")

    def save(self, form: QuotaForm) -> str:
        quota = inventory.add_quota(self.event, **form.cleaned_data)
        return _("%(name)s was added. Choose it in the ticket types that share it.") % {"name": quota.name}


class QuotaView(FormScreen):
    form_class = QuotaForm

    @cached_property
    def quota(self) -> Quota:
        return _of(self.event, Quota, self.kwargs["pk"])

    def get_page_title(self) -> str:
        return self.quota.name

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.quota.name, "capacity": self.quota.capacity}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(quota=self.quota, **kwargs)

    def save(self, form: QuotaForm) -> str:
        quota = inventory.change_quota(self.quota, **form.cleaned_data)
        return _("%(name)s was saved.") % {"name": quota.name}


class RemoveQuotaView(EventScreen, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        quota = _of(self.event, Quota, kwargs["pk"])
        try:
            inventory.remove_quota(quota)
        except Rejected as refusal:
            messages.error(request, refusal.message)
            return self.back()
        return self.back(_("%(name)s was removed.") % {"name": quota.name})


class TermsView(FormScreen):
    """Limits, ways to pay and the refund policy."""

    template_name = "marketplace/admin/market/terms.html"
    form_class = TermsForm
    page_title = gettext_lazy("Terms of sale")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "terms": self.terms}

    @cached_property
    def steps(self) -> Any:
        if self.request.method == "POST":
            return RefundSteps(self.request.POST, prefix="refund")
        return RefundSteps(initial=steps_of(self.terms.refund_policy), prefix="refund")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(steps=self.steps, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        return super().form_valid(form) if self.steps.is_valid() else self.form_invalid(form)

    def save(self, form: TermsForm) -> str:
        data = form.cleaned_data
        limits = {name: data[name] for name in ("max_per_order", "max_per_person")}
        inventory.change_terms(self.event, refund_policy=policy_of(self.steps), **limits)
        choose_methods(self.event, methods=list(data["payment_methods"]))
        return _("The terms were saved. Tickets already sold keep theirs.")


def _of(event: EventPage, model: Any, pk: int) -> Any:
    row = model.objects.filter(event=event, pk=pk).first()
    if row is None:
        raise Http404
    return row
