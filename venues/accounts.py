"""The account kind "vendor": who signs up as one can publish at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import TypedDict

from portal.errors import Rejected
from venues.api.answers import VendorName
from venues.queries import vendor_of
from venues.services.vendors import check_name, create_vendor

NAME_LENGTH = 120


class VendorPart(TypedDict):
    """What users are told of the vendor that they work for."""

    vendor: VendorName | None


class VendorAccount:
    title = gettext_lazy("Sell tickets for my events")

    def errors(self, data: Mapping[str, Any]) -> dict[str, str]:
        name = data.get("vendor_name")
        if not isinstance(name, str) or not name.strip():
            return {"vendor_name": _("Give the name that your events appear under.")}
        if len(name.strip()) > NAME_LENGTH:
            return {"vendor_name": _("Use at most %(count)d characters.") % {"count": NAME_LENGTH}}
        try:
            check_name(name)
        except Rejected as refusal:
            return {"vendor_name": refusal.message}
        return {}

    def create(self, user: Any, data: Mapping[str, Any]) -> None:
        create_vendor(user, name=data["vendor_name"])

    def represent(self, user: Any) -> VendorPart:
        vendor = vendor_of(user)
        return {"vendor": {"id": str(vendor.pk), "name": vendor.name} if vendor else None}
