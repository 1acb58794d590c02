"""Affiliates: what they earn, and for vendors who takes part on which terms."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from marketplace import answers
from marketplace.affiliates import STATES, Balance, balances_of, conversions, link_of
from marketplace.api.methods import own_vendor
from marketplace.models import Affiliate, AffiliateProgramme, Conversion
from marketplace.services import affiliate as services
from portal import money
from portal.answers import ListOf, PageOf
from portal.api.fields import IdField
from portal.api.idempotency import idempotent
from portal.api.operations import Operation
from portal.api.problems import InvalidInput
from portal.api.views import ApiView, ListView
from portal.converters import is_id
from venues.api.represent import instant
from venues.models import Vendor

MOST_ID = 2**31 - 1
SCOPE = "affiliate"


class JoinInput(serializers.Serializer):
    vendor = IdField(help_text="The vendor whose affiliate you want to be.")


class ConversionsQuery(serializers.Serializer):
    vendor = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False, help_text="Only of this vendor.")
    event = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False, help_text="Only of this event.")
    state = serializers.ChoiceField(list(STATES), required=False, help_text="Only these.")
    date_from = serializers.DateField(required=False, help_text="The first day, in UTC.")
    date_to = serializers.DateField(required=False, help_text="The last day, in UTC.")


class ProgrammeInput(serializers.Serializer):
    commission_bps = serializers.IntegerField(min_value=0, max_value=10_000, help_text="Basis points: 1000 are 10 %.")
    cookie_days = serializers.IntegerField(min_value=1, max_value=365, help_text="For how many days a click counts.")
    admission = serializers.ChoiceField(AffiliateProgramme.Admission.choices, help_text="Who may take part.")


class PartnerInput(serializers.Serializer):
    state = serializers.ChoiceField([Affiliate.State.ACTIVE, Affiliate.State.ENDED], help_text="What becomes of it.")


class AffiliateView(ApiView):
    """Whose affiliate the caller is, with codes, links, terms and balances; POST applies to a vendor."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": SCOPE, "POST": SCOPE}
    operations: ClassVar = {
        "GET": Operation("list_memberships", "List whose affiliate you are", {200: ListOf[answers.Membership]}),
        "POST": Operation(
            "join_programme",
            "Become an affiliate",
            {201: answers.Membership},
            body=JoinInput,
            example={"vendor": "2"},
            problems=("programme-closed", "own-programme"),
        ),
    }

    def get(self, request: Any) -> Response:
        mine = Affiliate.objects.filter(user=self.actor).select_related("vendor__affiliate_programme")
        balances = balances_of(mine)
        return Response({"results": [represent_membership(row, balances.get(row.pk, [])) for row in mine]})

    @idempotent()
    def post(self, request: Any) -> Response:
        vendor = Vendor.objects.filter(pk=int(self.read_body(JoinInput)["vendor"])).first()
        if vendor is None:
            raise InvalidInput({"/vendor": ["There is no such vendor."]})
        affiliate = services.join(vendor, user=self.actor)
        return Response(represent_membership(affiliate, balances_of([affiliate]).get(affiliate.pk, [])), status=201)


class ConversionsView(ListView):
    """Orders that the caller's links and codes brought, newest first. Nothing in them says who bought."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": SCOPE}
    query = ConversionsQuery
    operations: ClassVar = {
        "GET": Operation("list_conversions", "List your conversions", {200: PageOf[answers.Conversion]})
    }
    ordering = ("-created_at",)

    def rows(self, params: dict[str, Any]) -> QuerySet[Conversion]:
        chosen = {FILTERS[name]: params[name] for name in FILTERS if name in params}
        if "date_from" in params:
            chosen["created_at__gte"] = _midnight(params["date_from"])
        if "date_to" in params:
            chosen["created_at__lt"] = _midnight(params["date_to"]) + timedelta(days=1)
        return conversions().filter(affiliate__user=self.actor, **chosen)

    def represent(self, row: Conversion) -> answers.Conversion:
        return represent_conversion(row)


class ProgrammeView(ApiView):
    """The vendor's own terms for affiliates; PUT changes what is sold from now on."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": SCOPE, "PUT": SCOPE}
    operations: ClassVar = {
        "GET": Operation("get_programme", "Read your terms for affiliates", {200: answers.AffiliateTerms}),
        "PUT": Operation(
            "set_programme",
            "Set your terms for affiliates",
            {200: answers.AffiliateTerms},
            body=ProgrammeInput,
            example={"commission_bps": 1000, "cookie_days": 30, "admission": "open"},
            matches=True,
        ),
    }

    def get(self, request: Any) -> Response:
        programme = AffiliateProgramme.objects.filter(vendor=own_vendor(self.actor)).first()
        if programme is None:
            raise Http404
        return Response(represent_programme(programme))

    def put(self, request: Any) -> Response:
        vendor = own_vendor(self.actor)
        current = AffiliateProgramme.objects.filter(vendor=vendor).first()
        self.check_match(represent_programme(current) if current else None)
        return Response(represent_programme(services.save_programme(vendor, **self.read_body(ProgrammeInput))))


