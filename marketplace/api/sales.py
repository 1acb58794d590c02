"""GET /vendors/{id}/sales: what a vendor sold, as JSON or CSV."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.http import Http404
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from marketplace.sales import AMOUNTS, COUNTS, GROUPINGS, Period, Sales, read_sales
from marketplace.sales_csv import sales_csv
from portal import money
from portal.api.problems import InvalidInput
from portal.api.views import ApiView
from venues.models import EventPage, Vendor
from venues.queries import vendor_of


class CsvRenderer(BaseRenderer):
    """Says that there is CSV; the view writes it."""

    media_type, format, charset = "text/csv", "csv", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


class ReportQuery(serializers.Serializer):
    to = serializers.DateField(required=False, help_text="The last day, in the vendor's zone.")
    event = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    currency = serializers.RegexField(
        r"\A[A-Z]{3}\Z",
        required=False,
        help_text="ISO 4217. Left out: the vendor's own.",
        error_messages={"invalid": "Three capital letters, such as EUR."},
    )
    group = serializers.ChoiceField(list(GROUPINGS), default="day", help_text="What the groups are.")


FROM = serializers.DateField(required=False, help_text="The first day, in the vendor's zone.")
SalesQuery = type("SalesQuery", (ReportQuery,), {"from": FROM})  # in a class, Python takes no such name


class SalesView(ApiView):
    """The vendor's sales from the ledger, in one currency: `currencies` names all that there were movements in.

    `net` = `gross` + `fees` - `refunds` - `commission`; the groups add up to the totals. `Accept: text/csv` gives the
    groups as CSV, with amounts in the currency's major unit.
    """

    scopes: ClassVar[dict[str, str | None]] = {"GET": "sales:read"}
    query = SalesQuery
    renderer_classes = (JSONRenderer, CsvRenderer)

    @cached_property
    def vendor(self) -> Vendor:
        """The one that the caller works for. Every other is not there."""
        vendor = vendor_of(self.actor)
        if vendor is None or str(vendor.pk) != self.kwargs["vendor_id"]:
            raise Http404
        return vendor

    def get(self, request: Any, vendor_id: str) -> Response:
        vendor, params = self.vendor, self.read_query()
        period = _period(params)
        event_id = self._event_id(params.get("event"))
        by = params["group"]
        sales = read_sales(vendor, by=[by], period=period, event_id=event_id, currency=params.get("currency", ""))
        if request.accepted_renderer.media_type == CsvRenderer.media_type:
            name = f'attachment; filename="sales-{vendor.slug}-{by}.csv"'
            return Response(sales_csv(sales, by), headers={"Content-Disposition": name})
        return Response(represent_sales(sales, by))

    def _event_id(self, event_id: int | None) -> int | None:
        if event_id is not None and not EventPage.objects.child_of(self.vendor.page).filter(pk=event_id).exists():
            raise InvalidInput({"/event": ["This is no event of yours."]})
        return event_id


def _period(params: dict[str, Any]) -> Period:
    period = Period(params.get("from"), params.get("to"))
    if period.first and period.last and period.last < period.first:
        raise InvalidInput({"/to": ["This is before from."]})
    return period


def represent_sales(sales: Sales, by: str) -> dict[str, Any]:
    groups = [
        {
            "id": group["id"] or None,
            "name": group["name"],
            "event": {"id": group["event_id"], "title": group["event"]} if group["event_id"] else None,
            **_figures(group, sales.currency),
        }
        for group in sales.groups(by).to_dict("records")
    ]
    return {
        "vendor": {"id": str(sales.vendor.pk), "name": sales.vendor.name},
        "from": _day(sales.period.first),
        "to": _day(sales.period.last),
        "timezone": sales.vendor.timezone,
        "currency": sales.currency,
        "currencies": sales.currencies,
        **_figures(sales.total(), sales.currency),
        "groups": groups,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _figures(figures: dict[Any, Any], currency: str) -> dict[str, Any]:
    amounts = {name: money.as_json(figures[name], currency) for name in AMOUNTS}
    return amounts | {name: figures[name] for name in COUNTS}
