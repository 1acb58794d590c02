"""What search engines read first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from venues.privacy import public

ROBOTS = """\
User-agent: *
Disallow: /account/
Disallow: /admin/
Disallow: /checkout/
Disallow: /door/
Disallow: /orders/
Disallow: /tickets/
Sitemap: {base}/sitemap.xml
"""


class Pages(Sitemap):
    """Every page that anybody may see; links follow BASE_URL, as all do."""

    limit = 5000

    def items(self) -> Any:
        root = Site.objects.select_related("root_page").get(is_default_site=True).root_page
        pages: Any = public(Page.objects.descendant_of(root, inclusive=True)).filter(alias_of=None)
        return pages.order_by("path").specific(defer=True)

    def location(self, item: Any) -> str:
        return str(item.get_url())

    def lastmod(self, item: Any) -> Any:
        return item.last_published_at or item.first_published_at

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.BASE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.BASE_URL).netloc


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS.format(base=settings.BASE_URL), content_type="text/plain; charset=utf-8")
