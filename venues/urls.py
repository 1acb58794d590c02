from django.contrib.sitemaps.views import index, sitemap
from django.urls import path
from django.views.decorators.http import require_safe

from venues.views import sharing
from venues.views.browse import browse
from venues.views.robots import Pages, robots

SITEMAPS = {"pages": Pages}

urlpatterns = [
    path("events/", browse),
    # ---- sharing
    *(path(f"events.{form}", sharing.feed, {"form": form}, name=f"feed_{form}") for form in ("ics", "json", "rss")),
    path("events/<id:event_id>.ics", sharing.calendar, name="event_calendar"),
    path("events/<id:event_id>/embed/", sharing.embed, name="event_embed"),
    path("embed/events/<id:event_id>/", sharing.frame, name="event_frame"),
    path("share/events/<id:event_id>/<slug:version>.png", sharing.picture, name="event_picture"),
    path("oembed", sharing.oembed, name="oembed"),
    path("widget.js", sharing.widget, name="widget"),
    path("robots.txt", robots, name="robots"),
    path(
        "sitemap.xml", require_safe(index), {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap"}, name="sitemap_index"
    ),
    path("sitemap-<slug:section>.xml", require_safe(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
]
