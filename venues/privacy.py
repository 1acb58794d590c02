"""Wagtail's private pages: who may see them opens them as ever, but no list, no search and no API shows them."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction

P = TypeVar("P", bound=Page)


def is_private() -> Exists:
    """Whether a page, or one above it, asks for a login, a group or a password: for queries of pages."""
    own_path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    restrictions = PageViewRestriction.objects.annotate(own_path=own_path)
    return Exists(restrictions.filter(own_path__startswith=F("page__path")))


def public(pages: QuerySet[P]) -> QuerySet[P]:
    """Those of `pages` that are live and that anybody may see. Unlike Wagtail's `public`, in the same query."""
    return pages.filter(~is_private(), live=True)


def may_see(page: Page, request: HttpRequest) -> bool:
    """Whether who asks has shown what a private page, or one above it, asks for. A public page asks for nothing."""
    return all(restriction.accept_request(request) for restriction in page.get_view_restrictions())
