"""A vendor's screens about giving money back, under /admin/market/: of an order, by hand, and of a whole event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from marketplace.forms_refunds import CancelEventForm, RefundForm, TicketsForm, amount_shown
from marketplace.models import EventCancellation, Order, Refund
from marketplace.queries import orders
from marketplace.services.cancellation import call_off, progress_of, worth_of
from marketplace.services.claims import Claim, claims_of
from marketplace.services.refund import (
    Preview,
    cancel_tickets,
    preview_cancellation,
    preview_refund,
    refund_tickets,
)
from marketplace.services.settle import by_hand, confirm_handed_back, handed_over
from marketplace.views.market import FormScreen, Screen
from portal import money
from portal.errors import Rejected
from venues.queries import vendor_of

ROWS = 100
LOOK_AGAIN = 3  # seconds


class RefundView(FormScreen):
    """Choose tickets and an amount, see what that means, and do it. Where nothing was paid, tickets are only canceled."""

    template_name = "marketplace/admin/market/refund.html"

    @cached_property
    def order(self) -> Order:
        return get_object_or_404(orders(), event=self.event, code=self.kwargs["code"].upper())

    @cached_property
    def paid(self) -> bool:
        return any(claim.left for claim in claims_of(self.order))

    @cached_property
    def claims(self) -> list[Claim]:
        return [claim for claim in claims_of(self.order) if (claim.left if self.paid else claim.good)]

    def get_page_title(self) -> str:
        text = _("Refund order %(code)s") if self.paid else _("Cancel tickets of order %(code)s")
        return text % {"code": self.order.code}

    def get_form_class(self) -> Any:
        return RefundForm if self.paid else TicketsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        chosen = self.request.GET.get("ticket", "")
        return {**super().get_form_kwargs(), "order": self.order, "claims": self.claims, "chosen": chosen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = Refund.objects.filter(payment__order=self.order).select_related("payment")
        return super().get_context_data(order=self.order, claims=self.claims, paid=self.paid, made=made, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        if "confirm" in self.request.POST:
            return super().form_valid(form)
        preview = self._preview(form)
        if preview.refusal:
            form.take(preview.refusal)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def _preview(self, form: Any) -> Preview:
        ids = _ids(form)
        if not self.paid:
            return preview_cancellation(self.order, ticket_ids=ids, as_vendor=True)
        return preview_refund(self.order, ticket_ids=ids, as_vendor=True, amount=form.cleaned_data["amount"] or None)

    def save(self, form: Any) -> str:
        data, ids = form.cleaned_data, _ids(form)
        if not self.paid:
            done = cancel_tickets(self.order, ticket_ids=ids, as_vendor=True)
            return ngettext("%(n)s ticket was canceled.", "%(n)s tickets were canceled.", len(done.parts)) % {
                "n": len(done.parts)
            }
        done = refund_tickets(
            self.order,
            ticket_ids=ids,
            as_vendor=True,
            amount=data["amount"] or None,
            keep_tickets=data["keep_tickets"],
            reason=data["reason"],
            expected=amount_shown(self.request.POST["confirm"]),
        )
        return _told(done.amount, self.order, by_hand=any(by_hand(refund.payment) for refund in done.refunds))


def _ids(form: Any) -> list[UUID]:
    return [UUID(pk) for pk in form.cleaned_data["tickets"]]


def _told(amount: int, order: Order, *, by_hand: bool) -> str:
    facts = {"amount": money.text(amount, order.currency), "buyer": order.name or order.email}
    if by_hand:
        return _("Hand %(amount)s to %(buyer)s, and confirm it among the refunds.") % facts
    return _("%(amount)s is on its way back to %(buyer)s.") % facts


class RefundList(Screen):
    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": reverse("market_refunds"), "label": _("Refunds")}]

    def refunds(self) -> QuerySet[Refund]:
        """The vendor's; everybody's for staff."""
        found = Refund.objects.select_related("payment__order__event__venue")
        if self.request.user.is_superuser:
            return found
        vendor = vendor_of(self.request.user)
        if vendor is None:
            raise PermissionDenied
        return found.filter(payment__order__vendor=vendor)


class RefundsView(RefundList, TemplateView):
    """What is to be handed back, what did not arrive, and what went back, newest first."""

    template_name = "marketplace/admin/market/refunds.html"
    page_title = gettext_lazy("Refunds")
    header_icon = "undo"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [(refund, by_hand(refund.payment)) for refund in self.refunds()[:ROWS]]
        waiting = self.refunds().filter(state__in=["created", "in_transit"], payment__provider__in=handed_over())
        return super().get_context_data(rows=rows, to_hand=waiting[:ROWS], **kwargs)


class HandedBackView(RefundList, View):
    """POST alone: the vendor says that the cash was handed over."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        refund = get_object_or_404(self.refunds(), pk=pk)
        try:
            confirm_handed_back(refund)
            amount = money.text(refund.amount, refund.payment.currency)
            messages.success(request, _("%(amount)s is noted as handed back.") % {"amount": amount})
        except Rejected as refusal:
            messages.error(request, refusal.message)
        return redirect("market_refunds")


class CancelView(FormScreen):
    """Call the whole event off: what that means, and then how far it is."""

    template_name = "marketplace/admin/market/cancel.html"
    form_class = CancelEventForm
    page_title = gettext_lazy("Cancel the event")

    @cached_property
    def cancellation(self) -> EventCancellation | None:
        return EventCancellation.objects.filter(event=self.event).first()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        if self.cancellation and not self.cancellation.done_at and request.method != "POST":
            response["Refresh"] = str(LOOK_AGAIN)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tickets, amount = worth_of(self.event)
        progress = progress_of(self.cancellation) if self.cancellation else None
        about = {"tickets": tickets, "amount": amount, "cancellation": self.cancellation, "progress": progress}
        return super().get_context_data(**about, **kwargs)

    def save(self, form: CancelEventForm) -> str:
        call_off(self.event, message=form.cleaned_data["message"])
        return _("%(title)s is canceled. Everybody with a ticket is told and refunded.") % {"title": self.event.title}

    def back(self, message: str = "") -> HttpResponse:
        messages.success(self.request, message)
        return redirect("market_cancel", self.event.pk)
