"""A vendor's screens for its ways to be paid, under /admin/payment-methods/. No secret is ever shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.extensions import PaymentProvider, payment_providers
from marketplace.forms_methods import MethodForm
from marketplace.models import PaymentMethod
from marketplace.services.methods import (
    add_method,
    brands_of,
    change_method,
    offered_providers,
    open_config,
    remove_method,
    secrets_set,
)
from portal import money
from portal.errors import Rejected
from venues.models import Vendor
from venues.queries import vendor_of

EVENTS_AT_STRIPE = ("checkout.session.completed", "checkout.session.expired", "payment_intent.succeeded",
                    "payment_intent.canceled", "refund.updated", "refund.failed")  # fmt: skip


class MethodsScreen(WagtailAdminTemplateMixin):
    """What the screens share: whose methods they show, and the way back."""

    header_icon = "key"
    request: HttpRequest

    @cached_property
    def vendor(self) -> Vendor | None:
        return vendor_of(self.request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.vendor is None and not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def methods(self) -> QuerySet[PaymentMethod]:
        """The vendor's own; staff who may do everything see all."""
        methods = PaymentMethod.objects.filter(removed_at=None).select_related("vendor")
        return methods.filter(vendor=self.vendor) if self.vendor else methods

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("payment_methods"), "label": _("Payment methods")}
        here = [{"url": "", "label": self.get_page_title()}] if self.get_page_title() != index["label"] else []
        return [*self.breadcrumbs_items, index, *here]


class IndexView(MethodsScreen, TemplateView):
    template_name = "marketplace/admin/payment_methods/index.html"

    def get_page_title(self) -> str:
        return _("Payment methods")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        coming = Q(events__event__live=True, events__event__end__gt=timezone.now())
        methods = self.methods().annotate(coming=Count("events", filter=coming, distinct=True))
        rows = [row_of(method) for method in methods]
        providers = offered_providers() if self.vendor else {}
        return super().get_context_data(rows=rows, providers=providers, every_vendor=self.vendor is None, **kwargs)


def row_of(method: PaymentMethod) -> dict[str, Any]:
    provider = payment_providers.get(method.provider)
    return {
        "method": method,
        "provider": provider.title if provider else method.provider,
        "facts": facts_of(method),
        "coming": method.coming,  # type: ignore[attr-defined]
    }


def facts_of(method: PaymentMethod) -> list[str]:
    """What matters of its settings, in words."""
    brands, config, currency = brands_of(method), open_config(method), method.vendor.currency
    facts = [", ".join(brands.values())] if brands else []
    if method.provider == "stripe":
        facts.append(_("your own Stripe account") if secrets_set(method) else _("through the portal's account"))
    if amount := config.get("max_amount"):
        facts.append(_("up to %s") % money.text(amount, currency))
    if tickets := config.get("max_tickets"):
        facts.append(_("at most %s tickets") % tickets)
    return facts


class FormScreen(MethodsScreen, FormView):
    template_name = "marketplace/admin/payment_methods/form.html"
    form_class: type[forms.Form] = MethodForm
    provider: PaymentProvider
    method: PaymentMethod | None = None

    def get_form_kwargs(self) -> dict[str, Any]:
        owner = self.method.vendor if self.method else self.vendor
        given = {"provider": self.provider, "method": self.method, "currency": owner.currency if owner else "EUR"}
        return {**super().get_form_kwargs(), **given}

    def form_valid(self, form: MethodForm) -> HttpResponse:
        try:
            method = self.save(form)
        except Rejected as refusal:
            form.take_errors(refusal)
            return self.form_invalid(form)
        messages.success(self.request, _("%s is saved.") % method.title)
        return redirect("payment_methods")

    def form_invalid(self, form: MethodForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def save(self, form: MethodForm) -> PaymentMethod:
        raise NotImplementedError


class AddView(FormScreen):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.vendor is None:  # staff look after other people's methods, and have none
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = offered_providers().get(kwargs["provider"])
        if found is None:
            raise Http404
        self.provider = found

    def get_page_title(self) -> str:
        return _("Add: %s") % self.provider.title

    def save(self, form: MethodForm) -> PaymentMethod:
        return add_method(
            self.vendor,  # type: ignore[arg-type]
            provider=self.kwargs["provider"],
            title=form.cleaned_data["title"],
            config=form.config(),
        )


class EditView(FormScreen):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.method = get_object_or_404(self.methods(), pk=kwargs["method_id"])
        if self.method.provider not in payment_providers:
            raise Http404
        self.provider = payment_providers[self.method.provider]
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return self.method.title if self.method else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(method=self.method, **kwargs)
        if self.method and "webhook_secret" in self.provider.config_fields:
            path = reverse("marketplace:webhook", args=[self.method.provider, self.method.pk])
            context |= {"webhook_url": settings.BASE_URL + path, "webhook_events": EVENTS_AT_STRIPE}
        return context

    def save(self, form: MethodForm) -> PaymentMethod:
        return change_method(self.method, title=form.cleaned_data["title"], config=form.config())  # type: ignore[arg-type]


class RemoveView(MethodsScreen, TemplateView):
    template_name = "marketplace/admin/payment_methods/remove.html"

    @cached_property
    def method(self) -> PaymentMethod:
        return get_object_or_404(self.methods(), pk=self.kwargs["method_id"])

    def get_page_title(self) -> str:
        return _("Remove %s") % self.method.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(method=self.method, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseRedirect:
        try:
            remove_method(self.method)
            messages.success(request, _("%s is removed.") % self.method.title)
        except Rejected as refusal:
            messages.error(request, refusal.message)
        return redirect("payment_methods")
