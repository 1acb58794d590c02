"""Endpoints of the tests' own, each showing one thing that the API kernel does for every endpoint."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from oauth2_provider.models import Application
from rest_framework import serializers
from rest_framework.response import Response

from portal.api.idempotency import idempotent
from portal.api.views import ApiView, ListView
from portal.errors import Rejected
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as real


class ThingQuery(serializers.Serializer):
    size = serializers.IntegerField(min_value=1, max_value=9, required=False)


class Part(serializers.Serializer):
    quantity = serializers.IntegerField(min_value=1, max_value=10)


class Thing(serializers.Serializer):
    email = serializers.EmailField(required=False)
    name = serializers.CharField(max_length=20)
    parts = Part(many=True, required=False)


class PublicView(ApiView):
    scopes = {"GET": None, "PUT": None, "DELETE": "profile"}
    query = ThingQuery
    max_age = 30

    def get(self, request: Any) -> Response:
        return Response({"actor": str(self.actor), "size": self.read_query().get("size")})

    def put(self, request: Any) -> Response:
        self.check_match({"actor": str(self.actor), "size": None})
        return Response({})

    def patch(self, request: Any) -> Response:
        return Response({"patched": True})

    def delete(self, request: Any) -> Response:
        return Response(status=204)


class PrivateView(ApiView):
    scopes = {"GET": "profile", "POST": ""}
    guests = {"POST"}

    def get(self, request: Any) -> Response:
        return Response({"email": self.actor.email})

    def post(self, request: Any) -> Response:
        return Response({"person": self.actor.is_authenticated})


class BodyView(ApiView):
    scopes = {"POST": None}

    def post(self, request: Any) -> Response:
        return Response({"name": self.read_body(Thing)["name"]})


class ClientView(ApiView):
    scopes = {"GET": "profile"}
    needs_user = False

    def get(self, request: Any) -> Response:
        return Response({"client": request.auth.application.name})


class FaultyView(ApiView):
    scopes = {"GET": None}

    def get(self, request: Any, kind: str) -> Response:
        raise FAULTS[kind]


FAULTS: dict[str, Exception] = {
    "rejected": Rejected("sold-out", "Only 2 are left.", left=2),
    "missing": Http404(),
    "broken": RuntimeError("secret detail"),
    "number": OverflowError(),
}


class MakeView(ApiView):
    """Its effect is an Application named `name`."""

    scopes = {"POST": None}

    @idempotent(required=True)
    def post(self, request: Any) -> Response:
        body = self.read_body(Thing)
        made = Application.objects.create(name=body["name"], client_type="public")
        if body["name"] == "sold out":
            raise Rejected("sold-out", "Sold out.", left=0)
        if body["name"] == "broken":
            raise RuntimeError("after the effect")
        return Response({"made": made.pk}, status=201, headers={"Location": f"/things/{made.pk}"})


class ThingsView(ListView):
    ordering = ("name",)
    page_size = 3

    def rows(self, params: dict[str, Any]) -> Any:
        return Application.objects.all()

    def represent(self, row: Any) -> dict[str, Any]:
        return {"id": str(row.pk), "name": row.name}


urlpatterns = [
    path("api/v1/public", PublicView.as_view()),
    path("api/v1/private", PrivateView.as_view()),
    path("api/v1/body", BodyView.as_view()),
    path("api/v1/client", ClientView.as_view()),
    path("api/v1/faults/<kind>", FaultyView.as_view()),
    path("api/v1/make", MakeView.as_view()),
    path("api/v1/make-also", MakeView.as_view()),
    path("api/v1/things", ThingsView.as_view()),
    *real,
]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
