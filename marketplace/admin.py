"""Orders, payments, refunds, tickets, check-ins and the ledger for staff: to search, filter, look at and export.

Money hangs on every row, so nothing here can be added, changed or deleted. Vendors have screens of their own.
"""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.admin import display
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import lookup_field, unquote
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, re_path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup, modeladmin_register
from wagtail_modeladmin.views import IndexView, InspectView

from marketplace.models import CheckIn, CheckInAttempt, LedgerEntry, Order, Payment, Refund, Ticket
from marketplace.policy import policy_lines
from marketplace.spreadsheet import harmless
from portal import money
from venues.queries import vendor_of

MONEY_FIELDS = {"total", "amount", "price", "refunded"}


class StaffReadsOnly(PermissionHelper):
    """Whoever may view the model and works for no vendor sees it; nobody changes it."""

    def user_can_list(self, user: Any) -> bool:
        if user.is_superuser:
            return True
        may = self.user_has_specific_permission(user, self.get_perm_codename("view"))
        return may and vendor_of(user) is None

    def user_can_inspect_obj(self, user: Any, obj: Model) -> bool:
        return self.user_can_list(user)

    def user_can_create(self, user: Any) -> bool:
        return False

    def user_can_edit_obj(self, user: Any, obj: Model) -> bool:
        return False

    def user_can_delete_obj(self, user: Any, obj: Model) -> bool:
        return False


class RecordsView(IndexView):
    """The list. Only the filters that it shows filter: no look-up through other models by address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            return redirect(self.index_url)

    def get_filters(self, request: HttpRequest) -> tuple[Any, bool, dict[str, Any], bool]:
        known = tuple(name if isinstance(name, str) else name[0] for name in self.list_filter)
        # A list filter's parameters are its field's name and a look-up: "state__exact", "created_at__gte".
        for name, value in list(self.params.items()):
            if name not in self.IGNORED_PARAMS and (not name.startswith(known) or "\x00" in value):
                del self.params[name]
        return super().get_filters(request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> QuerySet[Any]:
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    def to_row_dict(self, item: Model) -> OrderedDict[str, Any]:
        """A zero is a zero here; only what is missing is empty."""
        row = ((name, lookup_field(name, item, self.model_admin)[2]) for name in self.list_export)
        return OrderedDict((name, "" if value is None else value) for name, value in row)

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        return harmless(super().preprocess_field_value(field, value, export_format))


class RecordView(InspectView):
    """One record, with its money as people write it."""

    def get_field_label(self, field_name: str, field: Any = None) -> str:
        return capfirst(super().get_field_label(field_name, field))

    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        if field_name in MONEY_FIELDS:
            _amount, currency = self.model_admin.worth(self.instance)
            return money.text(getattr(self.instance, field_name), currency)
        if field_name == "refund_policy":
            event = self.instance.event
            return " ".join(policy_lines(self.instance.refund_policy, start=event.start, zone=event.zone))
        return super().get_field_display_value(field_name, field)


class RecordAdmin(ModelAdmin):
    """`list_export` names model fields and methods. Everything else is off."""

    permission_helper_class = StaffReadsOnly
    index_view_class = RecordsView
    inspect_view_class = RecordView
    index_view_extra_css: ClassVar[list[str]] = ["marketplace/records.css"]
    inspect_view_extra_css: ClassVar[list[str]] = ["marketplace/records.css"]
    inspect_view_enabled = True
    history_view_enabled = False
    list_per_page = 50

    @property
    def export_filename(self) -> str:
        return self.opts.verbose_name_plural.replace(" ", "-")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_permissions_for_registration(self) -> QuerySet[Permission]:
        return super().get_permissions_for_registration().filter(codename__startswith="view_")

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """The list and the single record: the other addresses do not even exist."""
        views = {"index": self.index_view, "inspect": self.inspect_view}
        helper = self.url_helper
        return tuple(
            re_path(helper.get_action_url_pattern(name), view, name=helper.get_action_url_name(name))
            for name, view in views.items()
        )

    def inspect_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        try:
            self.opts.pk.to_python(unquote(instance_pk))
        except ValidationError as error:
            raise Http404 from error
        return super().inspect_view(request, instance_pk)

    def worth(self, obj: Any) -> tuple[int, str]:
        """The row's money: minor units and currency."""
        return obj.amount, obj.currency

    @display(description=_("amount"))
    def amount_text(self, obj: Any) -> str:
        return money.text(*self.worth(obj))

    @display(description=_("amount"))
    def amount_number(self, obj: Any) -> Decimal:
        return money.as_decimal(*self.worth(obj))


class OrderAdmin(RecordAdmin):
    model = Order
    menu_icon = "form"
    list_display = ("code", "state", "event", "vendor", "email", "amount_text", "created_at")
    list_select_related = ("event", "vendor", "user")
    list_filter = ("state", "created_at")
    search_fields = ("code", "email", "name", "event__title", "vendor__name")
    list_export = (
        "code",
        "state",
        "event",
        "vendor",
        "name",
        "email",
        "amount_number",
        "currency",
        "created_at",
        "paid_at",
    )
    inspect_view_fields = (
        "code", "state", "event", "vendor", "user", "name", "email", "total", "lines", "tickets", "payments",
        "refund_policy", "created_at", "expires_at", "due_at", "paid_at",
    )  # fmt: skip

    def worth(self, obj: Order) -> tuple[int, str]:
        return obj.total, obj.currency


