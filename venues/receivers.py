"""What follows when Wagtail publishes, withdraws, moves or deletes a page: listings stay true. Signals of Wagtail alone."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate, pre_delete
from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from venues.models import ArtistPage, DeletedEvent, EventPage, VenuePage
from venues.queries import vendor_of_page
from venues.services import listing
from venues.services.tree import ensure_tree


def connect(app: Any) -> None:
    page_published.connect(on_published, dispatch_uid="venues.published")
    page_unpublished.connect(on_unpublished, dispatch_uid="venues.unpublished")
    post_page_move.connect(on_moved, dispatch_uid="venues.moved")
    page_slug_changed.connect(on_slug_changed, dispatch_uid="venues.slug")
    pre_delete.connect(on_delete, sender=EventPage, dispatch_uid="venues.deleted")
    post_migrate.connect(on_migrated, sender=app, dispatch_uid="venues.tree")


def on_published(instance: Page, **kwargs: Any) -> None:
    if isinstance(instance, EventPage):
        listing.announce(instance)
    elif isinstance(instance, VenuePage):
        listing.refresh_of_venue(instance)
    elif isinstance(instance, ArtistPage):
        listing.refresh_of_artist(instance)


def on_unpublished(instance: Page, **kwargs: Any) -> None:
    if isinstance(instance, EventPage):
        listing.withdraw(instance.pk)
    elif isinstance(instance, VenuePage):
        listing.refresh_of_venue(instance)


def on_moved(instance: Page, **kwargs: Any) -> None:
    listing.refresh_below(instance)
    if isinstance(instance, VenuePage):
        listing.refresh_of_venue(instance)


def on_slug_changed(instance: Page, **kwargs: Any) -> None:
    listing.refresh_below(instance)


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
