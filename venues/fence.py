"""The fence around vendors in the admin: what is not allowed by name is refused, and every id in an address is checked.

Wagtail's own permissions stop a vendor from writing into another's pages and pictures, but its choosers, reports, usage
lists and bulk actions let read them. Staff (superusers, and editors who work for no vendor) are not fenced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

from venues import extensions
from venues.fence_rules import ACCOUNT, BULK, OPEN, RULES, Rule
from venues.ownership import fenced_vendor, own_pages, usable_by, usable_pages


class FenceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        if not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        vendor = fenced_vendor(request.user)
        if vendor is None:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name == ACCOUNT:
            return redirect("/account/")
        check(request, vendor, name, kwargs)
        return None


def check(request: HttpRequest, vendor: Any, name: str, kwargs: dict[str, Any]) -> None:
    """Raise PermissionDenied for a route that vendors have no business with, Http404 for an id that is not theirs."""
    if name in OPEN or any(name in urls.names for urls in extensions.vendor_urls):
        return
    rule = RULES.get(name)
    if rule is None or (name == BULK and not _bulk_allowed(request, kwargs)):
        raise PermissionDenied("This part of the admin is for the portal's staff.")
    if name == BULK:
        rule = Rule(bulk_model(kwargs))
    _check_ids(request, vendor, rule, kwargs)


def _check_ids(request: HttpRequest, vendor: Any, rule: Rule, kwargs: dict[str, Any]) -> None:
    from_path = [str(kwargs[name]) for name in rule.kwargs if name in kwargs]
    posted = [value for name in rule.posted for value in request.POST.getlist(name) if value]
    asked = [value for name in rule.asked for value in request.GET.getlist(name) if value]
    for ids in (from_path, posted, asked):
        if ids and not _all_within(vendor, rule, ids):
            raise Http404


def _all_within(vendor: Any, rule: Rule, ids: Iterable[str]) -> bool:
    wanted = set(ids)
    if not all(value.isascii() and value.isdecimal() and len(value) < 19 for value in wanted):
        return False
    return allowed(vendor, rule).filter(pk__in=[int(value) for value in wanted]).count() == len(wanted)


def allowed(vendor: Any, rule: Rule) -> Any:
    if rule.kind == "image":
        return usable_by(vendor, get_image_model())
    if rule.kind == "document":
        return usable_by(vendor, get_document_model())
    if rule.kind == "usable":
        return usable_pages(vendor)
    if rule.kind == "way":
        return own_pages(vendor) | Page.objects.filter(path__in=ancestor_paths(vendor))
    return own_pages(vendor)


def ancestor_paths(vendor: Any) -> list[str]:
    """The paths of the pages above the vendor's, whose titles anyone may read."""
    path = vendor.page.path
    return [path[:end] for end in range(Page.steplen, len(path), Page.steplen)]


def bulk_model(kwargs: dict[str, Any]) -> str:
    return {"wagtailcore": "page", "wagtailimages": "image", "wagtaildocs": "document"}[kwargs["app_label"]]


def _bulk_allowed(request: HttpRequest, kwargs: dict[str, Any]) -> bool:
    """Bulk actions on named objects. "All" stands for everybody's in Wagtail, and moves have nowhere to go."""
    known = {("wagtailcore", "page"), ("wagtailimages", "image"), ("wagtaildocs", "document")}
    if (kwargs["app_label"], kwargs["model_name"]) not in known or kwargs["action"] not in (
        "delete",
        "publish",
        "unpublish",
    ):
        return False
    return "all" not in request.GET.getlist("id")