class PaymentAdmin(RecordAdmin):
    model = Payment
    menu_icon = "tick-inverse"
    list_display = ("key", "state", "provider", "order", "amount_text", "created_at", "settled_at")
    list_select_related = ("order", "method")
    list_filter = ("state", "provider", "created_at")
    search_fields = ("key", "external_id", "order__code", "order__email")
    list_export = (
        "key", "state", "provider", "method", "order", "amount_number", "currency", "external_id", "failure", "created_at",
        "settled_at",
    )  # fmt: skip


class RefundAdmin(RecordAdmin):
    model = Refund
    menu_icon = "undo"
    list_display = ("key", "state", "order", "amount_text", "reason", "created_at", "done_at")
    list_select_related = ("payment__order",)
    list_filter = ("state", "created_at")
    search_fields = ("key", "external_id", "payment__order__code", "payment__order__email", "reason")
    list_export = (
        "key", "state", "order", "amount_number", "currency", "reason", "external_id", "failure", "created_at", "done_at",
    )  # fmt: skip

    def order(self, obj: Refund) -> str:
        return obj.payment.order.code

    def currency(self, obj: Refund) -> str:
        return obj.payment.currency

    def worth(self, obj: Refund) -> tuple[int, str]:
        return obj.amount, obj.payment.currency


class TicketAdmin(RecordAdmin):
    model = Ticket
    menu_icon = "tag"
    list_display = ("id", "state", "event", "ticket_type", "holder", "order", "amount_text", "created_at")
    list_select_related = ("event", "ticket_type", "order")
    list_filter = ("state", "created_at")
    search_fields = ("id", "order__code", "order__email", "order__name", "attendee", "event__title")
    list_export = ("id", "state", "event", "ticket_type", "holder", "order", "amount_number", "currency", "created_at")

    def holder(self, obj: Ticket) -> str:
        return obj.attendee or obj.order.name

    def currency(self, obj: Ticket) -> str:
        return obj.order.currency

    def worth(self, obj: Ticket) -> tuple[int, str]:
        return obj.price, obj.order.currency


class CheckInAdmin(RecordAdmin):
    model = CheckIn
    menu_icon = "check"
    list_display = ("at", "event", "order", "ticket_type", "gate", "by")
    list_select_related = ("ticket__event", "ticket__order", "ticket__ticket_type", "by")
    list_filter = ("at",)
    search_fields = ("ticket__order__code", "ticket__event__title", "gate", "ticket__order__email")
    list_export = ("at", "event", "order", "ticket_type", "ticket", "gate", "by")

    def event(self, obj: CheckIn) -> str:
        return str(obj.ticket.event)

    def order(self, obj: CheckIn) -> str:
        return obj.ticket.order.code

    def ticket_type(self, obj: CheckIn) -> str:
        return obj.ticket.ticket_type.name


class ScanAdmin(RecordAdmin):
    """Every look at a code, good or bad."""

    model = CheckInAttempt
    menu_label = _("Scans")
    menu_icon = "view"
    list_display = ("at", "result", "event", "order", "ticket_type", "gate", "by")
    list_select_related = ("event", "ticket__order", "ticket__ticket_type", "by")
    list_filter = ("result", "at")
    search_fields = ("ticket__order__code", "event__title", "gate", "ticket__order__email")
    list_export = ("at", "result", "event", "order", "ticket_type", "ticket", "gate", "by")
    ordering = ("-id",)

    def order(self, obj: CheckInAttempt) -> str:
        return obj.ticket.order.code if obj.ticket else ""

    def ticket_type(self, obj: CheckInAttempt) -> str:
        return obj.ticket.ticket_type.name if obj.ticket else ""


class LedgerEntryAdmin(RecordAdmin):
    model = LedgerEntry
    menu_icon = "list-ul"
    list_display = ("at", "booked_to", "amount_text", "transaction", "vendor", "event", "order", "tickets")
    list_select_related = ("vendor", "event", "order", "ticket_type", "payment_method")
    list_filter = ("account", "at")
    search_fields = ("transaction", "order__code", "vendor__name", "event__title")
    ordering = ("-id",)
    list_export = (
        "at", "transaction", "line", "account", "amount_number", "currency", "vendor", "event", "order", "ticket_type",
        "payment_method", "tickets",
    )  # fmt: skip

    @display(description=_("account"), ordering="account")
    def booked_to(self, obj: LedgerEntry) -> str:
        return obj.account


@modeladmin_register
class MarketplaceGroup(ModelAdminGroup):
    menu_label = _("Marketplace")
    menu_icon = "table"
    menu_order = 330
    items = (OrderAdmin, PaymentAdmin, RefundAdmin, TicketAdmin, CheckInAdmin, ScanAdmin, LedgerEntryAdmin)
