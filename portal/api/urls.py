"""The API's URLs: what plugins added to ``portal.extensions.api``, the description, and a problem for all else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from portal import extensions
from portal.api import docs
from portal.api.problems import Problem, respond
from portal.api.schema import SchemaView
from portal.routing import for_role

app_name = "api"


def routes() -> list[Any]:
    """Patterns below /api/v1; those of other roles can be named and are not served here."""
    return [
        for_role(route.role, path(route.path, import_string(route.view).as_view(), name=route.name))
        for route in extensions.api
    ]


@csrf_exempt
def not_found(request: HttpRequest, **_captured: Any) -> HttpResponse:
    return respond(Problem(404, "not-found", "There is no such endpoint."), request)


urlpatterns = [
    path("v1/openapi.json", SchemaView.as_view(), name="openapi"),
    for_role("web", path("docs/", docs.overview, name="docs")),
    for_role("web", path("docs/operations/<slug:tag>", docs.operations, name="docs-operations")),
    for_role("web", path("docs/guides/<slug:slug>", docs.guide, name="docs-guide")),
    for_role("web", path("docs/problems", docs.problems, name="problems")),
    path("docs/problems/<slug:code>", docs.problem, name="problem"),
    path("v1/", include(routes())),
    re_path(r"^(?!cms/)", not_found),
]
