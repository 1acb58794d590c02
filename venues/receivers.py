"""What follows when Wagtail publishes, withdraws, moves, deletes or closes a page: listings stay true.

These are signals of Wagtail alone; the site's apps send each other messages.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from venues.models import ArtistPage, DeletedEvent, EventPage, VenuePage
from venues.queries import vendor_of_page
from venues.services import listing
from venues.services.rebuild import rebuild
from venues.services.tree import ensure_tree


def connect(app: Any) -> None:
    page_published.connect(on_published, dispatch_uid="venues.published")
    page_unpublished.connect(on_unpublished, dispatch_uid="venues.unpublished")
    post_page_move.connect(on_moved, dispatch_uid="venues.moved")
    page_slug_changed.connect(on_slug_changed, dispatch_uid="venues.slug")
    for page in (EventPage, Page):  # what the clock withdraws is saved as a bare page
        post_save.connect(on_saved, sender=page, dispatch_uid=f"venues.saved.{page.__name__}")
    pre_delete.connect(on_delete, sender=EventPage, dispatch_uid="venues.deleted")
    for change in (post_save, post_delete):
        change.connect(on_closed_or_opened, sender=PageViewRestriction, dispatch_uid="venues.restricted")
    post_migrate.connect(on_migrated, sender=app, dispatch_uid="venues.tree")


def on_published(instance: Page, **kwargs: Any) -> None:
    if isinstance(instance, EventPage):
        listing.announce(instance)
    elif isinstance(instance, VenuePage):
        listing.refresh_of_venue(instance)
    elif isinstance(instance, ArtistPage):
        listing.refresh_of_artist(instance)


def on_saved(instance: Page, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """Withdraw what is saved as not live, in the transaction of the save: Wagtail's own signal comes after it."""
    if not (instance.live or created) and (update_fields is None or "live" in update_fields):
        listing.withdraw(instance.pk)


def on_unpublished(instance: Page, **kwargs: Any) -> None:
    if isinstance(instance, VenuePage):
        listing.refresh_of_venue(instance)


def on_moved(instance: Page, **kwargs: Any) -> None:
    rebuild(below=instance)
    if isinstance(instance, VenuePage):
        listing.refresh_of_venue(instance)


def on_slug_changed(instance: Page, **kwargs: Any) -> None:
    rebuild(below=instance)


def on_closed_or_opened(instance: PageViewRestriction, **kwargs: Any) -> None:
    """A page was made private or public, with all below it."""
    page = Page.objects.filter(pk=instance.page_id).first()  # its place may have changed since the restriction was read
    if page:
        rebuild(below=page)


def on_delete(instance: EventPage, **kwargs: Any) -> None:
    """Wagtail withdraws a live page before it deletes it; a page deleted past Wagtail is withdrawn here."""
    listing.withdraw(instance.pk)
    if instance.first_published_at and not instance.alias_of_id:
        vendor = vendor_of_page(instance)
        DeletedEvent.objects.get_or_create(event_id=instance.pk, defaults={"vendor_id": vendor.pk if vendor else None})


def on_migrated(using: str, plan: Any = None, **kwargs: Any) -> None:
    if tree_can_be_made(using, plan):
        ensure_tree()


def tree_can_be_made(using: str, plan: Any) -> bool:
    """Whether the database is complete: not on the way back, nor after a part of the migrations."""
    if using != "default" or any(backwards for _migration, backwards in plan or ()):
        return False
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
