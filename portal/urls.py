"""The site's URLs: the kernel's, then the plugins', then Wagtail's pages.

A process serves the routes of its role; health and the API's own pages are every role's.
"""

from django.conf import settings
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from portal.accounts.views import admin_login, admin_logout
from portal.media import media
from portal.routing import for_role, plugin_routes

urlpatterns = [
    path("health/", include("portal.health")),
    path("api/", include("portal.api.urls")),
    for_role("web", path("account/", include("portal.accounts.urls"))),
    for_role("web", path("admin/login/", admin_login, name="wagtailadmin_login")),
    # Wagtail's own form for private pages: it knows neither second factors nor how often somebody may try.
    for_role("web", path("_util/login/", admin_login, name="wagtailcore_login")),
    for_role("web", path("admin/logout/", admin_logout, name="wagtailadmin_logout")),
    for_role("web", path("admin/", include(wagtailadmin_urls))),
    for_role("web", path("documents/", include(wagtaildocs_urls))),
    *plugin_routes(),
]
if settings.EMBEDDED or settings.DEBUG:
    urlpatterns.append(re_path(r"^media/(?P<path>.*)$", media))
urlpatterns.append(for_role("web", path("", include(wagtail_urls))))

handler400 = "portal.api.handlers.bad_request"
handler403 = "portal.api.handlers.permission_denied"
handler404 = "portal.api.handlers.page_not_found"
handler500 = "portal.api.handlers.server_error"
