"""The API's description: OpenAPI 3.1 at /api/v1/openapi.json, generated once a process from the views."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from portal.api.views import ApiView

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
}


class Schema(AutoSchema):
    """What a view tells about itself: `query`, `bodies` by method (serializers), `scopes`, idempotency."""

    view: Any
    method_mapping = {
        "get": "read",
        "post": "create",
        "put": "replace",
        "patch": "change",
        "delete": "delete",
    }

    def get_description(self) -> str:  # type: ignore[override]
        """The view's own words, not those of a base class, which speak to programmers."""
        return inspect.cleandoc(vars(type(self.view)).get("__doc__") or "")

    def get_operation_id(self) -> str:
        words = self.path.removeprefix("/api/v1/").replace("{", "").replace("}", "").replace("-", "_").split("/")
        return "_".join([self.method_mapping[self.method.lower()], *filter(None, words)])

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "bodies", {}).get(self.method)

    def get_response_serializers(self) -> Any:
        described = getattr(self.view, "responses", {}).get(self.method)
        usual = {200: OpenApiResponse(OpenApiTypes.OBJECT, description="As the documentation says")}
        problem = OpenApiResponse(PROBLEM, description="What went wrong")
        return {**(described or usual), ("4XX", "application/problem+json"): problem}

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = []
        if self.method == "GET" and self.view.query:
            found.append(self.view.query)
        idempotency = getattr(getattr(self.view, self.method.lower(), None), "idempotency", None)
        if idempotency:
            required = idempotency == "required"
            found.append(OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=required))
        return found

    def get_auth(self) -> list[dict[str, Any]]:
        scope = self.view.scopes.get(self.method, "")
        if scope is None:
            return []
        needed = {"oauth2": [scope] if scope else []}
        return [needed, {}] if self.method in self.view.guests else [needed]


def own_endpoints(endpoints: list[Any]) -> list[Any]:
    """Of all that DRF serves here (the CMS has some too) what belongs to this API."""
    return [found for found in endpoints if issubclass(getattr(found[3], "cls", object), ApiView)]


@cache
def description() -> bytes:
    generator = SchemaGenerator()
    made = generator.get_schema(request=None, public=True)
    made["components"]["securitySchemes"] = {"oauth2": _security()}
    return OpenApiJsonRenderer().render(made)


def _security() -> dict[str, Any]:
    base = settings.BASE_URL
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{base}/o/authorize/",
                "tokenUrl": f"{base}/o/token/",
                "scopes": _scopes(),
            },
            "clientCredentials": {"tokenUrl": f"{base}/o/token/", "scopes": _scopes()},
        },
    }


def _scopes() -> dict[str, str]:
    return {name: str(meaning) for name, meaning in settings.OAUTH_SCOPES.items()}


class SchemaView(ApiView):
    """The description of this API."""

    scopes: ClassVar = {"GET": None}
    max_age = 300
    schema = None  # not part of what it describes

    def get(self, request: Any) -> HttpResponse:
        return HttpResponse(description(), content_type="application/json")
