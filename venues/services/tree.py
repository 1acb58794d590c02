"""The site's tree: the root's fixed pages, made after every migration and whenever one is missing."""

from django.conf import settings
from django.db import transaction
from wagtail.models import Collection, Locale, Page, Site

from venues.models import ArtistIndexPage, EventIndexPage, EventType, VendorIndexPage, VenueIndexPage

INDEX_PAGES: tuple[tuple[type[Page], str, str], ...] = (
    (EventIndexPage, "events", "Events"),
    (VenueIndexPage, "venues", "Venues"),
    (ArtistIndexPage, "artists", "Artists"),
    (VendorIndexPage, "vendors", "Organisers"),
)
EVENT_TYPES = ["Concert", "Conference", "Gaming", "Educational", "Theatre", "Sports", "Festival", "Workshop"]


@transaction.atomic
def ensure_tree() -> Page:
    """Make what is missing of the root page, the index pages below it and the event types; return the root page.

    Runs again without a change. What staff renamed or added stays as it is.
    """
    root = _site_root()
    for model, slug, title in INDEX_PAGES:
        if not model.objects.exists():
            root.add_child(instance=model(title=title, slug=slug, show_in_menus=True))
    if not EventType.objects.exists():
        EventType.objects.bulk_create(
            EventType(slug=title.lower(), title=title, position=position * 10)
            for position, title in enumerate(EVENT_TYPES, start=1)
        )
    return root


def _site_root() -> Page:
    """The default site's root page: Wagtail's own first page without its welcome, which `home` turns into a HomePage."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    root = site.root_page if site else _new_root()
    if root.specific_class is Page and root.title != settings.WAGTAIL_SITE_NAME:
        root.title = root.draft_title = settings.WAGTAIL_SITE_NAME
        root.save()
    if site is None:
        # Links take scheme, host and port from BASE_URL (venues.models.located), so this row knows no port.
        Site.objects.create(
            hostname="localhost", root_page=root, is_default_site=True, site_name=settings.WAGTAIL_SITE_NAME
        )
    elif not site.site_name:
        site.site_name = settings.WAGTAIL_SITE_NAME
        site.save()
    return root


def _new_root() -> Page:
    """What Wagtail's first migration makes, for a database that was emptied since."""
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    top = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    return top.add_child(instance=Page(title=settings.WAGTAIL_SITE_NAME, slug="home"))
