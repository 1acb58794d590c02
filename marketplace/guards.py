"""Pages with sales stay: their orders, tickets and books point to them. Copies of pages carry nothing to sell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from marketplace.models import EventTerms
from marketplace.services.inventory import forget
from marketplace.services.sold import with_sales
from venues.models import EventPage

LAST = 100  # after other apps' guards: what is forgotten here is not to be refused there


@hooks.register("before_delete_page", order=LAST)
def before_delete_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    if message := refusal_to_delete([page]):
        messages.error(request, message)
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    if request.method == "POST":
        forget_below([page])
    return None


@hooks.register("before_bulk_action", order=LAST)
def before_bulk_action(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    pages = [item for item in objects if isinstance(item, Page)]
    if action_type != "delete" or not pages:
        return None
    if message := refusal_to_delete(pages):
        messages.error(request, message)
        return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
    forget_below(pages)
    return None


@hooks.register("after_copy_page")
def after_copy_page(request: HttpRequest, page: Page, new_page: Page) -> None:
    if EventTerms.objects.filter(event__path__startswith=page.path).exists():
        messages.info(request, _("The copy sells nothing yet: tickets, prices and sales belong to the original alone."))


def refusal_to_delete(pages: Sequence[Page]) -> str | None:
    """Why `pages`, with all below them, can't be deleted; None where nothing was sold."""
    sold = with_sales(events_below(pages))
    count = sold.count()
    if not count:
        return None
    titles = ", ".join(sold.values_list("title", flat=True)[:3])
    return ngettext(
        "This can't be deleted: tickets of %(titles)s were ordered. Unpublish it instead.",
        "This can't be deleted: tickets of %(count)s events were ordered, such as %(titles)s. Unpublish it instead.",
        count,
    ) % {"count": count, "titles": titles}


def forget_below(pages: Sequence[Page]) -> None:
    """Take away what the events below would have sold, so that they can go."""
    for event in events_below(pages).filter(terms__isnull=False):
        forget(event)


def events_below(pages: Sequence[Page]) -> Any:
    below = Q()
    for page in pages:
        below |= Q(path__startswith=page.path)
    return EventPage.objects.filter(below)
