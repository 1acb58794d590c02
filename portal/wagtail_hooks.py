"""The kernel in Wagtail's admin: the site's look, and staff's page of failed deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from portal.outbox.views import failed_deliveries
from portal.shared_cache import offer_to_strangers


@hooks.register("insert_global_admin_css")
def admin_look() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("portal/admin.css"))


@hooks.register("on_serve_page")
def share_page(serve: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pages show strangers the same, so that one rendering serves them all for some seconds."""

    def serve_and_share(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
        response = serve(page, request, args, kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        offer_to_strangers(request, response)  # who may not see the page does not come this far
        return response

    return serve_and_share


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    return [path("failed-deliveries/", failed_deliveries, name="portal_failed_deliveries")]


class SuperuserMenuItem(MenuItem):
    """A menu item that superusers alone see."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


@hooks.register("register_reports_menu_item")
def failed_deliveries_menu_item() -> MenuItem:
    return SuperuserMenuItem(
        _("Failed deliveries"),
        reverse("portal_failed_deliveries"),
        name="failed-deliveries",
        icon_name="warning",
        order=900,
    )
