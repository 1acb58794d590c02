"""Set vendors up: group, pages, collection and permissions at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from portal.errors import Rejected
from portal.outbox.services import publish
from venues.messages import VendorJoined
from venues.models import Vendor, VendorIndexPage, VendorMember, VendorPage
from venues.services.tree import ensure_tree
from venues.services.validation import refusing

PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page")
COLLECTION_PERMISSIONS = (
    "add_image",
    "change_image",
    "choose_image",
    "add_document",
    "change_document",
    "choose_document",
)


@transaction.atomic
def create_vendor(user: Any, *, name: str, currency: str = "EUR", timezone: str = "Europe/Berlin") -> Vendor:
    """Make `user` a vendor called `name`, with group, page, collection and access to the editor.

    Raises Rejected("vendor-name-taken"), Rejected("already-vendor"), or Rejected("invalid-vendor") with field errors.
    """
    name = " ".join(name.split())
    check_name(name)
    if VendorMember.objects.filter(user=user).exists():
        raise Rejected("already-vendor", _("This account works for a vendor already."))
    slug = _free_slug(name)
    vendor = Vendor(name=name, slug=slug, currency=currency.upper(), timezone=timezone)
    with refusing("invalid-vendor", _("The vendor's details are not valid.")):
        vendor.full_clean(exclude=["group", "collection", "slug"])
    # Two sign-ups with one name in the same instant: the unique slug lets one through.
    vendor.group = Group.objects.create(name=f"Vendor: {slug}")
    vendor.collection = Collection.get_first_root_node().add_child(instance=Collection(name=name))
    vendor.save()
    page = _vendor_page(vendor)
    _grant(vendor, page)
    VendorMember.objects.create(vendor=vendor, user=user)
    user.groups.add(vendor.group)
    publish(VendorJoined(vendor_id=vendor.pk))
    return vendor


def check_name(name: str) -> None:
    """Raises Rejected("vendor-name-taken") or Rejected("invalid-vendor")."""
    if not slugify(name, allow_unicode=True):
        raise Rejected("invalid-vendor", _("A vendor needs a name with letters or digits."), status=422)
    if Vendor.objects.filter(name__iexact=name).exists():
        raise Rejected("vendor-name-taken", _("Another vendor has this name."), status=422)


def _free_slug(name: str) -> str:
    base = (slugify(name) or "vendor")[:40]
    taken = set(Vendor.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _vendor_page(vendor: Vendor) -> VendorPage:
    index = VendorIndexPage.objects.first()
    if index is None:
        ensure_tree()
        index = VendorIndexPage.objects.get()
    page: VendorPage = index.add_child(instance=VendorPage(title=vendor.name, slug=vendor.slug, vendor=vendor))
    page.save_revision().publish()
    return page


def _grant(vendor: Vendor, page: VendorPage) -> None:
    """Content editing below the vendor's own page and in its own collection, and no more: see venues.fence."""
    found = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            codename__in=(*PAGE_PERMISSIONS, *COLLECTION_PERMISSIONS, "access_admin"),
            content_type__app_label__in=("wagtailcore", "wagtailimages", "wagtaildocs", "wagtailadmin"),
        )
    }
    vendor.group.permissions.add(found["access_admin"])
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=vendor.group, page=page, permission=found[name]) for name in PAGE_PERMISSIONS
    )
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=vendor.group, collection=vendor.collection, permission=found[name])
        for name in COLLECTION_PERMISSIONS
    )
