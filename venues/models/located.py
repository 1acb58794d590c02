"""What all our page models share: links that follow BASE_URL, and publishing that is one transaction with what follows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string
from wagtail.models import Page, PagePermissionTester

from venues.ownership import fenced_vendor

IMAGE: dict[str, Any] = {"null": True, "blank": True, "on_delete": models.SET_NULL, "related_name": "+"}


class FencedPermissions(PagePermissionTester):
    """What somebody may do with a page. Privacy is staff's: its form names all groups, and so the other vendors."""

    def can_set_view_restrictions(self) -> bool:
        return super().can_set_view_restrictions() and fenced_vendor(self.user) is None


class SitePage(Page):
    """A page whose full links take scheme, host and port from BASE_URL, so that no port is stored in the database.

    Publishing, withdrawing and moving are one transaction with the listing and the messages that follow them.
    """

    # Nothing is posted to a page; forms have addresses of their own.
    allowed_http_methods: ClassVar[list[str]] = ["GET", "HEAD", "OPTIONS"]
    # The dotted path of a function that takes page and request and returns what the template gets besides: reads of
    # listings stay out of the models, which they need themselves.
    context_of: ClassVar[str] = ""

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        more = import_string(self.context_of)(self, request) if self.context_of else {}
        return {**super().get_context(request, *args, **kwargs), **more}

    def get_url_parts(self, request: Any = None) -> tuple[int, str | None, str | None] | None:
        parts = super().get_url_parts(request)
        if parts is None or parts[1] is None or len(self._get_site_root_paths(request)) > 1:
            return parts
        return parts[0], settings.BASE_URL, parts[2]

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return FencedPermissions(user, self)

    @transaction.atomic
    def publish(self, *args: Any, **kwargs: Any) -> Any:
        return super().publish(*args, **kwargs)

    @transaction.atomic
    def unpublish(self, *args: Any, **kwargs: Any) -> Any:
        return super().unpublish(*args, **kwargs)

    @transaction.atomic
    def move(self, *args: Any, **kwargs: Any) -> Any:
        return super().move(*args, **kwargs)
