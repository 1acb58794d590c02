"""A vendor's payment methods, and those that an event accepts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from marketplace import answers
from marketplace.extensions import payment_providers
from marketplace.models import PaymentMethod
from marketplace.services.methods import (
    add_method,
    attach_method,
    brands_of,
    change_method,
    methods_for,
    methods_of,
    open_config,
    remove_method,
    secrets_set,
)
from portal.api.idempotency import idempotent
from portal.api.operations import Link, Operation
from portal.api.problems import InvalidInput, Problem
from portal.api.views import ApiView
from portal.converters import is_id
from venues.api.events import find_event
from venues.models import EventPage, Vendor
from venues.queries import vendor_of, vendor_of_page

TAG = "payment methods"


class EventQuery(serializers.Serializer):
    event = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="What this event accepts, in place of your own."
    )


class MethodInput(serializers.Serializer):
    provider = serializers.CharField(max_length=60, help_text="stripe, cash, or a plugin's.")
    title = serializers.CharField(max_length=80, help_text="What buyers read.")
    config = serializers.DictField(required=False, help_text="The provider's settings. Secrets are never shown again.")


class MethodChange(serializers.Serializer):
    title = serializers.CharField(max_length=80, required=False)
    config = serializers.DictField(
        required=False, help_text="Replaces the settings. A secret that is left out stays; an empty one is taken away."
    )


class EventMethodInput(MethodInput):
    provider = serializers.CharField(max_length=60, required=False)
    title = serializers.CharField(max_length=80, required=False)
    payment_method = serializers.CharField(max_length=20, required=False, help_text="One of the vendor's own methods.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "payment_method" in attrs and len(attrs) > 1:
            raise serializers.ValidationError({"payment_method": "Give either this or a new method, not both."})
        for name in () if "payment_method" in attrs else ("provider", "title"):
            if name not in attrs:
                raise serializers.ValidationError({name: "This is needed, or payment_method."})
        return attrs


class MethodsView(ApiView):
    """With ?event= what that event accepts, for anyone; without, the vendor's own."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": "payment-methods", "POST": "payment-methods"}
    guests: ClassVar[set[str]] = {"GET"}
    operations: ClassVar = {
        "GET": Operation(
            "list_payment_methods",
            "List payment methods",
            {200: answers.MethodList},
            problems=("forbidden", "not-found", "gone"),
            tag=TAG,
        ),
        "POST": Operation(
            "add_payment_method",
            "Add a payment method",
            {201: answers.OwnMethod},
            body=MethodInput,
            example={"provider": "stripe", "title": "Card", "config": {"brands": ["visa", "mastercard"]}},
            problems=("forbidden",),
            headers=("Location",),
            links={"change": Link("replace_payment_method", {"method_id": "$response.body#/id"})},
            tag=TAG,
        ),
    }
    query = EventQuery

    def get(self, request: Any) -> Response:
        event_id = self.read_query().get("event")
        if event_id is not None:
            methods = methods_for(find_event(str(event_id), request.user))
            return Response({"results": [represent_public(method) for method in methods]})
        if request.auth is None:
            raise Problem(
                401, "unauthorized", "Your own payment methods need an access token; an event's need ?event=."
            )
        return Response({"results": [represent_method(method) for method in methods_of(own_vendor(request.user))]})

    @idempotent()
    def post(self, request: Any) -> Response:
        vendor = own_vendor(request.user)
        method = add_method(vendor, **self.read_body(MethodInput))
        location = f"{request.path}/{method.pk}"
        return Response(represent_method(method), status=201, headers={"Location": location})


def _changing(name: str, summary: str) -> Operation:
    return Operation(
        name,
        summary,
        {200: answers.OwnMethod},
        body=MethodChange,
        example={"title": "Card or Link"},
        problems=("forbidden", "account-in-use"),
        matches=True,
        tag=TAG,
    )


class MethodView(ApiView):
    """One of the vendor's own payment methods. Secrets are write-only: of those it is told which are set."""

    scopes: ClassVar[dict[str, str | None]] = dict.fromkeys(("GET", "PUT", "PATCH", "DELETE"), "payment-methods")
    operations: ClassVar = {
        "GET": Operation(
            "get_payment_method", "Read a payment method", {200: answers.OwnMethod}, problems=("forbidden",), tag=TAG
        ),
        "PUT": _changing("replace_payment_method", "Replace a payment method"),
        "PATCH": _changing("change_payment_method", "Change a payment method"),
        "DELETE": Operation(
            "remove_payment_method",
            "Remove a payment method",
            {204: None},
            problems=("forbidden", "in-use"),
            matches=True,
            tag=TAG,
        ),
    }

    def get(self, request: Any, method_id: str) -> Response:
        return Response(represent_method(own_method(request.user, method_id)))

    def put(self, request: Any, method_id: str) -> Response:
        method = own_method(request.user, method_id)
        self.check_match(represent_method(method))
        return Response(represent_method(change_method(method, **self.read_body(MethodChange))))

    patch = put

    def delete(self, request: Any, method_id: str) -> Response:
        method = own_method(request.user, method_id)
        self.check_match(represent_method(method))
        remove_method(method)
        return Response(status=204)


class EventMethodsView(ApiView):
    """Let an event be paid with one of its vendor's methods, or with a new one."""

    scopes: ClassVar[dict[str, str | None]] = {"POST": "payment-methods"}
    operations: ClassVar = {
        "POST": Operation(
            "add_event_payment_method",
            "Let an event take a payment method",
            {201: answers.OwnMethod},
            body=EventMethodInput,
            example={"payment_method": "8"},
            problems=("forbidden",),
            tag=TAG,
        )
    }

    @idempotent()
    def post(self, request: Any, event_id: str) -> Response:
        vendor = own_vendor(request.user)
        event = own_event(vendor, event_id)
        data = self.read_body(EventMethodInput)
        if "payment_method" in data:
            method = find_method(data["payment_method"], vendor=vendor)
            if method is None:
                raise InvalidInput({"/payment_method": ["You have no such payment method."]})
        else:
            method = add_method(vendor, **data)
        attach_method(event, method=method)
        return Response(represent_method(method), status=201)


def find_method(method_id: str, **scope: Any) -> PaymentMethod | None:
    """The method with that id within `scope`, unless it was removed."""
    return (
        PaymentMethod.objects.filter(pk=int(method_id), removed_at=None, **scope).first() if is_id(method_id) else None
    )


def own_method(user: Any, method_id: str) -> PaymentMethod:
    method = find_method(method_id, vendor=own_vendor(user))
    if method is None:
        raise Http404
    return method


def own_vendor(user: Any) -> Vendor:
    vendor = vendor_of(user)
    if vendor is None:
        raise Problem(403, "forbidden", "This is for vendors.")
    return vendor


def own_event(vendor: Vendor, event_id: str) -> EventPage:
    event = EventPage.objects.filter(pk=int(event_id)).first() if is_id(event_id) else None
    if event is None or vendor_of_page(event) != vendor:
        raise Http404
    return event


def represent_public(method: PaymentMethod) -> answers.Method:
    """What buyers may know."""
    shown: answers.Method = {"id": str(method.pk), "provider": method.provider, "title": method.title}
    if brands := brands_of(method):
        shown["brands"] = list(brands)
    return shown


def represent_method(method: PaymentMethod) -> answers.OwnMethod:
    """What its vendor sees: of secrets only that they are set."""
    return {
        **represent_public(method),
        "config": open_config(method),
        "secrets_set": sorted(secrets_set(method)),
        "status": "active" if method.provider in payment_providers else "unavailable",
    }
