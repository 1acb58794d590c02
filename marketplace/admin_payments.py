"""The admin's URLs and menu items about payments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.views import attention, payment_methods
from venues.queries import vendor_of

# The names of those URLs that vendors may open.
VENDOR_URLS = ("payment_methods", "add_payment_method", "payment_method", "remove_payment_method")


@hooks.register("register_admin_urls")
def payment_urls() -> list[URLPattern]:
    below = "payment-methods/"
    return [
        path(below, payment_methods.IndexView.as_view(), name="payment_methods"),
        path(f"{below}add/<slug:provider>/", payment_methods.AddView.as_view(), name="add_payment_method"),
        path(f"{below}<id:method_id>/", payment_methods.EditView.as_view(), name="payment_method"),
        path(f"{below}<id:method_id>/remove/", payment_methods.RemoveView.as_view(), name="remove_payment_method"),
        path("payments-to-look-at/", attention.AttentionView.as_view(), name="payments_to_look_at"),
    ]


class MethodsItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_superuser or vendor_of(user) is not None


class StaffItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


@hooks.register("register_admin_menu_item")
def methods_item() -> MenuItem:
    return MethodsItem(_("Payment methods"), reverse_lazy("payment_methods"), icon_name="key", order=320)


@hooks.register("register_reports_menu_item")
def attention_item() -> MenuItem:
    url = reverse_lazy("payments_to_look_at")
    return StaffItem(_("Payments to look at"), url, icon_name="warning", order=900)
