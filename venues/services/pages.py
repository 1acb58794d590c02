"""Make venues' and artists' pages."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from venues.models import ArtistIndexPage, ArtistPage, Vendor, VenueIndexPage, VenuePage
from venues.services.markup import clean_fields
from venues.services.validation import refusing

P = TypeVar("P", bound=Page)


def create_venue(
    vendor: Vendor | None,
    *,
    title: str,
    address: str,
    city: str,
    country: str,
    timezone: str,
    publish: bool = False,
    user: Any = None,
    **fields: Any,
) -> VenuePage:
    """A venue below `vendor`'s page, or below the index of venues without one. Raises Rejected("invalid-venue")."""
    page = VenuePage(title=title, address=address, city=city, country=country, timezone=timezone, **fields)
    parent = vendor.page if vendor else VenueIndexPage.objects.get()
    with refusing("invalid-venue", _("The venue is not valid.")):
        return add_page(parent, page, publish=publish, user=user)


def create_artist(
    vendor: Vendor | None, *, title: str, publish: bool = False, user: Any = None, **fields: Any
) -> ArtistPage:
    """An artist below `vendor`'s page, or below the index of artists without one. Raises Rejected("invalid-artist")."""
    parent = vendor.page if vendor else ArtistIndexPage.objects.get()
    with refusing("invalid-artist", _("The artist is not valid.")):
        return add_page(parent, ArtistPage(title=title, **fields), publish=publish, user=user)


@transaction.atomic
def add_page(parent: Page, page: P, *, publish: bool, user: Any = None) -> P:
    """Add `page` as a draft with its first revision, and publish it if so wished. Raises ValidationError."""
    # Another vendor may have added a child since `parent` was read; treebeard counts on its numchild.
    parent.refresh_from_db(fields=["path", "numchild", "url_path"])
    page.live, page.owner = False, user
    clean_fields(page)
    parent.add_child(instance=page)  # which checks the page
    revision = page.save_revision(user=user, log_action=True, clean=False)
    if publish:
        revision.publish(user=user)
        page.refresh_from_db()
    return page


@transaction.atomic
def save_page(page: P, *, publish: bool, user: Any = None) -> P:
    """Save `page`'s fields as a new revision, and publish it if so wished. Raises ValidationError."""
    clean_fields(page)
    page.full_clean()
    revision = page.save_revision(user=user, log_action=True, changed=True, clean=False)
    if publish:
        revision.publish(user=user)
    return page
