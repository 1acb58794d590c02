"""What venues change in Wagtail: choosers and lists show a vendor its own, deletes are explained, drafts stay private."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.viewsets.base import ViewSet
from wagtail.models import Page, ReferenceIndex
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from venues.choosers import artist_chooser, venue_chooser
from venues.fence import ancestor_paths
from venues.guards import refusal_to_delete
from venues.models import EventIndexPage, EventType, Vendor, VendorPage
from venues.ownership import fenced_vendor, own_pages, usable_by, usable_pages
from venues.privacy import may_see
from venues.vendor_home import VendorHome

HIDDEN_FROM_VENDORS = {"reports", "help", "settings"}


@hooks.register("register_admin_viewset")
def choosers() -> list[ViewSet]:
    return [venue_chooser, artist_chooser]


# ---- what vendors see


@hooks.register("construct_page_chooser_queryset")
def choosable_pages(pages: QuerySet, request: HttpRequest) -> QuerySet:
    vendor = fenced_vendor(request.user)
    if vendor is None:
        return pages
    # By id, because the search that Wagtail puts on top filters by indexed fields only.
    shown = usable_pages(vendor) | Page.objects.filter(path__in=ancestor_paths(vendor))
    return pages.filter(pk__in=shown.values("pk"))


@hooks.register("construct_explorer_page_queryset")
def explorable_pages(parent_page: Page, pages: QuerySet, request: HttpRequest) -> QuerySet:
    vendor = fenced_vendor(request.user)
    return pages.filter(pk__in=own_pages(vendor).values("pk")) if vendor else pages


@hooks.register("construct_image_chooser_queryset")
@hooks.register("construct_document_chooser_queryset")
def choosable_files(files: QuerySet, request: HttpRequest) -> QuerySet:
    vendor = fenced_vendor(request.user)
    return files.filter(pk__in=usable_by(vendor, files.model).values("pk")) if vendor else files


@hooks.register("construct_main_menu")
def vendors_menu(request: HttpRequest, items: list[Any]) -> None:
    if fenced_vendor(request.user):
        items[:] = [item for item in items if item.name not in HIDDEN_FROM_VENDORS]


@hooks.register("construct_homepage_panels")
def vendors_home(request: HttpRequest, panels: list[Any]) -> None:
    vendor = fenced_vendor(request.user)
    if vendor:
        panels[:] = [VendorHome(vendor), *(panel for panel in panels if panel.name == "user_pages_in_recent_edits")]


# ---- documents: a vendor's are for whoever may see a live page that refers to them


@hooks.register("before_serve_document")
def private_documents(document: Any, request: HttpRequest) -> None:
    owner = Vendor.objects.filter(collection_id=document.collection_id).first()
    if owner is None or request.user.is_superuser or fenced_vendor(request.user) == owner:
        return
    users = ReferenceIndex.get_references_to(document).values_list("object_id", flat=True)
    pages = Page.objects.live().filter(pk__in=[int(pk) for pk in users if pk.isdecimal()])
    if not any(may_see(page, request) for page in pages):
        raise Http404


# ---- deletes that something depends on


@hooks.register("before_delete_page")
def before_delete_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    refusal = refusal_to_delete([page])
    if refusal is None:
        return None
    messages.error(request, refusal)
    return redirect("wagtailadmin_explore", page.get_parent().pk)


@hooks.register("before_bulk_action")
def before_bulk_action(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    pages = [item for item in objects if isinstance(item, Page)]
    refusal = refusal_to_delete(pages) if pages and action_type == "delete" and request.method == "POST" else None
    if refusal is None:
        return None
    messages.error(request, refusal)
    return redirect(action.next_url)


@hooks.register("before_copy_page")
def before_copy_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A vendor's page stands for the vendor, and there is one of it."""
    if not VendorPage.objects.filter(path__startswith=page.path).exists():
        return None
    messages.error(request, _("A vendor's page can't be copied. Copy its events instead."))
    return redirect("wagtailadmin_explore", page.get_parent().pk)


# ---- a root page without an app


@hooks.register("before_serve_page")
def pages_without_model(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse | None:
    """The site's root is a bare page where `home` is not installed, and lost its model where `home` was taken out.

    It leads to the index of events then. Other pages whose app is gone are not there.
    """
    if type(page) is not Page:
        return None
    index = EventIndexPage.objects.live().first()
    if index is None or page.depth != 2:
        raise Http404
    return redirect(index.get_url(request))


# ---- staff


class EventTypeViewSet(SnippetViewSet):
    model = EventType
    icon = "tag"
    menu_label = "Event types"
    add_to_settings_menu = True
    list_display = ["title", "slug", "position"]


register_snippet(EventTypeViewSet)
