"""What the reconciler has given up, for staff: payments and refunds whose end nobody could find out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.services.reconcile import ask_again, stuck_payments, stuck_refunds

KINDS: dict[str, Any] = {"payment": stuck_payments, "refund": stuck_refunds}


class AttentionView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "marketplace/admin/attention.html"
    header_icon = "warning"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return _("Payments to look at")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stuck: dict[str, QuerySet[Any]] = {name: find()[:200] for name, find in KINDS.items()}
        return super().get_context_data(payments=stuck["payment"], refunds=stuck["refund"], **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseRedirect:
        """Ask the provider about one of them again."""
        kind, number = request.POST.get("kind", ""), request.POST.get("id", "")
        if kind not in KINDS or not (number.isascii() and number.isdigit() and len(number) < 18):
            raise Http404
        ask_again(get_object_or_404(KINDS[kind](), pk=int(number)))
        messages.success(request, _("It is asked for again within a minute."))
        return redirect("payments_to_look_at")
