"""The site's browse page: the filter form, and one page of listings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.cache import cache
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.http import Http404, QueryDict
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from venues.models.listing import EventListing
from venues.models.vendor import EventType
from venues.promotions import promoted_for
from venues.queries import SORTS, browse, with_badges

PER_PAGE = 24
CHOICES_SECONDS = 60
MAX_ID = 2**63 - 1
MAX_PRICE = Decimal(10) ** 12
SORT_TITLES = {
    "date": _("Date, soonest first"),
    "-date": _("Date, latest first"),
    "price_asc": _("Price, lowest first"),
    "price_desc": _("Price, highest first"),
    "popularity": _("Most booked"),
    "newest": _("Newest"),
}


def event_types() -> list[EventType]:
    return cache.get_or_set("venues.event_types", lambda: list(EventType.objects.all()), CHOICES_SECONDS) or []


def cities() -> list[str]:
    """Where something is on."""
    return cache.get_or_set("venues.cities", _cities, CHOICES_SECONDS) or []


def _cities() -> list[str]:
    listings = EventListing.objects.filter(end__gt=now()).exclude(city="")
    return list(listings.order_by("city").values_list("city", flat=True).distinct())


class FilterForm(forms.Form):
    """The filters of the browse page, under the names of GET /events. Prices are in whole units of each event's currency."""

    search = forms.CharField(label=_("Search"), max_length=200, required=False, strip=True)
    type = forms.ChoiceField(label=_("Type"), required=False)
    date_from = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    date_to = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    price_min = forms.DecimalField(
        label=_("Price from"), required=False, min_value=0, max_value=MAX_PRICE, decimal_places=2
    )
    price_max = forms.DecimalField(
        label=_("Price to"), required=False, min_value=0, max_value=MAX_PRICE, decimal_places=2
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    venue = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    artist = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    vendor = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    available = forms.BooleanField(label=_("Tickets available"), required=False)
    free = forms.BooleanField(label=_("Free"), required=False)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=list(SORT_TITLES.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: Any = self.fields["type"]
        types.choices = [("", _("All types")), *((t.slug, t.title) for t in event_types())]

    @property
    def cities(self) -> list[str]:
        """What the city's field suggests."""
        return cities()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        _in_order(self, data, "date_from", "date_to", _("The last day is before the first."))
        _in_order(self, data, "price_min", "price_max", _("The highest price is below the lowest."))
        return data

    @property
    def params(self) -> dict[str, Any]:
        """The valid filters, for `browse`. An invalid one shows its error and does not filter."""
        typed = {"price_min": "amount_min", "price_max": "amount_max"}
        return {typed.get(name, name): value for name, value in self.cleaned_data.items()}


def _in_order(form: forms.Form, data: Mapping[str, Any], low: str, high: str, message: Any) -> None:
    if data.get(low) is not None and data.get(high) is not None and data[high] < data[low]:
        form.add_error(high, message)


class ListingPaginator(Paginator):
    """Gets a page and the total in one query."""

    object_list: QuerySet[Any]

    def page(self, number: Any) -> Page:
        number = self._number(number)
        first = (number - 1) * self.per_page
        rows = list(self.object_list.annotate(total=Window(Count("*")))[first : first + self.per_page])
        if rows:
            self.count = rows[0].total
        elif number > 1:
            raise InvalidPage(_("That page has no results."))
        else:
            self.count = 0
        return Page(rows, number, self)

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().count()

    @staticmethod
    def _number(number: Any) -> int:
        """Raises InvalidPage for what is no number, or one so large that no database counts so far."""
        text = str(number)
        if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0 and len(text) < 9):
            raise InvalidPage(_("That page number is not a number."))
        return int(text)


def browse_context(query: QueryDict | Mapping[str, str]) -> dict[str, Any]:
    """`filters` (the bound form), `page_obj` with badges, `total`, and `promoted` above a search's first page.

    Raises Http404 for a page that is not there.
    """
    # An unbound default for the sort would show no choice as selected.
    form = FilterForm({"sort": "date", **{name: value for name, value in query.items() if value != ""}})
    form.full_clean()
    page = page_of(browse(form.params), query.get("page") or "1")
    promoted = promoted_for(form.cleaned_data.get("search", "")) if page.number == 1 else []
    return {"filters": form, "page_obj": page, "total": page.paginator.count, "promoted": promoted}


def page_of(listings: QuerySet[EventListing], number: str) -> Page:
    paginator = ListingPaginator(listings, PER_PAGE)
    try:
        page = paginator.page(number)
    except InvalidPage as error:
        raise Http404(str(error)) from error
    with_badges(cast(Any, page.object_list))
    return page


assert set(SORT_TITLES) == set(SORTS)  # noqa: S101 - both lists are ours, and no request may find out
