"""The API's description: OpenAPI 3.1 at /api/v1/openapi.json, generated once a process from the views."""

from __future__ import annotations

import inspect
import json
import re
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from portal import extensions
from portal.api import answering
from portal.api.components import Components, without_partial_examples
from portal.api.operations import Operation, operation_of
from portal.api.refusals import codes_of, idempotency_of
from portal.api.views import ApiView

PREFIX = "/api/v1"
PARTS = re.compile(r"<(?:\w+:)?(\w+)>")


class Schema(AutoSchema):
    """What a view tells about itself: `operations`, `query`, `scopes`, `guests`, idempotency."""

    view: Any

    @property
    def told(self) -> Operation:
        return operation_of(self.view, self.method, self.path)

    def get_description(self) -> str:  # type: ignore[override]
        """The view's own words, not those of a base class, which speak to programmers."""
        own = vars(type(self.view))
        return inspect.cleandoc(getattr(own.get(self.method.lower()), "__doc__", "") or own.get("__doc__") or "")

    def get_summary(self) -> str:
        return self.told.summary

    def get_operation_id(self) -> str:
        return self.told.id

    def get_tags(self) -> list[str]:
        return [self.told.tag or self.path.removeprefix(f"{PREFIX}/").split("/")[0]]

    def is_deprecated(self) -> bool:
        return bool(self.told.retires)

    def get_extensions(self) -> dict[str, Any]:
        notes = {"x-sunset": self.told.retires, "x-head": self.method == "GET" and self.told.head}
        return {name: note for name, note in notes.items() if note}

    def get_request_serializer(self) -> Any:
        return self.told.body

    def get_examples(self) -> list[Any]:
        return [OpenApiExample("usual", self.told.example, request_only=True)] if self.told.example else []

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        found = super()._resolve_path_parameters(variables)
        for parameter in found:
            thing, _, is_id = parameter["name"].rpartition("_")
            parameter["description"] = f"The {thing}'s {is_id}." if thing else f"The {parameter['name']}."
        return found

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Our lists name their parameters in `query`."""
        return False

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = [self.view.query] if self.method == "GET" and self.view.query else []
        key = idempotency_of(self.view, self.method)
        names = {
            "Idempotency-Key": key,
            "If-None-Match": answering.has_etag(self.view, self.method),
            "If-Match": self.told.matches,
        }
        return found + [_header(name, required=use == "required") for name, use in names.items() if use]

    def get_auth(self) -> list[dict[str, Any]]:
        scope = self.view.scopes.get(self.method, "")
        if scope is None:
            return [{}]
        needed: list[dict[str, Any]] = [{"oauth2": [one] if one else []} for one in self.told.scopes or (scope,)]
        guest: dict[str, Any] = {"orderToken": []} if self.told.guest else {}
        return [*needed, guest] if self.method in self.view.guests else needed

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        problems = codes_of(self.view, self.method, self.path, self.told)
        good = answering.good(components(), self.view, self.method, self.told)
        return {**good, **answering.refusals(problems)}


def _header(name: str, *, required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, required=required, description=answering.REQUEST_HEADERS[name]
    )


def own_endpoints(endpoints: list[Any]) -> list[Any]:
    """Of all that DRF serves here (the CMS has some too) what belongs to this API."""
    return [found for found in endpoints if issubclass(getattr(found[3], "cls", object), ApiView)]


@cache
def components() -> Components:
    """The types of all answers. Their names are unique, so they are made together."""
    views = [(import_string(route.view)(), PARTS.sub(r"{\1}", route.path)) for route in extensions.api]
    told = [operation_of(view, method, f"{PREFIX}/{path}") for view, path in views for method in view.scopes]
    return Components(told)


@cache
def description(base_url: str = settings.BASE_URL) -> dict[str, Any]:
    """The description, with addresses below `base_url`."""
    with override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)
        made["servers"] = [{"url": f"{base_url}{PREFIX}"}]
        made["tags"] = [{"name": name} for name in answering.tags_in(made)]
        for path in made["paths"].values():
            answering.add_head(path)
        shared = made["components"]
        shared["schemas"] = _schemas(shared.get("schemas", {}))
        shared |= {"headers": answering.HEADERS, "examples": answering.examples(made, base_url)}
        shared["securitySchemes"] = {"oauth2": _oauth2(base_url), "orderToken": answering.ORDER_TOKEN}
        answering.share_refusals(made)
    return json.loads(OpenApiJsonRenderer().render(made))


def _schemas(taken: dict[str, Any]) -> dict[str, Any]:
    """What is `taken` from clients and what is answered to them, each under its name."""
    answered = without_partial_examples(components().schemas)
    if both := taken.keys() & answered.keys():
        raise ImproperlyConfigured(f"A body and an answer of the API are both called {', '.join(sorted(both))}.")
    return {**taken, **answered, "Problem": answering.PROBLEM}


def _oauth2(base: str) -> dict[str, Any]:
    scopes = {name: str(meaning) for name, meaning in settings.OAUTH_SCOPES.items()}
    code = {"authorizationUrl": f"{base}/o/authorize/", "tokenUrl": f"{base}/o/token/", "scopes": scopes}
    client = {"tokenUrl": f"{base}/o/token/", "scopes": scopes}
    return {"type": "oauth2", "flows": {"authorizationCode": code, "clientCredentials": client}}


class SchemaView(ApiView):
    """The description of this API."""

    scopes: ClassVar = {"GET": None}
    max_age = 300
    schema = None  # not part of what it describes

    def get(self, request: Any) -> HttpResponse:
        return HttpResponse(json.dumps(description()), content_type="application/json")