class PartnersView(ListView):
    """The vendor's affiliates and applicants, with what each is owed."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": SCOPE}
    operations: ClassVar = {"GET": Operation("list_partners", "List your affiliates", {200: PageOf[answers.Partner]})}

    def rows(self, params: dict[str, Any]) -> QuerySet[Affiliate]:
        return partners_of(own_vendor(self.actor))

    def represent_all(self, rows: list[Affiliate]) -> list[answers.Partner]:
        balances = balances_of(rows)
        return [represent_partner(row, balances.get(row.pk, [])) for row in rows]


class PartnerView(ApiView):
    """Accept an applicant, or end an affiliate's part: `{"state": "active"}` or `{"state": "ended"}`."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": SCOPE, "PATCH": SCOPE}
    operations: ClassVar = {
        "GET": Operation("get_partner", "Read one affiliate", {200: answers.Partner}),
        "PATCH": Operation(
            "change_partner",
            "Accept or end an affiliate",
            {200: answers.Partner},
            body=PartnerInput,
            example={"state": "active"},
            matches=True,
        ),
    }

    def get(self, request: Any, partner_id: str) -> Response:
        return Response(self._shown(self._partner(partner_id)))

    def patch(self, request: Any, partner_id: str) -> Response:
        partner = self._partner(partner_id)
        self.check_match(self._shown(partner))
        change = services.end if self.read_body(PartnerInput)["state"] == Affiliate.State.ENDED else services.accept
        change(partner)
        return Response(self._shown(partner))

    def _partner(self, partner_id: str) -> Affiliate:
        partners = partners_of(own_vendor(self.actor))
        partner = partners.filter(pk=int(partner_id)).first() if is_id(partner_id) else None
        if partner is None:
            raise Http404
        return partner

    def _shown(self, partner: Affiliate) -> answers.Partner:
        return represent_partner(partner, balances_of([partner]).get(partner.pk, []))


FILTERS = {"vendor": "affiliate__vendor", "event": "order__event", "state": "state"}


def partners_of(vendor: Vendor) -> QuerySet[Affiliate]:
    return Affiliate.objects.filter(vendor=vendor).select_related("user")


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), UTC)


def represent_programme(programme: AffiliateProgramme) -> answers.AffiliateTerms:
    return {
        "commission_bps": programme.commission_bps,
        "cookie_days": programme.cookie_days,
        "admission": programme.admission,
    }


def represent_membership(affiliate: Affiliate, balances: list[Balance]) -> answers.Membership:
    vendor, link = affiliate.vendor, link_of(affiliate)
    return {
        "id": str(affiliate.pk),
        "vendor": {"id": str(vendor.pk), "name": vendor.name},
        "state": affiliate.state,
        "code": affiliate.code,
        "link": link,
        "event_link": f"{link}{{event}}/",
        "terms": represent_programme(vendor.affiliate_programme),
        "balances": [represent_balance(balance) for balance in balances],
    }


def represent_partner(affiliate: Affiliate, balances: list[Balance]) -> answers.Partner:
    return {
        "id": str(affiliate.pk),
        "name": affiliate.user.name,
        "email": affiliate.user.email,
        "state": affiliate.state,
        "code": affiliate.code,
        "balances": [represent_balance(balance) for balance in balances],
    }


def represent_balance(balance: Balance) -> answers.AffiliateBalance:
    return {
        "pending": money.as_json(balance.pending, balance.currency),
        "due": money.as_json(balance.due, balance.currency),
        "paid": money.as_json(balance.paid, balance.currency),
    }


def represent_conversion(row: Any) -> answers.Conversion:
    """`row` as ``conversions`` reads it."""
    order, vendor = row.order, row.affiliate.vendor
    return {
        "id": str(row.pk),
        "vendor": {"id": str(vendor.pk), "name": vendor.name},
        "event": {"id": str(order.event_id), "title": order.event.title},
        "code": row.affiliate.code,
        "source": row.source,
        "state": row.state,
        "created_at": instant(row.created_at, order.event.zone),
        "tickets": row.tickets,
        "sales": money.as_json(row.kept, order.currency),
        "commission_bps": row.commission_bps,
        "commission": money.as_json(row.owed + row.paid_out, order.currency),
    }
