"""Put the front page in its place."""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Page

from home.models import HomePage
from venues.services.tree import ensure_tree

INTRO = "Concerts, talks, games and everything else worth leaving the house for."


@transaction.atomic
def ensure_home() -> HomePage:
    """Make the site's root page a HomePage where it is a bare page: in place, so that what is below it stays there.

    Runs again without a change. A site whose staff chose another root keeps it.
    """
    root = ensure_tree()
    existing = HomePage.objects.first()
    if existing or root.specific_class is not Page:
        return existing or root.specific
    # Only the row of HomePage's own table; the page's is there.
    HomePage(page_ptr_id=root.pk, intro=INTRO).save_base(raw=True)
    Page.objects.filter(pk=root.pk).update(content_type=ContentType.objects.get_for_model(HomePage))
    home = HomePage.objects.get(pk=root.pk)
    home.save()
    return home
