"""The site's URLs: the kernel's, then the plugins', then Wagtail's pages."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from portal import extensions

urlpatterns = [
    path("health/", include("portal.health")),
    path("api/v1/", include("portal.api.urls")),
    path("account/", include("portal.accounts.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    *[path(item.prefix, include(item.urlconf)) for item in extensions.urls],
]
if settings.EMBEDDED or settings.DEBUG:
    urlpatterns.append(re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}))
urlpatterns.append(path("", include(wagtail_urls)))
