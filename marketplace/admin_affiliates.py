"""The admin's URLs and menu item about affiliates."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.views import affiliates_admin as views
from venues.queries import vendor_of

# The names of those URLs that vendors may open.
VENDOR_URLS = ("affiliates", "affiliate_rate", "affiliate_accept", "affiliate_end", "affiliate_paid")


@hooks.register("register_admin_urls")
def affiliate_urls() -> list[URLPattern]:
    return [
        path("affiliates/", views.IndexView.as_view(), name="affiliates"),
        path("affiliates/rate/", views.RateView.as_view(), name="affiliate_rate"),
        path("affiliates/<id:pk>/accept/", views.AcceptView.as_view(), name="affiliate_accept"),
        path("affiliates/<id:pk>/end/", views.EndView.as_view(), name="affiliate_end"),
        path("affiliates/<id:pk>/paid/", views.PaidView.as_view(), name="affiliate_paid"),
    ]


class AffiliatesItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return vendor_of(request.user) is not None


@hooks.register("register_admin_menu_item")
def affiliates_item() -> MenuItem:
    return AffiliatesItem(_("Affiliates"), reverse_lazy("affiliates"), icon_name="group", order=330)
