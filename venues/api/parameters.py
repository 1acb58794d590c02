"""The query parameters of the public lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from venues.browsing import event_types
from venues.queries import SORTS

MAX_ID = 2**63 - 1


class Id(serializers.RegexField):
    """An id, which clients don't look into: some digits, as a string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9]{1,18}$", required=False, **kwargs)


class EventsQuery(serializers.Serializer):
    """What's on: filters and order."""

    search = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="Names of events, artists and venues. Typing mistakes are forgiven.",
    )
    type = serializers.CharField(max_length=50, required=False, help_text="For example concert.")
    price_min = serializers.IntegerField(
        min_value=0, max_value=MAX_ID, required=False, help_text="In minor units: 2500 are 25 euros."
    )
    price_max = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False, help_text="In minor units.")
    date_from = serializers.DateField(required=False, help_text="A day in the venue's zone.")
    date_to = serializers.DateField(required=False, help_text="The last day.")
    venue = Id(help_text="The id of the venue.")
    artist = Id(help_text="The id of somebody in the line-up.")
    vendor = Id(help_text="The id of who sells.")
    city = serializers.CharField(max_length=100, required=False, help_text="The venue's.")
    available = serializers.BooleanField(required=False, help_text="Only what can be bought now.")
    free = serializers.BooleanField(required=False, help_text="Only what costs nothing.")
    sort = serializers.ChoiceField(choices=list(SORTS), required=False, help_text="By date where nothing is said.")

    def validate_type(self, value: str) -> str:
        known = [kind.slug for kind in event_types()]
        if value not in known:
            raise serializers.ValidationError(_("Use one of %(types)s.") % {"types": ", ".join(known)})
        return value

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        for low, high in (("date_from", "date_to"), ("price_min", "price_max")):
            if low in data and high in data and data[high] < data[low]:
                raise serializers.ValidationError({high: [_("This is before or below %(low)s.") % {"low": low}]})
        return data


class NamesQuery(serializers.Serializer):
    search = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="Words of the name.")


class VenuesQuery(NamesQuery):
    city = serializers.CharField(max_length=100, required=False, help_text="The whole name, in any case.")
